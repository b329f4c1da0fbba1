"""Letters as they come: server-sent events that resume where the page left off and end when the house closes."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sqlmodel import col, select
from sse_starlette import ServerSentEvent

from backend.notices.mailbox import Mailbox, MailboxLetter
from backend.office import Office
from backend.pages.refusals import TooFast
from backend.pages.rendering import safe_url
from bot.channels.web.record import letters_after

LOOK_EVERY_SECONDS = 1.0  # letters laid down by another process ring no bell here
LATE_COMMITS = 200  # ids are given before they are committed: so far back a look goes
HEARTBEAT_SECONDS = 15
RETRY_MS = 2_000  # what the browser waits before it connects again
MOST_PER_CHAT = 6  # open pages of one person


@dataclass
class Streams:
    """The open streams of this process."""

    office: Office
    mailbox: Mailbox
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    _open: dict[str, int] = field(default_factory=dict)
    _watcher: asyncio.Task[None] | None = None

    def admit(self, chat: str) -> None:
        """Raises `TooFast` when this person has too many pages open."""
        if self._open.get(chat, 0) >= MOST_PER_CHAT:
            raise TooFast(seconds=30)

    async def letters(self, chat: str, after: int) -> AsyncIterator[ServerSentEvent]:
        """Every letter above `after`, then each new one, until the page goes or the house closes."""
        bell = self.mailbox.listen(chat)
        self._enter(chat)
        try:
            yield ServerSentEvent(event="open", data="{}", retry=RETRY_MS)
            while not self.closing.is_set():
                bell.clear()
                async with self.office.database.read() as session:
                    lines = await letters_after(session, self.office, chat, after)
                for line in lines:
                    after = line.id
                    link = safe_url(line.link.url) if line.link else ""
                    data = json.dumps(line.as_json(link), ensure_ascii=False)
                    yield ServerSentEvent(event="letter", id=str(line.id), data=data)
                if not lines:
                    await self._wait(bell)
        finally:
            self.mailbox.stop_listening(chat, bell)
            self._leave(chat)

    async def _wait(self, bell: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(bell.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            return

    async def _watch(self) -> None:
        """Rings for letters that another process laid down: one look a second for all pages of this process."""
        newest = 0
        while self._open:
            async with self.office.database.read() as session:
                found = await session.exec(
                    select(MailboxLetter.id, MailboxLetter.chat)
                    .where(col(MailboxLetter.id) > newest - LATE_COMMITS)
                    .order_by(col(MailboxLetter.id).desc())
                    .limit(LATE_COMMITS)
                )
                rows = found.all()
            latest = max((row_id or 0 for row_id, _ in rows), default=0)
            if latest > newest:
                newest = latest
                for chat in {chat for _, chat in rows}:
                    self.mailbox.ring(chat)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _enter(self, chat: str) -> None:
        self._open[chat] = self._open.get(chat, 0) + 1
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch())

    def _leave(self, chat: str) -> None:
        left = self._open.get(chat, 1) - 1
        if left > 0:
            self._open[chat] = left
        else:
            self._open.pop(chat, None)
        if not self._open and self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    def close(self) -> None:
        """Wakes every stream to its end."""
        self.closing.set()
        for chat in self._open:
            self.mailbox.ring(chat)


@dataclass(frozen=True)
class Closing:
    """What the server rings when it stops: the streams then end by themselves instead of being cut off."""

    streams: Streams

    def set(self) -> None:
        """The house closes."""
        self.streams.close()
