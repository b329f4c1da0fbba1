"""Small writes share commits: what ends while one commit is on its way to the disk goes with the next, together.

Nobody hears that a write is stored before the commit that carries it. When one fails each is tried alone, so that it
cannot take its neighbours with it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.database import Database

MOST_PER_COMMIT = 100

Action = Callable[[AsyncSession], Awaitable[None]]


@dataclass(slots=True)
class _Waiting:
    action: Action
    stored: asyncio.Future[None]


@dataclass
class Settling:
    """One per process."""

    database: Database
    _queue: list[_Waiting] = field(default_factory=list)
    _committer: asyncio.Task[None] | None = None

    async def do(self, action: Action) -> None:
        """Runs `action` in a shared transaction; returns once it is committed, raises what it raised."""
        waiting = _Waiting(action, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_all())
        await asyncio.shield(waiting.stored)

    async def _commit_all(self) -> None:
        try:
            while self._queue:
                batch, self._queue = self._queue[:MOST_PER_COMMIT], self._queue[MOST_PER_COMMIT:]
                await self._commit(batch)
        finally:
            self._committer = None

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            async with self.database.write() as session:
                for one in batch:
                    await one.action(session)
        except Exception as failure:  # named to its own caller below
            if len(batch) == 1:
                batch[0].stored.set_exception(failure)
                return
            for one in batch:
                await self._commit([one])
            return
        for one in batch:
            if not one.stored.done():
                one.stored.set_result(None)
