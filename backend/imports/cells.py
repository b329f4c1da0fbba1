"""Rules for single cells, shared by the five parsers: a value comes out, or a named fault is raised for the row."""

import re
from collections.abc import Collection
from datetime import date
from math import isfinite

from backend.areas.coordinates import in_china
from backend.areas.gazetteer import split_aliases
from backend.imports.problems import Fault

CODE = re.compile(r"[0-9A-Za-z_\-]+")
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}|\d{7,8}|\d{5}|[48]00-?\d{3}-?\d{4}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_TRUE, _FALSE = frozenset({"是", "true", "yes", "y", "1"}), frozenset({"否", "false", "no", "n", "0", ""})
_SENTENCE_ENDS = re.compile(r"[;；|\n]+")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


class RowRefused(Exception):
    """Raised while one row is read; the parser turns it into a Problem with the row's line."""

    def __init__(self, fault: Fault, **facts: str) -> None:
        super().__init__(fault.value)
        self.fault, self.facts = fault, facts


def text(cells: dict[str, str], column: str, most: int, *, needed: bool = False) -> str:
    """A cell's text, at most `most` characters, without control characters; line breaks stay in long answers."""
    value = cells.get(column, "")
    if needed and not value:
        raise RowRefused(Fault.EMPTY, column=column)
    if len(value) > most:
        raise RowRefused(Fault.TOO_LONG, column=column, most=str(most))
    if _CONTROL.search(value):
        raise RowRefused(Fault.CONTROL_CHARACTER, column=column)
    return value


def code(cells: dict[str, str], column: str, most: int) -> str:
    """A code of letters, digits and dashes."""
    value = text(cells, column, 400, needed=True)
    if len(value) > most or not CODE.fullmatch(value):
        raise RowRefused(Fault.BAD_CODE, value=value[:40], most=str(most))
    return value


def one_of(cells: dict[str, str], column: str, allowed: Collection[str], default: str | None = None) -> str:
    """A value of a closed list, lower or upper case; `default` when the cell is empty."""
    value = cells.get(column, "")
    if not value and default is not None:
        return default
    for choice in allowed:
        if value.lower() == choice.lower():
            return choice
    raise RowRefused(
        Fault.NOT_ALLOWED, column=column, value=value[:40], allowed=" ".join(sorted(filter(None, allowed)))
    )


def yes_or_no(cells: dict[str, str], column: str) -> bool:
    """是/否, true/false, yes/no, 1/0; empty is no."""
    value = cells.get(column, "").lower()
    if value not in _TRUE and value not in _FALSE:
        raise RowRefused(Fault.NOT_ALLOWED, column=column, value=value[:40], allowed="是 否 true false")
    return value in _TRUE


def whole_number(cells: dict[str, str], column: str, low: int, high: int) -> int:
    """A whole number within bounds; empty is the lower bound."""
    value = cells.get(column, "")
    if not value:
        return low
    try:
        number = int(value)
    except ValueError:
        raise RowRefused(Fault.NOT_A_NUMBER, column=column, value=value[:40]) from None
    if not low <= number <= high:
        raise RowRefused(Fault.OUT_OF_RANGE, column=column, value=value, low=str(low), high=str(high))
    return number


def names(cells: dict[str, str], column: str, most: int) -> str:
    """Other names (separated by ; ； | 、 or a comma), joined by `;`."""
    return ";".join(split_aliases(text(cells, column, most)))


def sentences(cells: dict[str, str], column: str, most: int) -> str:
    """Sentences or papers (separated by ; ； | or a line break; commas belong to them), joined by `;`."""
    return ";".join(part.strip() for part in _SENTENCE_ENDS.split(text(cells, column, most)) if part.strip())


def point(cells: dict[str, str]) -> tuple[float | None, float | None]:
    """(lat, lon) in degrees, or two Nones. Swapped columns are recognised: no place has both as latitude."""
    lat_text, lon_text = cells.get("lat", ""), cells.get("lon", "")
    if not lat_text and not lon_text:
        return None, None
    if not lat_text or not lon_text:
        raise RowRefused(Fault.HALF_A_POINT)
    lat, lon = _degrees("lat", lat_text), _degrees("lon", lon_text)
    check_point(lat, lon)
    return lat, lon


def check_point(lat: float, lon: float) -> None:
    """Refuses a point that is swapped or not on the globe."""
    if in_china(lon, lat) and not in_china(lat, lon):
        raise RowRefused(Fault.SWAPPED, lat=f"{lat:g}", lon=f"{lon:g}")
    for column, value, most in (("lat", lat, 90), ("lon", lon, 180)):
        if not -most <= value <= most:
            raise RowRefused(Fault.OUT_OF_RANGE, column=column, value=f"{value:g}", low=str(-most), high=str(most))


def _degrees(column: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise RowRefused(Fault.NOT_A_NUMBER, column=column, value=value[:40])
    return number


def phone(cells: dict[str, str], column: str = "phone") -> str:
    """Digits of a mobile number or landline; spaces, dashes and +86 are taken off; empty stays empty."""
    value = re.sub(r"[\s()（）]|^\+?86(?=1\d{10}$)", "", cells.get(column, ""))
    plain = re.sub(r"^\+?86(?=1\d{10}$)", "", value.replace("-", ""))
    if not plain:
        return ""
    if MOBILE.fullmatch(plain):
        return plain
    if LANDLINE.fullmatch(value):
        return plain
    raise RowRefused(Fault.BAD_PHONE, value=cells[column][:40])


def day(cells: dict[str, str], column: str) -> date | None:
    """A date such as 2026-12-31, 2026/12/31 or 2026年12月31日; empty is None."""
    value = cells.get(column, "")
    if not value:
        return None
    found = _DATE.fullmatch(value)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else date.fromisoformat(value)
    except ValueError:
        raise RowRefused(Fault.NOT_A_DATE, value=value[:40]) from None
