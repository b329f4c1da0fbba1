"""Understanding with a deadline: a slow engine costs one message a few seconds, not the house its threads.

When the engine takes longer than `PATIENCE`, the guard and the entities alone answer (a person then looks at the
message), and for `REST` seconds the engine is not asked again.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from nlu.contract import Understanding

log = structlog.get_logger()

PATIENCE = 2.0  # seconds; WeChat's webhook waits five in all
REST = timedelta(seconds=30)
THREADS = 4

Read = Callable[[str, datetime], Understanding]


@dataclass
class ReadingAhead:
    """One per process. `read` is the full reader, `plain` the one that needs no engine."""

    read: Read
    plain: Read
    patience: float = PATIENCE
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "reading"))
    _rests_until: datetime | None = None

    def reader_now(self, now: datetime) -> Read:
        """The reader to use inside a turn at this moment."""
        resting = self._rests_until is not None and now < self._rests_until
        return self.plain if resting else self.read

    async def meaning_of(self, text: str, now: datetime) -> Understanding:
        """What a text means, within `patience` seconds."""
        read = self.reader_now(now)
        asked = asyncio.get_running_loop().run_in_executor(self._threads, read, text, now)
        try:
            async with asyncio.timeout(self.patience):
                return await asked
        except TimeoutError:
            self._rests_until = now + REST
            log.error("engine_slow", seconds=self.patience)
            return self.plain(text, now)
