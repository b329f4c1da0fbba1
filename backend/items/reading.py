"""A row of the catalogue as facts: what to bring, which of it may be photographed, when the desk sits."""

import re

from backend.items.desk_days import parse_desk_days
from backend.items.facts import ItemFacts, Material
from backend.items.models import ServiceItem

PHOTO_MARK = "*"  # behind a paper: a photograph of it is enough
_SEPARATORS = re.compile(r"[;；|\n]+")


def materials_of(text: str) -> tuple[Material, ...]:
    """The papers of a `materials` column, in its order."""
    parts = (part.strip() for part in _SEPARATORS.split(text))
    return tuple(Material(part.rstrip("*＊ "), part.rstrip()[-1] in "*＊") for part in parts if part.rstrip("*＊ "))


def facts_of_item(row: ServiceItem) -> ItemFacts:
    """The facts of an item but for the next desk day, which depends on the day of asking."""
    return ItemFacts(
        code=row.code,
        name=row.name,
        materials=materials_of(row.materials),
        limit_working_days=row.limit_working_days,
        fee=row.fee,
        place=row.place,
        hours=row.hours,
        phone=row.phone,
        desk_days=parse_desk_days(row.desk_days),
        next_desk_day=None,
        deliverable=row.deliverable,
        state=row.state,
        cancelled_reason=row.cancelled_reason,
        unit=row.unit,
        level=row.level,
        appeal=row.appeal,
        area_code=row.area_code,
    )
