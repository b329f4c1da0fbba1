"""The counter: takes claimed messages from the inbox, lets the dialogue answer, and writes the answers to the outbox.

One message = one transaction: what was said, where the dialogue stands, the case it made and the reply are stored
together with the mark "handled", or not at all. Photos are fetched before the transaction, because networks are slow.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.photos import StoredFile, attach, store_photo, store_voice
from backend.conversations.models import Conversation
from backend.conversations.talk import load_state, open_conversation, save_state, write_down
from backend.desk import Desk
from backend.intake.inbox import Claimed
from backend.notices.outbox import URGENT, ToTell
from backend.office import Office
from backend.people.residents import Speaker, speaker_for
from bot.dialogue.engine import Turn, respond
from bot.messages import Channel, Incoming, Media, Outgoing, Said
from bot.wire import from_json
from nlu.contract import Understanding
from nlu.errors import LinliError

log = structlog.get_logger()

PASSIVE_FIRST = timedelta(seconds=5)  # WeChat's webhook may carry the first answer; only then a message is spent

Read = Callable[[str, datetime], Understanding]


class MediaSource(Protocol):
    """Downloads what a channel only names. Raises `LinliError` when the vendor has nothing (any more)."""

    async def fetch(self, medium: Media) -> bytes:
        """The file's bytes, at most 20 MB, within 10 seconds."""
        ...


class LeaseLost(LinliError):
    """Another worker has taken this message over; what was done here is rolled back."""

    code = "lease_lost"
    status = 409


@dataclass(frozen=True, slots=True)
class Fetched:
    """A medium after fetching: a stored file, or the refusal to tell the person."""

    medium: Media
    stored: StoredFile | None = None
    refusal: LinliError | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """Handles messages of all channels. `sources` downloads media by channel; `clock` gives aware UTC time."""

    office: Office
    read: Read
    sources: Mapping[Channel, MediaSource]
    clock: Callable[[], datetime]
    owner: str

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
            said = from_json(message.body)
            fetched = await self._fetch(said)
            meaning = await self._read_ahead(said)
            async with self.office.database.write() as session:
                await self._take_turn(session, message, said, fetched, meaning)
        except LeaseLost:
            log.warning("inbox_lease_lost", message=message.id)
        except Exception as failure:  # the edge where a poison message must not stop the others
            await self._give_back(message, failure)
        else:
            log.info("turn", message=message.id, channel=message.channel, ms=_ms(started))

    async def _give_back(self, message: Claimed, failure: Exception) -> None:
        now = self.clock()
        async with self.office.database.write() as session:
            quarantined = await self.office.inbox.fail(session, message, self.owner, repr(failure), now)
        log.error("turn_failed", message=message.id, tries=message.tries, quarantined=quarantined, exc_info=failure)
        if quarantined:
            await self._file_unread(message, now)

    async def _file_unread(self, message: Claimed, now: datetime) -> None:
        """A message we cannot handle still becomes an unclassified case, so that a person looks at it."""
        from_dead = from_json(message.body)
        async with self.office.database.write() as session:
            speaker, conversation = await self._who(session, from_dead, now)
            desk = Desk(session, self.office, speaker, conversation, now)
            await desk.file_unclassified(from_dead.text)

    async def _read_ahead(self, said: Incoming) -> Understanding | None:
        """Understanding happens outside the transaction: a remote engine may take its time, the database may not."""
        if not said.text or said.kind not in (Said.TEXT, Said.EDITED):
            return None
        return await asyncio.to_thread(self.read, said.text, self.clock())

    async def _fetch(self, said: Incoming) -> list[Fetched]:
        return [await self._fetch_one(said.ref.channel, medium) for medium in said.media]

    async def _fetch_one(self, channel: Channel, medium: Media) -> Fetched:
        try:
            data = medium.data if medium.data is not None else await self.sources[channel].fetch(medium)
            store = store_voice if medium.kind == "voice" else store_photo
            arguments = (
                (self.office.media_folder, data, medium.mime)
                if medium.kind == "voice"
                else (
                    self.office.media_folder,
                    data,
                )
            )
            return Fetched(medium, stored=await asyncio.to_thread(store, *arguments))
        except (LinliError, KeyError) as refused:
            reason = refused if isinstance(refused, LinliError) else LinliError(f"{channel} brings no media")
            return Fetched(medium, refusal=reason)

    async def _who(self, session: AsyncSession, said: Incoming, now: datetime) -> tuple[Speaker, Conversation]:
        ref = said.ref
        speaker = await speaker_for(session, self.office, ref.channel.value, ref.account, ref.sender, now)
        conversation = await open_conversation(
            session,
            self.office,
            speaker,
            now,
            chat=ref.chat,
            person=ref.person,
            is_group=ref.is_group,
        )
        return speaker, conversation

    async def _take_turn(
        self,
        session: AsyncSession,
        message: Claimed,
        said: Incoming,
        fetched: list[Fetched],
        meaning: Understanding | None,
    ) -> None:
        now = self.clock()
        speaker, conversation = await self._who(session, said, now)
        assert conversation.id is not None
        attachments = await self._keep(session, conversation.id, fetched, now)
        await write_down(
            session,
            self.office,
            conversation,
            speaker.wrapped_key,
            "in",
            said.text or _stands_for(said),
            now,
            kind=said.kind.value,
            attachment_id=attachments[0] if attachments else None,
        )
        replies = [self._refusal(speaker, one.refusal) for one in fetched if one.refusal is not None]
        if conversation.mode != "person":
            replies += await self._answer(session, said, attachments, speaker, conversation, now, meaning)
        for place, reply in enumerate(replies):
            await self._reply(session, message, conversation, speaker, place, reply, now)
        if not await self.office.inbox.finish(session, message.id, self.owner, now):
            raise LeaseLost

    async def _keep(
        self, session: AsyncSession, conversation_id: int, fetched: list[Fetched], now: datetime
    ) -> tuple[int, ...]:
        kept = []
        for one in fetched:
            if one.stored is not None:
                kind = "voice" if one.medium.kind == "voice" else "before"
                kept.append(
                    await attach(
                        session,
                        self.office.district_code,
                        one.stored,
                        now,
                        kind=kind,
                        conversation_id=conversation_id,
                    )
                )
        return tuple(kept)

    def _refusal(self, speaker: Speaker, refusal: LinliError) -> Outgoing:
        return Outgoing(self.office.texts.say(f"errors.{refusal.code}", speaker.resident.language))

    async def _answer(
        self,
        session: AsyncSession,
        said: Incoming,
        attachments: tuple[int, ...],
        speaker: Speaker,
        conversation: Conversation,
        now: datetime,
        meaning: Understanding | None,
    ) -> list[Outgoing]:
        if said.kind in (Said.UNFOLLOW, Said.RECEIPT):
            return []
        turn = Turn(
            said=said,
            attachments=attachments,
            desk=Desk(session, self.office, speaker, conversation, now),
            read=lambda text: meaning if meaning is not None and text == said.text else self.read(text, now),
            texts=self.office.texts,
            now=now,
            language=speaker.resident.language,
        )
        before = load_state(self.office, conversation, speaker.wrapped_key)
        replies, after = await respond(turn, before)
        save_state(self.office, conversation, speaker.wrapped_key, after)
        return replies

    async def _reply(
        self,
        session: AsyncSession,
        message: Claimed,
        conversation: Conversation,
        speaker: Speaker,
        place: int,
        reply: Outgoing,
        now: datetime,
    ) -> None:
        await write_down(session, self.office, conversation, speaker.wrapped_key, "out", reply.text, now)
        await self.office.outbox.write(
            session,
            ToTell(
                milestone="reply",
                audience="resident",
                letter=reply,
                dedupe_key=f"reply:{message.id}:{place}",
                order_key=f"conversation:{conversation.id}",
                lane=URGENT,
                conversation_id=conversation.id,
                resident_id=speaker.resident_id,
                not_before=now + PASSIVE_FIRST if place == 0 and conversation.channel == "wechat" else None,
            ),
            now,
        )


def _stands_for(said: Incoming) -> str:
    """What the record shows for a message without text."""
    return f"[{said.kind.value}] {said.choice}".strip()


def _ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
