"""A conversation's rows: opened on the first word, its state and words sealed with the resident's key."""

import json
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.conversations.models import Conversation, ConversationMessage
from backend.office import Office
from backend.people.residents import Speaker


async def open_conversation(
    session: AsyncSession,
    office: Office,
    speaker: Speaker,
    now: datetime,
    *,
    chat: str,
    person: str = "",
    is_group: bool = False,
) -> Conversation:
    """The conversation of this person in this chat; a new one on the first word."""
    identity = speaker.identity
    found = (
        await session.exec(
            select(Conversation).where(
                Conversation.channel == identity.channel,
                Conversation.account == identity.account,
                Conversation.chat == chat,
                Conversation.person == person,
            )
        )
    ).first()
    if found is None:
        assert identity.id is not None
        found = Conversation(
            district_code=office.district_code,
            channel=identity.channel,
            account=identity.account,
            chat=chat,
            person=person,
            is_group=is_group,
            identity_id=identity.id,
            resident_id=speaker.resident_id,
            created_at=now,
            updated_at=now,
        )
        session.add(found)
        await session.flush()
    if found.resident_id != speaker.resident_id:  # linked by phone, or erased: the old state is not theirs any more
        found.resident_id, found.state_sealed = speaker.resident_id, None
    found.updated_at = now
    return found


def load_state(office: Office, conversation: Conversation, wrapped_key: bytes) -> dict[str, Any]:
    """Where the dialogue stands; empty at the beginning."""
    if not conversation.state_sealed:
        return {}
    stored: dict[str, Any] = json.loads(office.vault.open(wrapped_key, conversation.state_sealed).reveal())
    return stored


def save_state(office: Office, conversation: Conversation, wrapped_key: bytes, state: dict[str, Any]) -> None:
    """Seals where the dialogue stands into the conversation's row."""
    conversation.state_sealed = office.vault.seal(wrapped_key, json.dumps(state, ensure_ascii=False))


async def write_down(
    session: AsyncSession,
    office: Office,
    conversation: Conversation,
    wrapped_key: bytes,
    direction: str,
    text: str,
    now: datetime,
    *,
    kind: str = "text",
    attachment_id: int | None = None,
    case_id: int | None = None,
    user_id: int | None = None,
    meaning: dict[str, Any] | None = None,
) -> ConversationMessage:
    """Keeps one thing said: `direction` is in (resident), out (we), person (a member of staff)."""
    assert conversation.id is not None
    message = ConversationMessage(
        district_code=office.district_code,
        conversation_id=conversation.id,
        at=now,
        direction=direction,
        text_sealed=office.vault.seal(wrapped_key, text) if text else None,
        kind=kind,
        attachment_id=attachment_id,
        case_id=case_id,
        user_id=user_id,
        meaning=meaning or {},
    )
    session.add(message)
    await session.flush()
    return message


async def messages_of(session: AsyncSession, conversation_id: int, limit: int = 200) -> list[ConversationMessage]:
    """The last `limit` things said, oldest first."""
    found = await session.exec(
        select(ConversationMessage)
        .where(ConversationMessage.conversation_id == conversation_id)
        .order_by(col(ConversationMessage.id).desc())
        .limit(limit)
    )
    return list(reversed(found.all()))
