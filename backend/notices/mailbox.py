"""The mailbox: letters for channels that fetch instead of being sent to (the web chat page, the terminal).

A letter is delivered when it lies here durably; it counts as seen when the page has shown it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.columns import InDistrict, id_field, time_field
from backend.notices.courier import Route
from backend.notices.letters import Outcome, Outgoing, SendResult
from backend.notices.models import Notice
from backend.notices.outbox import letter_from_json, letter_to_json
from backend.office import Office


class MailboxLetter(InDistrict, table=True):
    """One letter for one chat, in order of `id`."""

    __tablename__ = "mailbox_letter"
    id: int | None = id_field()
    channel: str = Field(max_length=12)
    chat: str = Field(max_length=128, index=True)
    key: str = Field(max_length=40, unique=True)  # the notice id: a repeat lies here once
    body_sealed: bytes
    at: datetime = time_field()
    seen_at: datetime | None = time_field(nullable=True)


@dataclass
class Mailbox:
    """The courier of channels that fetch; pages of this process are woken at once, others look once a second."""

    office: Office
    clock: Callable[[], datetime]
    _bells: dict[str, set[asyncio.Event]] = field(default_factory=dict)

    async def deliver(self, route: Route, letter: Outgoing) -> SendResult:
        """Lays the letter into the chat's mailbox; the same notice twice lies there once."""
        now = self.clock()
        async with self.office.database.write() as session:
            known = await session.exec(select(MailboxLetter.id).where(MailboxLetter.key == letter.idempotency_key))
            if known.first() is None:
                session.add(
                    MailboxLetter(
                        district_code=self.office.district_code,
                        channel=route.channel.value,
                        chat=route.chat or route.person,
                        key=letter.idempotency_key,
                        body_sealed=self.office.vault.seal_office(letter_to_json(letter)),
                        at=now,
                    )
                )
        self.ring(route.chat or route.person)
        return SendResult(Outcome.SENT, vendor_id=letter.idempotency_key)

    def ring(self, chat: str) -> None:
        """Wakes the pages that wait for this chat."""
        for bell in self._bells.get(chat, ()):
            bell.set()

    def listen(self, chat: str) -> asyncio.Event:
        """An event that is set whenever something comes for this chat; give it back with `stop_listening`."""
        bell = asyncio.Event()
        self._bells.setdefault(chat, set()).add(bell)
        return bell

    def stop_listening(self, chat: str, bell: asyncio.Event) -> None:
        """The page has gone."""
        bells = self._bells.get(chat, set())
        bells.discard(bell)
        if not bells:
            self._bells.pop(chat, None)

    async def since(self, session: AsyncSession, chat: str, after: int, limit: int = 100) -> list[tuple[int, Outgoing]]:
        """The letters of a chat with an id above `after`, oldest first."""
        found = await session.exec(
            select(MailboxLetter)
            .where(MailboxLetter.chat == chat, col(MailboxLetter.id) > after)
            .order_by(col(MailboxLetter.id))
            .limit(limit)
        )
        return [
            (row.id or 0, letter_from_json(self.office.vault.open_office(row.body_sealed).reveal()))
            for row in found.all()
        ]

    async def seen_up_to(self, session: AsyncSession, chat: str) -> int:
        """The id of the newest letter of a chat that was shown; 0 when none was."""
        found = await session.exec(
            select(func.max(MailboxLetter.id)).where(
                MailboxLetter.chat == chat, col(MailboxLetter.seen_at).is_not(None)
            )
        )
        return found.one() or 0

    async def mark_seen(self, session: AsyncSession, chat: str, up_to: int) -> None:
        """The page has shown the letters up to this id; their notices count as seen."""
        now = self.clock()
        shown = await session.execute(
            update(MailboxLetter)
            .where(
                col(MailboxLetter.chat) == chat, col(MailboxLetter.id) <= up_to, col(MailboxLetter.seen_at).is_(None)
            )
            .values(seen_at=now)
            .returning(col(MailboxLetter.key))
        )
        notices = [int(key.removeprefix("n")) for key in shown.scalars() if key.startswith("n")]
        if notices:
            await session.execute(update(Notice).where(col(Notice.id).in_(notices)).values(seen_at=now))
