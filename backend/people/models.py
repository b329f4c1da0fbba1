"""Tables of people: residents and their keys, channel identities, staff users, panel sessions, the audit chain."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from backend.db.columns import InDistrict, id_field, ref_field, time_field


class Resident(InDistrict, table=True):
    """A person who speaks to us. Everything personal is sealed with the key in `ResidentKey`."""

    __tablename__ = "resident"
    id: int | None = id_field()
    name_sealed: bytes | None = None
    phone_sealed: bytes | None = None
    phone_index: str | None = Field(default=None, index=True, max_length=40)
    home_sealed: bytes | None = None  # usual address, offered but never assumed
    home_area_code: str | None = Field(default=None, max_length=20)
    language: str = Field(default="zh_CN", max_length=8)
    large_text: bool = False
    preferred_channel: str | None = Field(default=None, max_length=12)
    may_contact: bool = True  # "may we contact you again?", asked with the feedback
    consent_at: datetime | None = time_field(nullable=True)
    erased_at: datetime | None = time_field(nullable=True)
    created_at: datetime = time_field()


class ResidentKey(InDistrict, table=True):
    """The resident's wrapped key. Deleting this row erases the person."""

    __tablename__ = "resident_key"
    resident_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    wrapped: bytes


class ChannelIdentity(InDistrict, table=True):
    """One person on one channel: a resident, a member of staff, or (a grid worker who reports) both."""

    __tablename__ = "channel_identity"
    __table_args__ = (UniqueConstraint("channel", "account", "external_id", name="uq_channel_identity"),)
    id: int | None = id_field()
    channel: str = Field(max_length=12)
    account: str = Field(max_length=64)
    external_id: str = Field(max_length=128)
    resident_id: int | None = ref_field(nullable=True)
    staff_id: int | None = ref_field(nullable=True)
    unreachable: str | None = Field(default=None, max_length=120)  # why, e.g. "blocked"
    consents: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    last_seen_at: datetime | None = time_field(nullable=True)
    created_at: datetime = time_field()


class BindingCode(InDistrict, table=True):
    """A short code that ties a channel identity to a member of staff or to a resident's phone; used once."""

    __tablename__ = "binding_code"
    id: int | None = id_field()
    code_index: str = Field(max_length=40, unique=True)
    staff_id: int | None = ref_field(nullable=True)
    resident_id: int | None = ref_field(nullable=True)
    expires_at: datetime = time_field()
    used_at: datetime | None = time_field(nullable=True)


class User(InDistrict, table=True):
    """A login to the panel. `session_epoch` rises when rights change, which ends every old session at once."""

    __tablename__ = "panel_user"
    id: int | None = id_field()
    username: str = Field(unique=True, max_length=60)
    display_name: str = Field(max_length=60)
    password_hash: str = Field(max_length=200)
    role: str = Field(max_length=20, index=True)
    area_code: str = Field(max_length=20)
    unit: str | None = Field(default=None, max_length=60)
    staff_id: int | None = ref_field(nullable=True)
    language: str = Field(default="zh_CN", max_length=8)
    totp_sealed: bytes | None = None
    totp_last_step: int = 0  # a code is accepted once
    is_active: bool = True
    session_epoch: int = 0
    created_at: datetime = time_field()


class SavedFilter(InDistrict, table=True):
    """A case list that a user keeps under a name: the query string, read again like any other."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("user_id", "name", name="uq_saved_filter"),)
    id: int | None = id_field()
    user_id: int = ref_field()
    name: str = Field(max_length=40)
    query: str = Field(max_length=300)


class PanelSession(InDistrict, table=True):
    """A login session; only the digest of its id is kept, so that a copy of the database opens no session."""

    __tablename__ = "panel_session"
    id_digest: str = Field(primary_key=True, max_length=64)
    user_id: int = ref_field()
    epoch: int
    csrf: str = Field(max_length=64)
    created_at: datetime = time_field()
    seen_at: datetime = time_field()
    expires_at: datetime = time_field(index=True)


class LoginFailure(InDistrict, table=True):
    """Failed logins by account and by address, for the back-off."""

    __tablename__ = "login_failure"
    key: str = Field(primary_key=True, max_length=120)  # "user:NAME" or "from:ADDRESS"
    count: int = 0
    until: datetime | None = time_field(nullable=True)
    last_at: datetime = time_field()


class AuditEntry(InDistrict, table=True):
    """One line of the audit log, chained: `mac` covers the line and the mac before it."""

    __tablename__ = "audit_entry"
    id: int | None = id_field()
    at: datetime = time_field(index=True)
    actor: str = Field(max_length=80)
    action: str = Field(max_length=60, index=True)
    subject: str = Field(max_length=120)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    previous_mac: str = Field(max_length=64)
    mac: str = Field(max_length=64)


class AuditHead(InDistrict, table=True):
    """Where the audit log begins and ends, sealed: so that lines cut off at either end are missed."""

    __tablename__ = "audit_head"
    name: str = Field(primary_key=True, max_length=20)  # one row, "log"
    first_id: int = ref_field(index=False)  # lines up to this id were removed by the retention rule
    first_previous_mac: str = Field(max_length=64)  # what the oldest kept line is chained to
    last_id: int = ref_field(index=False)
    last_mac: str = Field(max_length=64)
    seal: str = Field(max_length=64)


class SecurityEvent(InDistrict, table=True):
    """Something an administrator should look at: forged webhooks, replays, guessing of links."""

    __tablename__ = "security_event"
    id: int | None = id_field()
    at: datetime = time_field(index=True)
    kind: str = Field(max_length=60)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
