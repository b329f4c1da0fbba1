"""The loops beside the web server: the counter, the sender, the ticks and the channels' own (Telegram polling)."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from backend.db.waking import listen
from backend.jobs.table import JOBS
from bot.draft_reminders import BOT_JOBS
from bot.main import House
from bot.ticking import Ticker

log = structlog.get_logger()

Role = Literal["all", "web", "worker", "scheduler"]
IDLE_SECONDS = 0.5  # how often an idle loop looks by itself: retries and slots fall due without a ring
IDLE_WITH_WAKE_UPS = 1.0  # on PostgreSQL other processes ring too
AFTER_FAILURE = 2.0


@dataclass
class Loops:
    """The background work of one process, by role."""

    house: House
    role: Role

    def starting(self) -> list[Coroutine[Any, Any, None]]:
        """The coroutines to run until shutdown."""
        running: list[Coroutine[Any, Any, None]] = []
        if self.role in ("all", "worker"):
            running += [self._repeat("counter", self._counter_step), self._repeat("sender", self._sender_step)]
            if not self.house.office.database.is_sqlite:
                running.append(self._guarded(self._listen))
            running += [self._guarded(each) for each in self.house.channels.background]
        if self.role in ("all", "scheduler"):
            house = self.house
            running.append(Ticker(house.office, house.clock, house.owner, (*JOBS, *BOT_JOBS)).run())
        return running

    async def _counter_step(self) -> bool:
        return await self.house.counter.work_off() > 0

    async def _sender_step(self) -> bool:
        return await self.house.sender.stream() > 0

    async def _listen(self) -> None:
        await listen(self.house.office.database.url, self.house.awake.set)

    async def _repeat(self, name: str, step: Callable[[], Awaitable[bool]]) -> None:
        """Works while there is work; otherwise sleeps until something arrives or the idle time is over."""
        idle = IDLE_SECONDS if self.house.office.database.is_sqlite else IDLE_WITH_WAKE_UPS
        while True:
            heard = self.house.awake.heard
            try:
                worked = await step()
            except Exception as failure:  # a database that is away must not end the loop
                log.error("loop_failed", loop=name, exc_info=failure)
                await asyncio.sleep(AFTER_FAILURE)
                continue
            if worked:
                self.house.awake.set()  # a handled message has usually left notices behind
            else:
                await self.house.awake.wait(heard, idle)

    async def _guarded(self, run: Callable[[], Awaitable[None]]) -> None:
        """Runs a loop that should never end; a failure is logged and the loop begins again."""
        while True:
            try:
                await run()
            except Exception as failure:  # a channel that fails must not take the house down, nor stay down
                log.error("background_failed", exc_info=failure)
            await asyncio.sleep(AFTER_FAILURE)
