"""Tables of the service-item catalogue and of applications."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field

from backend.db.columns import InDistrict, id_field, ref_field, time_field


class ServiceItem(InDistrict, table=True):
    """A certificate, allowance or other service. Only `admitted` items are offered."""

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
    desk_days: str = Field(default="", max_length=120)  # rotating desk, e.g. "周二 二楼3号窗口 人社局"
    deliverable: bool = False
    state: str = Field(default="draft", max_length=12)  # draft | review | admitted | adjusted | cancelled
    cancelled_reason: str = Field(default="", max_length=200)
    appeal: str = Field(default="", max_length=200)
    area_code: str = Field(default="", max_length=20)  # "" = the whole district
    version: int = 1
    valid_from: date | None = None
    is_demo: bool = False


class ItemRevision(InDistrict, table=True):
    """An earlier or proposed form of an item, and who agreed to it: 申请、审核、准入、调整."""

    __tablename__ = "item_revision"
    id: int | None = id_field()
    item_id: int = ref_field()
    version: int
    state: str = Field(max_length=12)
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reviews: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # unit -> opinion
    by: str = Field(default="", max_length=60)
    at: datetime = time_field()


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
    missing: str = Field(default="", max_length=400)  # exactly what still has to be brought
    decision_reason: str = Field(default="", max_length=400)
    door_code_index: str = Field(default="", max_length=40)
    proxy_sealed: bytes | None = None
    delivery_address_sealed: bytes | None = None
    delivery_slot: str = Field(default="", max_length=40)
    delivery_staff_id: int | None = ref_field(nullable=True, index=False)
    delivery_tries: int = 0
    created_at: datetime = time_field(index=True)
    updated_at: datetime = time_field()
    due_at: datetime | None = time_field(nullable=True, index=True)
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
