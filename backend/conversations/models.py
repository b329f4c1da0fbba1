"""Tables of conversations. State and words are sealed with the key of the resident they belong to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from backend.db.columns import InDistrict, id_field, ref_field, time_field


class Conversation(InDistrict, table=True):
    """One chat of one person on one channel. `mode`: bot answers, waiting for a person, or person has taken over."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "account", "chat", "person", name="uq_conversation"),)
    id: int | None = id_field()
    channel: str = Field(max_length=12)
    account: str = Field(max_length=64)
    chat: str = Field(max_length=128)
    person: str = Field(default="", max_length=128)
    is_group: bool = False
    identity_id: int = ref_field()
    resident_id: int = ref_field()
    state_sealed: bytes | None = None
    mode: str = Field(default="bot", max_length=8, index=True)
    waiting_since: datetime | None = time_field(nullable=True)
    waiting_for: str = Field(default="", max_length=120)
    claimed_by_id: int | None = ref_field(nullable=True, index=False)
    claimed_at: datetime | None = time_field(nullable=True)
    remind_at: datetime | None = time_field(nullable=True, index=True)  # one reminder of an unfinished draft
    updated_at: datetime = time_field(index=True)
    created_at: datetime = time_field()


class ConversationMessage(InDistrict, table=True):
    """One thing said, by either side."""

    __tablename__ = "conversation_message"
    id: int | None = id_field()
    conversation_id: int = ref_field()
    at: datetime = time_field()
    direction: str = Field(max_length=8)  # in | out | person
    text_sealed: bytes | None = None
    kind: str = Field(default="text", max_length=12)
    attachment_id: int | None = ref_field(nullable=True, index=False)
    case_id: int | None = ref_field(nullable=True)
    user_id: int | None = ref_field(nullable=True, index=False)
    meaning: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
