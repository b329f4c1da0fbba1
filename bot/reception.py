"""Reception: stores what a channel brings, durably, before the channel acknowledges it.

Arrivals within a few milliseconds share one commit: with full sync a commit costs a disk flush, and a flush is as
cheap for fifty messages as for one. Nobody is acknowledged before the flush that carries their message.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from backend.db.waking import wake
from backend.intake.inbox import Arrival
from backend.office import Office
from bot.bells import Alarm, Bells
from bot.fail_points import nowhere
from bot.flooding import FloodGate
from bot.messages import Incoming
from bot.wire import to_json
from nlu.errors import LinliError

MOST_PER_COMMIT = 200
ACKNOWLEDGE_WITHIN = 2.6  # seconds; WeChat waits five in all, and asks again when we say no


class InboxBusy(LinliError):
    """The message could not be stored in time; the platform brings it again."""

    code: ClassVar[str] = "inbox_busy"
    status: ClassVar[int] = 503


def arrival_of(said: Incoming) -> Arrival:
    """The inbox's form of a message. In groups each person keeps their own order."""
    ref = said.ref
    return Arrival(
        channel=ref.channel.value,
        account=ref.account,
        external_id=said.external_id,
        person_key=f"{ref.channel.value}:{ref.account}:{ref.chat}:{ref.sender}",
        body=to_json(said),
    )


@dataclass(slots=True)
class _Waiting:
    arrival: Arrival
    stored: asyncio.Future[int | None]


@dataclass
class Reception:
    """One per process. `arrived` is set whenever something new is in the inbox."""

    office: Office
    clock: Callable[[], datetime]
    arrived: Alarm = field(default_factory=Alarm)
    handled: Bells = field(default_factory=Bells)  # who waits for an answer is woken when its message is handled
    reached: Callable[[str], None] = nowhere
    flood: FloodGate = field(init=False)
    _queue: list[_Waiting] = field(default_factory=list)
    _committer: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.flood = FloodGate(self.office)

    async def receive(self, said: Incoming) -> int | None:
        """Stores a message; its inbox id once it is durable, None for a repeat and for a flood.

        Raises `InboxBusy` before the platform gives up waiting, and what the database raises.
        """
        arrival = arrival_of(said)
        if not await self.flood.admits(arrival.channel, arrival.person_key, self.clock()):
            return None
        waiting = _Waiting(arrival, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_all())
        try:
            async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                return await asyncio.shield(waiting.stored)
        except TimeoutError:
            waiting.stored.add_done_callback(_look)
            raise InboxBusy from None

    async def _commit_all(self) -> None:
        try:
            while self._queue:
                await self._commit_batch()
        finally:
            self._committer = None

    async def _commit_batch(self) -> None:
        batch, self._queue = self._queue[:MOST_PER_COMMIT], self._queue[MOST_PER_COMMIT:]
        try:
            async with self.office.database.write() as session:
                ids = await self.office.inbox.store_many(session, [one.arrival for one in batch], self.clock())
                if any(row_id is not None for row_id in ids):
                    await wake(session)
        except BaseException as failure:
            for one in batch:
                if not one.stored.done():
                    one.stored.set_exception(failure)
            if not isinstance(failure, Exception):
                raise
            return
        self.reached("insert")
        for one, row_id in zip(batch, ids, strict=True):
            if not one.stored.done():
                one.stored.set_result(row_id)
        self.arrived.set()


def _look(stored: asyncio.Future[int | None]) -> None:
    """Nobody waits for this one any more; a failure was already logged with its batch."""
    if not stored.cancelled():
        stored.exception()
