"""Answers that can ride back in a webhook's own reply: taken from the outbox as soon as they are written.

The platform repeats a webhook whose reply it did not get; the repeat gets the same answer again, for a short while.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.letters import Outcome, SendResult
from backend.notices.models import Notice, NoticeTry
from backend.office import Office
from bot.bells import Bells
from bot.messages import Incoming, Outgoing

LOOK_EVERY = 0.5  # seconds; within one process a bell rings at once
SAY_AGAIN_WITHIN = timedelta(seconds=20)  # three tries of five seconds, and a little


@dataclass(frozen=True, slots=True)
class OutboxAnswers:
    """`doors.QuickAnswers` over the outbox; works whichever process handles the message."""

    office: Office
    clock: Callable[[], datetime]
    owner: str
    handled: Bells

    async def known(self, said: Incoming) -> int | None:
        """The inbox id of a message that came before; None when it is too old to be answered here."""
        async with self.office.database.read() as session:
            return await self.office.inbox.find_recent(
                session,
                said.ref.channel.value,
                said.ref.account,
                said.external_id,
                self.clock() - SAY_AGAIN_WITHIN,
            )

    async def wait_for(self, message_id: int, seconds: float) -> tuple[int, Outgoing] | None:
        """The first answer to an inbox message, leased to us; None when there is none, or not in time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            if await self._is_handled(message_id):
                return await self._take(message_id)
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return None
            await self.handled.wait(message_id, min(left, LOOK_EVERY))

    async def _is_handled(self, message_id: int) -> bool:
        async with self.office.database.read() as session:
            return await self.office.inbox.is_handled(session, message_id)

    async def _take(self, message_id: int) -> tuple[int, Outgoing] | None:
        async with self.office.database.write() as session:
            notice = await self.office.outbox.take_reply(session, message_id, self.owner, self.clock())
            if notice is None:
                notice = await self._said_before(session, message_id)
        if notice is None:
            return None
        assert notice.id is not None
        return notice.id, self.office.outbox.letter(notice)

    async def _said_before(self, session: AsyncSession, message_id: int) -> Notice | None:
        """The answer that went out with an earlier reply of this very webhook."""
        found = await session.exec(
            select(Notice)
            .join(NoticeTry, col(NoticeTry.notice_id) == col(Notice.id))
            .where(
                Notice.dedupe_key == f"reply:{message_id}:0",
                Notice.status == "delivered",
                NoticeTry.route == "reply",
                col(Notice.ended_at) > self.clock() - SAY_AGAIN_WITHIN,
            )
        )
        return found.first()

    async def settle(self, notice_id: int, *, sent: bool) -> None:
        """Into the ledger when it went out with the reply; back to `ready` when it must go the usual way."""
        now = self.clock()
        async with self.office.database.write() as session:
            notice = await session.get_one(Notice, notice_id)
            if notice.status != "leased" or notice.lease_owner != self.owner:
                return  # said again to a repeat
            if not sent:
                await self.office.outbox.later(session, notice, self.owner, now, "not_passive", counts=False)
                return
            result = SendResult(Outcome.SENT, reason="in the webhook's reply")
            await self.office.outbox.log_try(session, notice_id, "wechat", "reply", result, now)
            await self.office.outbox.end(session, notice, self.owner, "delivered", now)
