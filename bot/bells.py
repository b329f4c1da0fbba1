"""Bells inside one process: who waits for an inbox message is woken the moment it is handled.

A message handled by another process rings no bell here; whoever waits therefore also looks by itself now and then.
"""

import asyncio
from dataclasses import dataclass, field


@dataclass
class Bells:
    """One per process."""

    _waiting: dict[int, set[asyncio.Event]] = field(default_factory=dict)

    def ring(self, message_id: int) -> None:
        """An inbox message has been handled, or given up."""
        for bell in self._waiting.get(message_id, ()):
            bell.set()

    async def wait(self, message_id: int, seconds: float) -> bool:
        """True when the bell rang in time."""
        bell = asyncio.Event()
        self._waiting.setdefault(message_id, set()).add(bell)
        try:
            async with asyncio.timeout(seconds):
                await bell.wait()
        except TimeoutError:
            return False
        finally:
            bells = self._waiting[message_id]
            bells.discard(bell)
            if not bells:
                del self._waiting[message_id]
        return True


@dataclass
class Alarm:
    """Set whenever there is new work; every loop remembers what it has heard, so that none misses a ring."""

    _rings: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def set(self) -> None:
        """There is new work."""
        self._rings += 1
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def heard(self) -> int:
        """How often it rang up to now."""
        return self._rings

    async def wait(self, heard: int, seconds: float) -> None:
        """Until it has rung since `heard`, or the time is over."""
        if self._rings != heard:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
