"""Who goes next on a paced channel: the slots are given out in time order, and each goes to the most urgent waiting.

So urgent news overtakes bulk that has its slots already, and no two messages leave closer together than permitted,
even when this process was late.
"""

import asyncio
import heapq
from dataclasses import dataclass, field
from itertools import count

LATE_MAY_SAVE = 0.010  # seconds that a late message may be followed sooner, so that lateness does not add up


@dataclass
class Turns:
    """One channel of one process. `gap`: seconds between two messages. Times are the event loop's."""

    gap: float
    _slots: list[float] = field(default_factory=list)
    _waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)
    _next: float = 0.0
    _caller: asyncio.Task[None] | None = None

    async def turn(self, lane: int, at: float) -> None:
        """Waits until it is this message's turn; `at` is the slot it brings along."""
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._slots, at)
        heapq.heappush(self._waiting, (lane, next(self._numbers), called))
        if self._caller is None:
            self._caller = asyncio.create_task(self._call())
        await called

    async def _call(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                wait = max(self._next, self._slots[0]) - loop.time()
                if wait > 0:
                    await asyncio.sleep(wait)
                    continue
                heapq.heappop(self._slots)
                _, _, called = heapq.heappop(self._waiting)
                if not called.done():
                    called.set_result(None)
                self._next = max(self._next + self.gap, loop.time() + self.gap - LATE_MAY_SAVE)
        finally:
            self._caller = None
