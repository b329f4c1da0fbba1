"""What was said in a conversation, opened for the reader with phones and id cards masked.

A case page shows what was said from a day before filing on: the talk that led to it and what followed, not a life.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import Case
from backend.conversations.models import Conversation, ConversationMessage
from backend.domain.visibility import mask_id_card, mask_phone
from backend.office import Office
from backend.people.residents import wrapped_key
from backend.people.vault import SealBroken

BEFORE_FILING = timedelta(days=1)
MOST_LINES = 120
_ID_CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said. `side`: in (resident), out (the bot), person (staff)."""

    id: int
    at: datetime
    side: str
    text: str
    kind: str
    attachment_id: int | None


def masked(text: str) -> str:
    """The text without whole phone and id card numbers."""
    return _PHONE.sub(lambda hit: mask_phone(hit[0]), _ID_CARD.sub(lambda hit: mask_id_card(hit[0]), text))


async def conversation_lines(session: AsyncSession, office: Office, case: Case) -> list[Line]:
    """What the case's reporter and we said around and after its filing, oldest first."""
    if case.resident_id is None or case.anonymous:
        return []
    found = await session.exec(
        select(ConversationMessage)
        .join(Conversation, col(Conversation.id) == col(ConversationMessage.conversation_id))
        .where(
            Conversation.resident_id == case.resident_id,
            ConversationMessage.at > case.created_at - BEFORE_FILING,
        )
        .order_by(col(ConversationMessage.id).desc())
        .limit(MOST_LINES)
    )
    key = await wrapped_key(session, case.resident_id)
    return opened(office, key, reversed(found.all()))


def opened(office: Office, key: bytes, rows: Iterable[ConversationMessage]) -> list[Line]:
    """Rows as lines; what cannot be opened any more (an erased person) stays empty."""
    return [
        Line(row.id or 0, row.at, row.direction, masked(_open(office, key, row)), row.kind, row.attachment_id)
        for row in rows
    ]


def _open(office: Office, key: bytes, row: ConversationMessage) -> str:
    try:
        return office.vault.open(key, row.text_sealed).reveal() if key else ""
    except SealBroken:
        return ""
