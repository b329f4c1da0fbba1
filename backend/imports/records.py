"""The typed rows that parsers make, the demo district is written in, and writers store."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The five lists a district brings."""

    AREAS = "areas"
    ADDRESSES = "addresses"
    STAFF = "staff"
    ITEMS = "items"
    KNOWLEDGE = "knowledge"


@dataclass(frozen=True, slots=True)
class AreaRecord:
    """A district, street, community or grid; `polygon` is a GeoJSON geometry, WGS-84."""

    code: str
    name: str
    level: str
    parent_code: str | None
    polygon: dict[str, Any] | None = None
    households: int = 0


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """A place people name; `aliases` separated by `;`; the point is WGS-84."""

    address: str
    aliases: str
    area_code: str
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class StaffRecord:
    """A person who serves an area; `phone` as digits, "" when none."""

    name: str
    role: str
    area_code: str
    duty: str = "A"
    phone: str = ""
    channel: str = ""
    channel_id: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """A service item; lists separated by `;`; the limit in working days, 0 = done at once."""

    code: str
    name: str
    aliases: str
    level: str
    unit: str
    materials: str
    limit_working_days: int
    place: str
    hours: str
    deliverable: bool
    state: str
    fee: str = ""
    desk_days: str = ""
    cancelled_reason: str = ""
    phone: str = ""
    appeal: str = ""
    window_a: str = ""
    window_b: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeRecord:
    """A question, its other wordings separated by `;`, the answer, and the last day it holds."""

    question: str
    variants: str
    answer: str
    valid_until: date | None = None


Record = AreaRecord | AddressRecord | StaffRecord | ItemRecord | KnowledgeRecord
