"""Tables of places and of those who serve them: areas, addresses, staff, duty, the calendar's own days."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from backend.db.columns import InDistrict, id_field, ref_field, time_field


class Area(InDistrict, table=True):
    """A district, street, community or grid. `path`: codes from the district down, each ending in `/`."""

    __tablename__ = "area"
    code: str = Field(primary_key=True, max_length=20)
    name: str = Field(max_length=60)
    level: str = Field(max_length=12, index=True)  # district | street | community | grid
    parent_code: str | None = Field(default=None, max_length=20, index=True)
    path: str = Field(max_length=90, index=True)
    polygon: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))  # GeoJSON, WGS-84
    households: int = 0
    is_demo: bool = False
    retired_at: datetime | None = time_field(nullable=True)


class Address(InDistrict, table=True):
    """A place people name. `aliases` are other names for it, separated by `;`."""

    __tablename__ = "address"
    id: int | None = id_field()
    address: str = Field(max_length=120, index=True)
    aliases: str = Field(default="", max_length=400)
    area_code: str = Field(max_length=20, index=True)
    lat: float | None = None
    lon: float | None = None


class Staff(InDistrict, table=True):
    """A person who serves an area. Two rows for one person who serves two areas."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("district_code", "name", "role", "area_code", name="uq_staff_place"),)
    id: int | None = id_field()
    name: str = Field(max_length=60)
    role: str = Field(max_length=20, index=True)  # worker responsible operator dispatcher verifier leader department
    area_code: str = Field(max_length=20, index=True)
    duty: str = Field(default="A", max_length=1)  # A | B
    unit: str | None = Field(default=None, max_length=60)
    phone_sealed: bytes | None = None
    phone_index: str | None = Field(default=None, max_length=40, index=True)
    channel: str | None = Field(default=None, max_length=12)
    channel_id: str | None = Field(default=None, max_length=128)
    on_duty: bool = True
    is_active: bool = True
    is_demo: bool = False


class DutyShift(InDistrict, table=True):
    """A span in which someone is on duty or away; `away` wins over everything else."""

    __tablename__ = "duty_shift"
    id: int | None = id_field()
    staff_id: int = ref_field()
    kind: str = Field(max_length=8)  # on | away
    starts_at: datetime = time_field(index=True)
    ends_at: datetime = time_field(index=True)
    note: str = Field(default="", max_length=120)


class CalendarDay(InDistrict, table=True):
    """One date of the district's own calendar; it wins over the public holidays."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("district_code", "day", name="uq_calendar_day"),)
    id: int | None = id_field()
    day: date
    is_working: bool
    reason: str = Field(max_length=80)


class RoutingRule(InDistrict, table=True):
    """An ordered rule that sends matching cases elsewhere than to the grid; the first match wins.

    `when` holds lists by name: categories, kinds, urgencies, areas, sources; an empty or absent list means "any".
    """

    __tablename__ = "routing_rule"
    id: int | None = id_field()
    position: int = Field(index=True)
    name: str = Field(max_length=80)
    when: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    target_kind: str = Field(max_length=12)  # person | unit | queue
    target: str = Field(max_length=60)
    is_active: bool = True
    disabled_because: str | None = Field(default=None, max_length=120)
