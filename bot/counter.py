"""The counter: takes claimed messages from the inbox, lets the dialogue answer, and marks them handled.

One message = one transaction (`bot/taking_turns.py`). Photos are fetched and words understood before it begins,
because networks and models are slow. A message that fails three times is put aside and becomes an unclassified case.
"""

import asyncio
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.desk import Desk
from backend.intake.inbox import MAX_TRIES, Claimed
from backend.notices.receipts import ReceiptTooEarly
from backend.office import Office
from bot.fail_points import nowhere
from bot.fetching import Fetched, MediaSource, fetch_all
from bot.messages import Channel, Incoming, Said
from bot.reading_ahead import ReadingAhead
from bot.taking_turns import Prepared, Taken, take_turn, who_speaks
from bot.wire import from_json
from nlu.contract import Understanding
from nlu.errors import LinliError

__all__ = ["Acknowledges", "Counter", "MediaSource"]
log = structlog.get_logger()

Read = Callable[[str, datetime], Understanding]
FETCHED = frozenset({"photo", "voice"})
TURN_SECONDS = 30.0  # well inside the lease of 45: a hung turn is given back, not left leased


class Acknowledges(Protocol):
    """Tells a platform that a pressed button was heard. Best effort: its failure never costs the turn."""

    async def acknowledge(self, said: Incoming, answer: str) -> None:
        """`answer` is the first line of our reply, "" when there is none."""
        ...


class LeaseLost(LinliError):
    """Another worker has taken this message over; what was done here is rolled back."""

    code = "lease_lost"
    status = 409


class FetchAgain(LinliError):
    """A photo could not be fetched just now; the message is tried again."""

    code = "fetch_again"
    status = 502


@dataclass(frozen=True, slots=True)
class Counter:
    """Handles messages of all channels. `sources` downloads media by channel; `clock` gives aware UTC time."""

    office: Office
    read: Read
    sources: Mapping[Channel, MediaSource]
    clock: Callable[[], datetime]
    owner: str
    acknowledgers: Mapping[Channel, Acknowledges] = field(default_factory=dict)
    ahead: ReadingAhead | None = None
    handled: Callable[[int], None] = lambda _message_id: None
    reached: Callable[[str], None] = nowhere

    async def work_off(self, limit: int = 8) -> int:
        """Claims and handles what is due, messages of different people side by side; how many were taken."""
        async with self.office.database.write() as session:
            claimed = await self.office.inbox.claim(session, self.owner, self.clock(), limit)
        if claimed:
            await asyncio.gather(*(self.handle(message) for message in claimed))
        return len(claimed)

    async def handle(self, message: Claimed) -> None:
        """One message from claim to done; a failure gives it back, the third puts it into quarantine."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(TURN_SECONDS):
                taken = await self._turn(message)
        except LeaseLost:
            log.warning("inbox_lease_lost", message=message.id)
        except ReceiptTooEarly:
            await self._again(message, "receipt_too_early")
        except Exception as failure:  # the edge where a poison message must not stop the others
            await self._give_back(message, failure)
        else:
            self.handled(message.id)
            log.info("turn", message=message.id, channel=message.channel, replies=len(taken.replies), ms=_ms(started))

    async def _turn(self, message: Claimed) -> Taken:
        said = from_json(message.body)
        ready = Prepared(
            message, said, await self._fetch(message, said), await self._understand(said), self._reader(self.clock())
        )
        self.reached("classify")
        async with self.office.database.write() as session:
            now = self.clock()
            taken = await take_turn(session, self.office, ready, now, self.reached)
            if not await self.office.inbox.finish(session, message.id, self.owner, now):
                raise LeaseLost
        await self._acknowledge(said, taken)
        return taken

    async def _fetch(self, message: Claimed, said: Incoming) -> list[Fetched]:
        wanted = tuple(medium for medium in said.media if medium.kind in FETCHED)
        fetched = await fetch_all(said, self.sources, self.office.media_folder, wanted)
        if message.tries < MAX_TRIES and any(
            one.refusal and one.refusal.code == "vendor_unavailable" for one in fetched
        ):
            raise FetchAgain
        return fetched

    def _reader(self, now: datetime) -> Read:
        return self.ahead.reader_now(now) if self.ahead is not None else self.read

    async def _understand(self, said: Incoming) -> Understanding | None:
        """Understanding happens outside the transaction: a remote engine may take its time, the database may not."""
        if not said.text or said.kind not in (Said.TEXT, Said.EDITED):
            return None
        if self.ahead is not None:
            return await self.ahead.meaning_of(said.text, self.clock())
        return await asyncio.to_thread(self.read, said.text, self.clock())

    async def _acknowledge(self, said: Incoming, taken: Taken) -> None:
        """Stops the spinner of a pressed button, or changes its card."""
        door = self.acknowledgers.get(said.ref.channel)
        if door is None or not said.reply_token:
            return
        answer = taken.replies[0].text.partition("\n")[0] if taken.replies else ""
        try:
            async with asyncio.timeout(3):
                await door.acknowledge(said, answer)
        except (TimeoutError, LinliError) as late:
            log.warning("button_not_acknowledged", channel=said.ref.channel.value, why=type(late).__name__)

    async def _again(self, message: Claimed, why: str) -> None:
        """Once more later; a message that only waited for something ends quietly after its last try."""
        now = self.clock()
        async with self.office.database.write() as session:
            if message.tries < MAX_TRIES:
                await self.office.inbox.fail(session, message, self.owner, why, now)
            else:
                await self.office.inbox.finish(session, message.id, self.owner, now)
        log.info("turn_again", message=message.id, tries=message.tries, why=why)

    async def _give_back(self, message: Claimed, failure: Exception) -> None:
        now = self.clock()
        async with self.office.database.write() as session:
            quarantined = await self.office.inbox.fail(session, message, self.owner, _what(failure), now)
            if quarantined:
                await self._file_unread(session, message, now)
        if quarantined:
            self.handled(message.id)
        log.error("turn_failed", message=message.id, tries=message.tries, quarantined=quarantined, exc_info=failure)

    async def _file_unread(self, session: AsyncSession, message: Claimed, now: datetime) -> None:
        """A message we cannot handle still becomes an unclassified case, so that a person looks at it."""
        try:
            said = from_json(message.body)
        except (ValueError, KeyError, TypeError):
            log.error("inbox_body_unreadable", message=message.id)
            return
        async with session.begin_nested():
            speaker, conversation = await who_speaks(session, self.office, said, now)
            await Desk(session, self.office, speaker, conversation, now).file_unclassified(said.text)


def _what(failure: BaseException) -> str:
    """The kind of a failure and where it happened; its words may quote the resident's and stay out of the table."""
    last = traceback.extract_tb(failure.__traceback__)[-1:]
    return " ".join([type(failure).__name__, *(f"{Path(step.filename).name}:{step.lineno}" for step in last)])


def _ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
