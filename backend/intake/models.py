"""Table of the inbox and of the nonces seen on webhooks."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.db.columns import InDistrict, id_field, time_field


class InboxMessage(InDistrict, table=True):
    """One message from outside, unique on (channel, account, external id); the same key again has no effect."""

    __tablename__ = "inbox_message"
    __table_args__ = (
        UniqueConstraint("channel", "account", "external_id", name="uq_inbox_message"),
        Index("ix_inbox_due", "status", "due_at"),
        Index("ix_inbox_person", "person_key", "status", "id"),
    )
    id: int | None = id_field()
    channel: str = Field(max_length=12)
    account: str = Field(max_length=64)
    external_id: str = Field(max_length=160)
    person_key: str = Field(max_length=200)  # one writer per person at a time
    body_sealed: bytes  # the translated message, sealed under the office key; emptied once old
    body_digest: str = Field(max_length=64)  # another body under the same key is a security event
    status: str = Field(default="ready", max_length=12)  # ready | leased | done | quarantined
    tries: int = 0
    due_at: datetime = time_field()
    lease_owner: str | None = Field(default=None, max_length=60)
    lease_until: datetime | None = time_field(nullable=True)
    error: str | None = Field(default=None, max_length=300)
    received_at: datetime = time_field()
    done_at: datetime | None = time_field(nullable=True)


class SeenNonce(InDistrict, table=True):
    """A webhook nonce and the digest of what it signed, kept for the freshness window."""

    __tablename__ = "seen_nonce"
    key: str = Field(primary_key=True, max_length=120)  # channel:account:nonce:timestamp
    digest: str = Field(max_length=64)
    at: datetime = time_field(index=True)
