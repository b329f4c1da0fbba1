"""Tables of the outbox and the ledger, and what the senders share: tokens, windows, buckets, the channel's health."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field

from backend.db.columns import BigId, InDistrict, id_field, ref_field, time_field


class Notice(InDistrict, table=True):
    """One thing to tell one person, written in the transaction that made it true.

    Ends as `delivered`, `dead` (visible, replayable) or `suppressed` (with `reason`). `order_key` keeps the notices of
    one case to one person in order; `dedupe_key` makes each milestone happen once.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_due", "status", "waits_for", "lane", "due_at"),
        Index("ix_notice_lease", "status", "lease_until"),
        Index("ix_notice_order", "order_key", "status", "id"),
    )
    id: int | None = id_field()
    dedupe_key: str = Field(unique=True, max_length=160)
    milestone: str = Field(max_length=40, index=True)
    audience: str = Field(max_length=10)  # resident | worker | staff
    lane: int = 1  # 0 urgent, 1 normal, 2 bulk
    case_id: int | None = ref_field(nullable=True)
    application_id: int | None = ref_field(nullable=True)
    resident_id: int | None = ref_field(nullable=True)
    staff_id: int | None = ref_field(nullable=True)
    conversation_id: int | None = ref_field(nullable=True)  # a reply goes back to where the question came from
    order_key: str = Field(max_length=80)
    body_sealed: bytes  # an Outgoing as JSON, sealed under the office key
    status: str = Field(default="ready", max_length=12)  # ready | leased | delivered | dead | suppressed
    waits_for: str = Field(default="", max_length=80)  # the account whose rate is used up; "" = nothing in the way
    due_at: datetime = time_field()
    expires_at: datetime | None = time_field(nullable=True)
    tries: int = 0
    routes_tried: str = Field(default="", max_length=200)
    lease_owner: str | None = Field(default=None, max_length=60)
    lease_until: datetime | None = time_field(nullable=True)
    reason: str | None = Field(default=None, max_length=300)
    plan: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # why this route
    created_at: datetime = time_field(index=True)
    ended_at: datetime | None = time_field(nullable=True)
    seen_at: datetime | None = time_field(nullable=True)


class NoticeTry(InDistrict, table=True):
    """The ledger: every try to tell somebody something, and how it ended."""

    __tablename__ = "notice_try"
    id: int | None = id_field()
    notice_id: int = ref_field()
    at: datetime = time_field()
    channel: str = Field(max_length=12)
    route: str = Field(max_length=20)  # reply | customer | template | subscribe | chat | sms | call_back
    outcome: str = Field(max_length=14)
    vendor_id: str = Field(default="", max_length=120)
    reason: str = Field(default="", max_length=300)


class VendorToken(InDistrict, table=True):
    """An access token with the bookkeeping of its renewal, shared by all processes; sealed JSON."""

    __tablename__ = "vendor_token"
    account: str = Field(primary_key=True, max_length=80)
    value_sealed: bytes
    expires_at: datetime = time_field()


class ApprovedTemplate(InDistrict, table=True):
    """A vendor's approved template for one milestone: its id there, and which of our fields fills each of its own."""

    __tablename__ = "approved_template"
    __table_args__ = (UniqueConstraint("route", "milestone", name="uq_approved_template"),)
    id: int | None = id_field()
    route: str = Field(max_length=20)  # wechat.template | wechat.subscribe | sms
    milestone: str = Field(max_length=60)  # e.g. "resident.done"
    template_id: str = Field(max_length=80)
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    long_term: bool = False  # a 订阅通知 that needs one consent for good


class SendWindow(InDistrict, table=True):
    """What WeChat still allows towards one person: opened by what they did, spent by what we send."""

    __tablename__ = "send_window"
    __table_args__ = (UniqueConstraint("channel", "account", "person", "kind", name="uq_send_window"),)
    id: int | None = id_field()
    channel: str = Field(max_length=12)
    account: str = Field(max_length=64)
    person: str = Field(max_length=128)
    kind: str = Field(max_length=12)  # message (5 in 48 h) | event (3 in 1 min)
    opened_at: datetime = time_field()
    closes_at: datetime = time_field()
    allowed: int
    spent: int = 0


class ChannelHealth(InDistrict, table=True):
    """Whether an account of a channel (or one of its routes) may be used now, and why not."""

    __tablename__ = "channel_health"
    account: str = Field(primary_key=True, max_length=100)  # "wechat:APPID" or "wechat:APPID/template"
    stopped_until: datetime | None = time_field(nullable=True)
    reason: str = Field(default="", max_length=200)
    failures: int = 0  # in a row; each run of them stops the account a little longer
    updated_at: datetime = time_field()


class SendBucket(InDistrict, table=True):
    """The pace of one account or one person, shared by all processes: when the next message may go."""

    __tablename__ = "send_bucket"
    key: str = Field(primary_key=True, max_length=200)  # "telegram:BOT", "wecom:CORP:p:MEMBER:60"
    next_at: datetime = time_field(index=True)


class DayQuota(InDistrict, table=True):
    """How many messages an account has sent on one route on one day in Beijing, where the platform's quotas end."""

    __tablename__ = "day_quota"
    key: str = Field(primary_key=True, max_length=120)  # "wechat:APPID/template:2026-11-23"
    used: int = 0
    updated_at: datetime = time_field(index=True)


class CallBack(InDistrict, table=True):
    """A telephone call for an operator to make, because nothing else reached the person; open until `done_at`."""

    __tablename__ = "call_back"
    id: int | None = id_field()
    notice_id: int = Field(unique=True, sa_type=BigId)
    resident_id: int | None = ref_field(nullable=True)
    staff_id: int | None = ref_field(nullable=True)
    case_id: int | None = ref_field(nullable=True)
    application_id: int | None = ref_field(nullable=True)
    why: str = Field(max_length=300)
    text_sealed: bytes  # what to say, sealed under the office key
    due_at: datetime = time_field()
    created_at: datetime = time_field()
    done_at: datetime | None = time_field(nullable=True, index=True)
    done_by_id: int | None = ref_field(nullable=True, index=False)
    outcome: str = Field(default="", max_length=200)


class Lease(InDistrict, table=True):
    """Which process does what only one may do (the scheduler's ticks)."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True, max_length=60)
    holder: str = Field(max_length=60)
    until: datetime = time_field()
