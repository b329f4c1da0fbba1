"""Media of a message, fetched and stored before its transaction begins, because networks are slow."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.photos import StoredFile, attach, store_photo, store_voice
from bot.messages import Channel, Incoming, Media
from nlu.errors import LinliError


class MediaSource(Protocol):
    """Downloads what a channel only names. Raises `LinliError` when the vendor has nothing (any more)."""

    async def fetch(self, medium: Media) -> bytes:
        """The file's bytes, at most 20 MB, within 10 seconds."""
        ...


class NoMediaHere(LinliError):
    """This channel brings no media."""

    code = "media_unavailable"
    status = 404


@dataclass(frozen=True, slots=True)
class Fetched:
    """A medium after fetching: a stored file, or the refusal to tell the person."""

    medium: Media
    stored: StoredFile | None = None
    refusal: LinliError | None = None


async def fetch_all(
    said: Incoming, sources: Mapping[Channel, MediaSource], folder: Path, wanted: tuple[Media, ...]
) -> list[Fetched]:
    """The wanted media of a message, in its order; what cannot be had carries its refusal."""
    return [await _fetch(said.ref.channel, medium, sources, folder) for medium in wanted]


async def _fetch(channel: Channel, medium: Media, sources: Mapping[Channel, MediaSource], folder: Path) -> Fetched:
    try:
        if medium.data is None and channel not in sources:
            raise NoMediaHere
        data = medium.data if medium.data is not None else await sources[channel].fetch(medium)
        if medium.kind == "voice":
            stored = await asyncio.to_thread(store_voice, folder, data, medium.mime)
        else:
            stored = await asyncio.to_thread(store_photo, folder, data)
        return Fetched(medium, stored=stored)
    except LinliError as refused:
        return Fetched(medium, refusal=refused)


async def keep(
    session: AsyncSession, district_code: str, conversation_id: int, fetched: list[Fetched], now: datetime
) -> tuple[int, ...]:
    """Attaches stored files to their conversation; the attachments' ids, in order."""
    kept = []
    for one in fetched:
        if one.stored is not None:
            kind = "voice" if one.medium.kind == "voice" else "before"
            kept.append(
                await attach(session, district_code, one.stored, now, kind=kind, conversation_id=conversation_id)
            )
    return tuple(kept)
