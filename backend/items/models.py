"""Tables of the service-item catalogue and of applications."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field

from backend.db.columns import InDistrict, UtcDateTime, id_field, ref_field, time_field


def _utc_now() -> datetime:
    """Only tells caches that a row changed; no rule reads it."""
    return datetime.now(UTC)


class ServiceItem(InDistrict, table=True):
    """A certificate, allowance or other service. Only `admitted` and `adjusted` items are offered."""

    __tablename__ = "service_item"
    __table_args__ = (UniqueConstraint("district_code", "code", name="uq_service_item"),)
    id: int | None = id_field()
    code: str = Field(max_length=30)
    name: str = Field(max_length=80)
    aliases: str = Field(default="", max_length=400)  # separated by ;
    level: str = Field(max_length=12)  # grid | community | street | district
    unit: str = Field(max_length=60)
    materials: str = Field(default="", max_length=600)  # separated by ; a trailing * = may be photographed
    limit_working_days: int = 0
    fee: str = Field(default="", max_length=60)
    place: str = Field(default="", max_length=120)
    hours: str = Field(default="", max_length=120)
    phone: str = Field(default="", max_length=40)
    desk_days: str = Field(default="", max_length=120)  # rotating desk, e.g. "周二 二楼3号窗口 人社局"
    deliverable: bool = False
    state: str = Field(default="draft", max_length=12)  # draft | review | admitted | adjusted | cancelled
    cancelled_reason: str = Field(default="", max_length=200)
    appeal: str = Field(default="", max_length=200)
    area_code: str = Field(default="", max_length=20)  # "" = the whole district
    window_a: str = Field(default="", max_length=60)  # who sits at the window, and who stands in
    window_b: str = Field(default="", max_length=60)
    version: int = 1
    valid_from: date | None = None
    is_demo: bool = False
    updated_at: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime, default=_utc_now, onupdate=_utc_now, index=True)
    )


class ItemRevision(InDistrict, table=True):
    """An earlier or proposed form of an item, and who agreed to it: 申请、审核、准入、调整."""

    __tablename__ = "item_revision"
    id: int | None = id_field()
    item_id: int = ref_field()
    version: int
    state: str = Field(max_length=12)  # review | admitted | declined | past | cancelled
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reviews: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # unit -> opinion
    reason: str = Field(default="", max_length=200)
    by: str = Field(default="", max_length=60)
    at: datetime = time_field()
    decided_at: datetime | None = time_field(nullable=True)


class Application(InDistrict, table=True):
    """One person's request for one item."""

    __tablename__ = "application"
    __table_args__ = (
        Index("ix_application_open", "district_code", "state", "id"),
        Index("ix_application_path", "area_path", "id"),
    )
    id: int | None = id_field()
    number: str = Field(unique=True, max_length=20)
    item_id: int = ref_field()
    item_name: str = Field(max_length=80)
    state: str = Field(max_length=20)
    source: str = Field(max_length=12)
    resident_id: int | None = ref_field(nullable=True)
    area_code: str = Field(max_length=20)
    area_path: str = Field(max_length=90)
    level: str = Field(max_length=12)
    unit: str = Field(default="", max_length=60)
    limit_working_days: int = 0  # as promised on the day of filing; later changes of the item do not touch it
    delivery_wanted: bool = False
    missing: str = Field(default="", max_length=400)  # exactly what still has to be brought, separated by ;
    decision_reason: str = Field(default="", max_length=400)
    appeal: str = Field(default="", max_length=200)  # where to appeal a refusal
    place: str = Field(default="", max_length=120)  # where to fetch it
    proxy_sealed: bytes | None = None  # who may act for the applicant: name and phone, under the applicant's key
    proxy_resident_id: int | None = ref_field(nullable=True)
    delivery_address_sealed: bytes | None = None
    delivery_area_code: str | None = Field(default=None, max_length=20)
    delivery_slot: str = Field(default="", max_length=40)
    delivery_staff_id: int | None = ref_field(nullable=True)
    delivery_tries: int = 0  # failed visits
    door_code_index: str = Field(default="", max_length=40)
    door_code_sealed: bytes | None = None
    door_tries: int = 0  # wrong answers at the door in this visit
    created_at: datetime = time_field(index=True)
    updated_at: datetime = time_field()
    due_at: datetime | None = time_field(nullable=True, index=True)
    due_reasons: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    ready_at: datetime | None = time_field(nullable=True)
    closed_at: datetime | None = time_field(nullable=True)
    version: int = 0
    is_demo: bool = False


class ApplicationEvent(InDistrict, table=True):
    """One step in an application's history."""

    __tablename__ = "application_event"
    __table_args__ = (UniqueConstraint("application_id", "seq", name="uq_application_event"),)
    id: int | None = id_field()
    application_id: int = ref_field(index=False)
    seq: int
    at: datetime = time_field()
    move: str = Field(max_length=30)
    from_state: str | None = Field(default=None, max_length=20)
    to_state: str | None = Field(default=None, max_length=20)  # None = the state stayed
    actor_role: str = Field(max_length=20)
    actor: str = Field(max_length=40)  # "resident:5", "staff:12", "user:3", "system"
    actor_name: str = Field(default="", max_length=60)
    reason: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class AppointmentSlot(InDistrict, table=True):
    """A span at a counter or rotating desk for so many people."""

    __tablename__ = "appointment_slot"
    __table_args__ = (UniqueConstraint("district_code", "desk", "starts_at", name="uq_appointment_slot"),)
    id: int | None = id_field()
    desk: str = Field(max_length=80, index=True)  # the item's code, or a desk's own name
    title: str = Field(max_length=80)
    place: str = Field(default="", max_length=120)
    starts_at: datetime = time_field(index=True)
    ends_at: datetime = time_field()
    capacity: int
    closed_reason: str = Field(default="", max_length=120)  # "" = open


class Appointment(InDistrict, table=True):
    """One resident's place in a slot, or in its waiting list."""

    __tablename__ = "appointment"
    __table_args__ = (Index("ix_appointment_slot", "slot_id", "state", "id"),)
    id: int | None = id_field()
    slot_id: int = ref_field(index=False)
    resident_id: int = ref_field()
    state: str = Field(max_length=12)  # booked | waiting | cancelled | attended | missed
    created_at: datetime = time_field()
    updated_at: datetime = time_field()


class VolunteerGroup(InDistrict, table=True):
    """A volunteer or social organisation: which kinds of help it gives, and where."""

    __tablename__ = "volunteer_group"
    id: int | None = id_field()
    name: str = Field(max_length=80)
    kinds: str = Field(max_length=600)  # codes of kinds or of whole classes, separated by ;
    area_code: str = Field(max_length=20, index=True)  # serves this area and all below
    contact_staff_id: int | None = ref_field(nullable=True)
    is_active: bool = True
    is_demo: bool = False


class VolunteerRequest(InDistrict, table=True):
    """A resident's wish for a volunteer, and the group that took it."""

    __tablename__ = "volunteer_request"
    id: int | None = id_field()
    number: str = Field(unique=True, max_length=20)
    resident_id: int = ref_field()
    kind: str = Field(max_length=60)
    text: str = ""  # masked
    area_code: str = Field(max_length=20)
    group_id: int | None = ref_field(nullable=True)
    state: str = Field(max_length=12)  # asked | matched | done | cancelled
    created_at: datetime = time_field()
    updated_at: datetime = time_field()
