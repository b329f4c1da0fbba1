"""Answers that can ride back in a webhook's own reply: taken from the outbox as soon as they are written."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backend.notices.letters import Outcome, SendResult
from backend.notices.models import Notice
from backend.office import Office
from bot.messages import Outgoing

LOOK_EVERY = 0.05  # seconds; the dialogue usually answers within one look


@dataclass(frozen=True, slots=True)
class OutboxAnswers:
    """`doors.QuickAnswers` over the outbox; works whichever process handles the message."""

    office: Office
    clock: Callable[[], datetime]
    owner: str

    async def wait_for(self, message_id: int, seconds: float) -> tuple[int, Outgoing] | None:
        """The first answer to an inbox message, leased to us; None when it is not there in time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            if await self._is_written(message_id):
                async with self.office.database.write() as session:
                    notice = await self.office.outbox.take_reply(session, message_id, self.owner, self.clock())
                if notice is None:
                    return None
                assert notice.id is not None
                return notice.id, self.office.outbox.letter(notice)
            await asyncio.sleep(LOOK_EVERY)
        return None

    async def _is_written(self, message_id: int) -> bool:
        async with self.office.database.read() as session:
            return await self.office.outbox.has_reply(session, message_id)

    async def settle(self, notice_id: int, *, sent: bool) -> None:
        """Into the ledger when it went out with the reply; back to `ready` when it must go the usual way."""
        now = self.clock()
        async with self.office.database.write() as session:
            notice = await session.get_one(Notice, notice_id)
            if not sent:
                await self.office.outbox.later(session, notice, self.owner, now, "not_passive", counts=False)
                return
            result = SendResult(Outcome.SENT, reason="in the webhook's reply")
            await self.office.outbox.log_try(session, notice_id, "wechat", "reply", result, now)
            await self.office.outbox.end(session, notice, self.owner, "delivered", now)
