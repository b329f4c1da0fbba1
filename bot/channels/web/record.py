"""The talk as the page shows it: what the resident said, from the conversation, and our letters, from the mailbox."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import Attachment
from backend.conversations.models import Conversation, ConversationMessage
from backend.notices.letters import Choice, Link
from backend.notices.mailbox import MailboxLetter
from backend.notices.outbox import letter_from_json
from backend.office import Office
from backend.people.models import ChannelIdentity, Resident
from backend.people.residents import wrapped_key
from bot.channels.web.parse import ACCOUNT
from bot.messages import Channel, Said

MOST_LINES = 80  # of either side, on one page
LASTING = ("c:", "t:", "a:", "d:", "p:")  # buttons of notices, which name a case, task, application or appointment


@dataclass(frozen=True, slots=True)
class Line:
    """One bubble. `mine` is the resident's; `photo` an attachment id; `id` the letter's, 0 for the resident's own."""

    mine: bool
    at: datetime
    text: str
    id: int = 0
    photo: int | None = None
    kind: str = "text"
    choices: tuple[Choice, ...] = ()
    link: Link | None = None

    def as_json(self, link: str) -> dict[str, object]:
        """What the stream carries; `link` is the address that may be opened."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "text": self.text,
            "choices": [{"id": one.id, "label": one.label} for one in self.choices],
            "link": {"label": self.link.label, "url": link} if self.link else None,
        }


@dataclass(frozen=True, slots=True)
class Sitter:
    """What is known of the person at this chat before they say anything."""

    language: str = ""
    large_text: bool = False
    since: datetime | None = None
    conversation: Conversation | None = None
    key: bytes = field(default=b"", repr=False)


async def sitter_of(session: AsyncSession, chat: str) -> Sitter:
    """The person behind a chat id; empty for one who has said nothing yet, or was erased."""
    found = await session.exec(
        select(ChannelIdentity).where(
            ChannelIdentity.channel == Channel.WEB.value,
            ChannelIdentity.account == ACCOUNT,
            ChannelIdentity.external_id == chat,
        )
    )
    identity = found.first()
    resident = await session.get(Resident, identity.resident_id) if identity and identity.resident_id else None
    if resident is None or resident.erased_at is not None or resident.id is None:
        return Sitter()
    conversation = await session.exec(
        select(Conversation).where(
            Conversation.channel == Channel.WEB.value,
            Conversation.account == ACCOUNT,
            Conversation.chat == chat,
            Conversation.resident_id == resident.id,
        )
    )
    key = await wrapped_key(session, resident.id)
    return Sitter(resident.language, resident.large_text, resident.created_at, conversation.first(), key)


async def letters_after(session: AsyncSession, office: Office, chat: str, after: int, limit: int = 100) -> list[Line]:
    """Our letters to a chat above an id, oldest first."""
    rows = await session.exec(
        select(MailboxLetter)
        .where(MailboxLetter.chat == chat, col(MailboxLetter.id) > after)
        .order_by(col(MailboxLetter.id))
        .limit(limit)
    )
    return [_letter(office, row) for row in rows.all()]


async def last_letter(session: AsyncSession, chat: str) -> int:
    """The id of the newest letter of a chat; 0 when there is none."""
    found = await session.exec(
        select(MailboxLetter.id).where(MailboxLetter.chat == chat).order_by(col(MailboxLetter.id).desc()).limit(1)
    )
    return found.first() or 0


async def talk_of(session: AsyncSession, office: Office, chat: str, sitter: Sitter) -> list[Line]:
    """The newest lines of both sides in the order in which they were said."""
    if sitter.since is None:
        return []
    rows = await session.exec(
        select(MailboxLetter)
        .where(MailboxLetter.chat == chat, MailboxLetter.at >= sitter.since)
        .order_by(col(MailboxLetter.id).desc())
        .limit(MOST_LINES)
    )
    letters = [_letter(office, row) for row in reversed(rows.all())]
    labels = {choice.id: choice.label for letter in letters for choice in letter.choices}
    said = await _said(session, office, sitter, labels)
    return _without_old_questions(sorted([*said, *letters], key=lambda line: line.at))


def _without_old_questions(lines: list[Line]) -> list[Line]:
    """A question that was answered shows its buttons no more; buttons about a case stay, they still mean something."""
    last_said = max((place for place, line in enumerate(lines) if line.mine), default=-1)
    return [
        replace(line, choices=tuple(one for one in line.choices if one.id.startswith(LASTING)))
        if place < last_said
        else line
        for place, line in enumerate(lines)
    ]


def _letter(office: Office, row: MailboxLetter) -> Line:
    letter = letter_from_json(office.vault.open_office(row.body_sealed).reveal())
    return Line(False, row.at, letter.text, row.id or 0, choices=letter.choices, link=letter.link)


async def _said(session: AsyncSession, office: Office, sitter: Sitter, labels: dict[str, str]) -> list[Line]:
    if sitter.conversation is None or not sitter.key:
        return []
    rows = await session.exec(
        select(ConversationMessage)
        .where(ConversationMessage.conversation_id == sitter.conversation.id, ConversationMessage.direction == "in")
        .order_by(col(ConversationMessage.id).desc())
        .limit(MOST_LINES)
    )
    lines = [_said_line(office, sitter.key, row, labels) for row in rows.all()]
    return [line for line in reversed(lines) if line.kind != Said.SCAN]


def _said_line(office: Office, key: bytes, row: ConversationMessage, labels: dict[str, str]) -> Line:
    text = office.vault.open(key, row.text_sealed).reveal() if row.text_sealed else ""
    if row.kind == Said.CHOICE:
        pressed = text.removeprefix(f"[{row.kind}]").strip()
        text = labels.get(pressed, "✓")
    elif row.kind != Said.TEXT:
        text = ""
    return Line(True, row.at, text, photo=row.attachment_id, kind=row.kind)


async def photo_of(session: AsyncSession, attachment_id: int, sitter: Sitter) -> Attachment | None:
    """A photo that was sent in this very chat; None for any other."""
    photo = await session.get(Attachment, attachment_id)
    if photo is None or sitter.conversation is None or photo.conversation_id != sitter.conversation.id:
        return None
    return photo if photo.mime == "image/jpeg" else None
