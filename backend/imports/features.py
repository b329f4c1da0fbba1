"""areas.geojson: features with code, name, level, parent_code and an optional polygon, each with its line."""

import json
import re
from collections.abc import Iterator
from json.decoder import JSONDecodeError
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from backend.areas.geometry import LEVELS, read_polygon
from backend.imports import cells
from backend.imports.cells import RowRefused
from backend.imports.parsing import Parsed
from backend.imports.polygons import check_borders, explain_invalid
from backend.imports.problems import Fault, Problem
from backend.imports.records import AreaRecord
from backend.imports.tables import Known

_SPACE = re.compile(r"[\s,]*")
Feature = tuple[int, dict[str, Any]]


def parse_areas(path: Path, encoding: str, known: Known, shapes: dict[str, BaseGeometry]) -> Parsed:
    """All areas of the file, parents before children. `shapes`: polygons already in the system, by code."""
    parsed = Parsed(encoding=encoding)
    text = path.read_text(encoding=encoding)
    try:
        features = list(_features(text))
    except JSONDecodeError as broken:
        parsed.problems.append(Problem(broken.lineno, Fault.NOT_JSON, {"detail": broken.msg}))
        return parsed
    if not features:
        parsed.problems.append(Problem(1, Fault.NOT_FEATURES))
        return parsed
    parsed.rows = len(features)
    drawn = dict(shapes)
    found = _read_all(features, parsed, drawn)
    _check_ladder(found, known, parsed)
    parsed.problems += check_borders({r.code: (line, r) for line, r in found}, drawn)
    for line, record in sorted(found, key=lambda pair: LEVELS.index(pair[1].level)):
        parsed.add(line, record)
    parsed.problems.sort(key=lambda problem: problem.line)
    return parsed


def _features(text: str) -> Iterator[Feature]:
    """(line, feature) for every member of the top-level `features`; raises JSONDecodeError when it is not JSON."""
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        return
    decoder, at, line, counted = json.JSONDecoder(), _start_of_features(text), 1, 0
    for feature in document["features"]:
        found = _SPACE.match(text, at)
        at = found.end() if found else at
        line += text.count("\n", counted, at)
        counted = at
        _, at = decoder.raw_decode(text, at)
        yield line, feature if isinstance(feature, dict) else {}


def _start_of_features(text: str) -> int:
    """Where the array of the top-level key `features` begins (behind its bracket), skipping other members whole."""
    decoder, at = json.JSONDecoder(), text.index("{") + 1
    while True:
        at = _skip(text, at)
        key, at = decoder.raw_decode(text, at)
        at = _skip(text, text.index(":", at) + 1)
        if key == "features":
            return at + 1
        _, at = decoder.raw_decode(text, at)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _read_all(features: list[Feature], parsed: Parsed, drawn: dict[str, BaseGeometry]) -> list[tuple[int, AreaRecord]]:
    found: list[tuple[int, AreaRecord]] = []
    seen: dict[str, int] = {}
    for line, feature in features:
        try:
            record, shape = _read_feature(feature)
        except RowRefused as refused:
            parsed.problems.append(Problem(line, refused.fault, refused.facts))
            continue
        if record.code in seen:
            facts = {"first": str(seen[record.code]), "value": record.code}
            parsed.problems.append(Problem(line, Fault.DUPLICATE, facts))
            continue
        seen[record.code] = line
        if shape is not None:
            drawn[record.code] = shape
        found.append((line, record))
    return found


def _read_feature(feature: dict[str, Any]) -> tuple[AreaRecord, BaseGeometry | None]:
    given = feature.get("properties") or {}
    values = {str(k): "" if v is None else str(v).strip() for k, v in given.items()} if isinstance(given, dict) else {}
    code = cells.code(values, "code", 20)
    level = cells.one_of(values, "level", LEVELS)
    geometry = feature.get("geometry")
    record = AreaRecord(
        code,
        cells.text(values, "name", 60, needed=True),
        level,
        cells.text(values, "parent_code", 20) or None,
        geometry if isinstance(geometry, dict) else None,
        cells.whole_number(values, "households", 0, 1_000_000),
    )
    return record, _read_shape(code, geometry) if geometry is not None else None


def _read_shape(code: str, geometry: object) -> BaseGeometry:
    try:
        shape = read_polygon(json.dumps(geometry, allow_nan=False))
    except ValueError:
        shape = None
    if shape is None or shape.is_empty:
        raise RowRefused(Fault.POLYGON_UNREADABLE, code=code)
    west, south, east, north = shape.bounds
    for lat, lon in ((south, west), (north, east)):
        cells.check_point(lat, lon)
    if not shape.is_valid:
        raise RowRefused(Fault.POLYGON_INVALID, code=code, detail=explain_invalid(shape))
    return shape


def _check_ladder(found: list[tuple[int, AreaRecord]], known: Known, parsed: Parsed) -> None:
    """Every area hangs under an area exactly one level up; only a district hangs under nothing."""
    levels = {**known, **{record.code: record.level for _, record in found}}
    for line, record in found:
        depth = LEVELS.index(record.level)
        wanted = LEVELS[depth - 1] if depth else ""
        parent = record.parent_code
        if depth == 0 and not parent:
            continue
        if depth and not parent:
            parsed.problems.append(Problem(line, Fault.EMPTY, {"column": "parent_code"}))
        elif parent not in levels:
            parsed.problems.append(Problem(line, Fault.PARENT_UNKNOWN, {"value": parent or ""}))
        elif levels[parent] != wanted:
            facts = {"level": record.level, "wanted": wanted or "-", "value": parent, "found": levels[parent]}
            parsed.problems.append(Problem(line, Fault.PARENT_LEVEL, facts))
