"""Couriers: how a planned route becomes a call of a channel's sender. One small class per channel; no rules here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlmodel import select

from backend.areas.models import Staff
from backend.notices.courier import Route
from backend.office import Office
from backend.people.models import Resident
from backend.people.residents import phone_of
from bot.messages import Media, Outcome, Outgoing, SendResult


class Sends(Protocol):
    """What every channel's sender offers."""

    async def send(self, chat: str, message: Outgoing) -> SendResult:
        """One try."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelCourier:
    """Hands a letter to the sender of the planned kind of route."""

    by_kind: Mapping[str, Sends]

    async def deliver(self, route: Route, letter: Outgoing) -> SendResult:
        """One try on this route."""
        sender = self.by_kind.get(route.kind)
        if sender is None:
            return SendResult(Outcome.OTHER_ROUTE, reason=f"no sender for {route.channel}.{route.kind}")
        return await sender.send(route.chat or route.person, letter)


@dataclass(frozen=True, slots=True)
class SmsCourier:
    """Looks the number up at the last moment, so that it stands in no queue and no log."""

    office: Office
    sender: Sends

    async def deliver(self, route: Route, letter: Outgoing) -> SendResult:
        """One SMS; `route.person` is `resident:ID` or `staff:ID`."""
        number = await self._number(route.person)
        if not number:
            return SendResult(Outcome.OTHER_ROUTE, reason="no phone number")
        return await self.sender.send(number, letter)

    async def _number(self, person: str) -> str:
        kind, _, row_id = person.partition(":")
        async with self.office.database.read() as session:
            if kind == "staff":
                staff = (await session.exec(select(Staff).where(Staff.id == int(row_id)))).first()
                return self.office.vault.open_office(staff.phone_sealed, "phone").reveal() if staff else ""
            resident = await session.get(Resident, int(row_id))
            return (await phone_of(session, self.office, resident)).reveal() if resident else ""


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """Files the web page has uploaded already: they lie in the media folder under their vendor id."""

    folder: Path

    async def fetch(self, medium: Media) -> bytes:
        """The upload's bytes; only names of ours are looked up."""
        name = Path(medium.vendor_id).name
        return await asyncio.to_thread((self.folder / "incoming" / name).read_bytes)


@dataclass(frozen=True, slots=True)
class DownloadedMedia:
    """Files that a vendor keeps under a media id."""

    download: Callable[[str], Awaitable[tuple[bytes, str]]]

    async def fetch(self, medium: Media) -> bytes:
        """The file's bytes; the vendor's own errors pass through."""
        data, _mime = await self.download(medium.vendor_id)
        return data
