"""Forgetting a person: what goes at once, what goes a day later, and what stays without anyone behind it.

| what                                             | at once              | a day later          |
|--------------------------------------------------|----------------------|----------------------|
| the key: name, phone, home, words, dialogue      | dropped: noise       |                      |
| conversation messages, voices, private photos    | deleted              |                      |
| certificates' papers, proxy, delivery address    | deleted              |                      |
| inbox bodies, letters, call-backs, page links    | emptied or withdrawn |                      |
| notices to them                                  | emptied, held back   | the farewell emptied |
| channel ids (openid, chat id), chats, windows    |                      | deleted              |
| cases, applications, histories, the audit log    | stay, nobody behind  |                      |

The day is for the farewell to arrive in the chat that asked; what is written into that chat later is a new person's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, cast

from sqlalchemy import CursorResult, Update, and_, delete, event, or_, update
from sqlalchemy.sql.dml import Delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import Attachment, Case, CaseReporter, PageLink
from backend.conversations.models import Conversation, ConversationMessage
from backend.intake.models import InboxMessage
from backend.items.models import Application
from backend.notices.letters import Outgoing
from backend.notices.mailbox import MailboxLetter
from backend.notices.models import CallBack, Notice, SendWindow
from backend.notices.outbox import letter_to_json
from backend.office import Office
from backend.people.models import BindingCode, ChannelIdentity, Resident
from backend.people.residents import drop_key, resident_key
from nlu.errors import LinliError

FAREWELL = timedelta(days=1)
PRIVATE_KINDS = ("voice", "paper", "signature")
GONE = "erased"


class ErasureNeedsReason(LinliError):
    """Say why this person is forgotten: who asked, and how you knew it was them."""

    code: ClassVar[str] = "erasure_needs_reason"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Erased:
    """What went. `files`: stored files that nothing names any more; they are deleted once this is committed."""

    messages: int
    notices: int
    cases: int
    files: tuple[str, ...]


async def erase_person(
    session: AsyncSession, office: Office, resident: Resident, by: str, reason: str, now: datetime
) -> Erased:
    """Forgets a person in the caller's transaction; `by` is the audit key of who does it. Audited, without the data.

    Files go from the disk after the commit: a rolled-back erasure has lost nothing.

    Raises `ErasureNeedsReason`.
    """
    assert resident.id is not None
    if not reason.strip():
        raise ErasureNeedsReason
    chats = await _chats(session, resident.id)
    files = await _drop_files(session, chats, resident.id)
    event.listen(
        session.sync_session, "after_commit", lambda _session: delete_files(office.media_folder, files), once=True
    )
    await drop_key(session, resident, now)
    messages = await _count(
        session, delete(ConversationMessage).where(col(ConversationMessage.conversation_id).in_(_ids(chats)))
    )
    for chat in chats:
        chat.state_sealed, chat.remind_at, chat.waiting_for = None, None, ""
        session.add(chat)
    await _empty_inbox(session, office, chats)
    notices = await _empty_notices(session, office, resident.id, chats, now)
    cases = await _step_back(session, resident.id, now)
    await office.auditor.record(
        session,
        at=now,
        actor=by,
        action="erase_resident",
        subject=resident_key(resident.id),
        reason=reason.strip()[:200],
        messages=messages,
        notices=notices,
        cases=cases,
    )
    return Erased(messages, notices, cases, files)


def delete_files(folder: Path, files: Sequence[str]) -> None:
    """Removes stored files; a name that leads outside the folder is left alone."""
    root = folder.resolve()
    for name in files:
        path = (root / name).resolve()
        if path.is_relative_to(root):
            path.unlink(missing_ok=True)


async def forget_traces(office: Office, now: datetime) -> int:
    """The second half, as a job: a day after an erasure the channel ids go, and with them every way back."""
    gone = 0
    async with office.database.write() as session:
        of_erased = await session.exec(
            select(Conversation)
            .join(Resident, col(Resident.id) == col(Conversation.resident_id))
            .where(col(Resident.erased_at) < now - FAREWELL, Conversation.chat != GONE)
            .limit(200)
        )
        for chat in of_erased.all():
            await _forget_chat(session, office, chat, now)
            gone += 1
    return gone


async def _forget_chat(session: AsyncSession, office: Office, chat: Conversation, now: datetime) -> None:
    """Everything that still leads from a forgotten conversation to a person on a channel."""
    identity = await session.get(ChannelIdentity, chat.identity_id)
    person = chat.person or chat.chat
    await _empty_inbox(session, office, [chat])
    await _empty_notices(session, office, chat.resident_id, [chat], now)
    for statement in (
        delete(MailboxLetter).where(col(MailboxLetter.chat) == chat.chat, col(MailboxLetter.channel) == chat.channel),
        delete(SendWindow).where(
            col(SendWindow.channel) == chat.channel,
            col(SendWindow.account) == chat.account,
            col(SendWindow.person) == person,
        ),
        delete(ConversationMessage).where(col(ConversationMessage.conversation_id) == chat.id),
    ):
        await session.execute(statement)
    chat.chat, chat.person, chat.account, chat.state_sealed = GONE, str(chat.id), GONE, None
    session.add(chat)
    if identity is not None and identity.resident_id == chat.resident_id:
        identity.resident_id = None
        if identity.staff_id is None:
            await session.delete(identity)
    await session.flush()


async def _chats(session: AsyncSession, resident_id: int) -> list[Conversation]:
    return list((await session.exec(select(Conversation).where(Conversation.resident_id == resident_id))).all())


def _ids(chats: Sequence[Conversation]) -> list[int]:
    return [chat.id for chat in chats if chat.id is not None]


async def _drop_files(session: AsyncSession, chats: Sequence[Conversation], resident_id: int) -> tuple[str, ...]:
    """Voices, papers and whatever never became part of a case; the photo of a broken lamp stays with its case."""
    theirs = select(col(Application.id)).where(col(Application.resident_id) == resident_id)
    cases = select(col(Case.id)).where(col(Case.resident_id) == resident_id)
    said, of_case = col(Attachment.conversation_id).in_(_ids(chats)), col(Attachment.case_id)
    gone = await session.execute(
        delete(Attachment)
        .where(
            or_(
                and_(said, of_case.is_(None)),
                and_(said | of_case.in_(cases), col(Attachment.kind).in_(PRIVATE_KINDS)),
                col(Attachment.application_id).in_(theirs),
            )
        )
        .returning(col(Attachment.path))
    )
    await session.execute(update(Attachment).where(said).values(conversation_id=None))
    return tuple(gone.scalars().all())


async def _empty_inbox(session: AsyncSession, office: Office, chats: Sequence[Conversation]) -> None:
    """Handled messages keep their key, against repeats, and lose their words and their sender."""
    for chat in chats:
        key = f"{chat.channel}:{chat.account}:{chat.chat}:"
        await session.execute(
            update(InboxMessage)
            .where(
                col(InboxMessage.person_key).startswith(key, autoescape=True),
                col(InboxMessage.status).in_(("done", "quarantined")),
            )
            .values(body_sealed=b"", person_key=GONE, error=None)
        )


async def _empty_notices(
    session: AsyncSession,
    office: Office,
    resident_id: int,
    chats: Sequence[Conversation],
    now: datetime,
) -> int:
    """Whatever still waits is held back; the letters of all are emptied."""
    blank = office.vault.seal_office(letter_to_json(Outgoing("")))
    theirs = or_(col(Notice.resident_id) == resident_id, col(Notice.conversation_id).in_(_ids(chats)))
    ended = col(Notice.status).in_(("delivered", "dead", "suppressed"))
    waiting = update(Notice).where(theirs, ~ended).execution_options(synchronize_session=False)
    await session.execute(
        waiting.values(status="suppressed", reason=GONE, ended_at=now, lease_owner=None, lease_until=None)
    )
    emptied = await _count(session, update(Notice).where(theirs).values(body_sealed=blank, plan={}))
    call_backs = update(CallBack).where(col(CallBack.resident_id) == resident_id)
    await session.execute(call_backs.values(text_sealed=office.vault.seal_office("")))
    await session.execute(call_backs.where(col(CallBack.done_at).is_(None)).values(done_at=now, outcome=GONE))
    return emptied


async def _step_back(session: AsyncSession, resident_id: int, now: datetime) -> int:
    """Cases and applications stay as the office's own record; nobody stands behind them any more."""
    cases = update(Case).where(col(Case.resident_id) == resident_id)
    count = await _count(session, cases.values(resident_id=None, description_sealed=None))
    statements: tuple[Any, ...] = (
        delete(CaseReporter).where(col(CaseReporter.resident_id) == resident_id),
        update(Application)
        .where(col(Application.resident_id) == resident_id)
        .values(
            proxy_sealed=None,
            delivery_address_sealed=None,
            door_code_sealed=None,
            door_code_index="",
            proxy_resident_id=None,
        ),
        update(Application).where(col(Application.proxy_resident_id) == resident_id).values(proxy_resident_id=None),
        update(PageLink)
        .where(col(PageLink.resident_id) == resident_id, col(PageLink.revoked_at).is_(None))
        .values(revoked_at=now),
        delete(BindingCode).where(col(BindingCode.resident_id) == resident_id),
    )
    for statement in statements:
        await session.execute(statement)
    return count


async def _count(session: AsyncSession, statement: Update | Delete) -> int:
    done = await session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[tuple[()]], done).rowcount or 0
