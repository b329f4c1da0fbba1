"""Reception: stores what a channel brings, durably, before the channel acknowledges it.

Arrivals within a few milliseconds share one commit: with full sync a commit costs a disk flush, and a flush is as
cheap for fifty messages as for one. Nobody is acknowledged before the flush that carries their message.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from backend.db.waking import wake
from backend.intake.inbox import Arrival
from backend.office import Office
from bot.bells import Alarm, Bells
from bot.fail_points import nowhere
from bot.messages import Incoming
from bot.wire import to_json

MOST_PER_COMMIT = 200


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
    _queue: list[_Waiting] = field(default_factory=list)
    _committing: bool = False

    async def receive(self, said: Incoming) -> int | None:
        """Stores a message; its inbox id once it is durable, None for a repeat. Raises what the database raises."""
        waiting = _Waiting(arrival_of(said), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if not self._committing:
            self._committing = True
            try:
                while self._queue:
                    await self._commit_batch()
            finally:
                self._committing = False
        return await waiting.stored

    async def _commit_batch(self) -> None:
        batch, self._queue = self._queue[:MOST_PER_COMMIT], self._queue[MOST_PER_COMMIT:]
        try:
            async with self.office.database.write() as session:
                ids = [await self.office.inbox.store(session, one.arrival, self.clock()) for one in batch]
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
