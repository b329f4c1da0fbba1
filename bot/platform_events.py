"""What a platform reports beside words: windows opened, people gone, consents, receipts, and whose chat this is.

Everything here happens in the transaction of its message, before the dialogue answers.
"""

from datetime import datetime, timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.notices.consents import note_answers
from backend.notices.receipts import note_receipt
from backend.notices.windows import open_window
from backend.office import Office
from backend.people.binding import bind_by_list, redeem
from backend.people.models import ChannelIdentity, Resident
from bot.messages import Channel, ChatRef, Incoming, Said

SPOKEN = frozenset({Said.TEXT, Said.PHOTO, Said.VOICE, Said.VIDEO, Said.LOCATION, Said.CONTACT, Said.EDITED})
TOUCHED = frozenset({Said.FOLLOW, Said.SCAN})
LATE = timedelta(minutes=1)  # an "unfollow" older than the last sign of life has been overtaken by it


def is_silent(said: Incoming) -> bool:
    """Recorded, but not answered."""
    return said.extra.get("silent") == "yes"


def window_of(said: Incoming) -> str:
    """Which of WeChat's sending windows this message opens: `message`, `event`, or none ("")."""
    if said.ref.channel is not Channel.WECHAT or is_silent(said):
        return ""
    if said.kind in TOUCHED or said.extra.get("event") == "click":
        return "event"
    return "message" if said.kind in SPOKEN or said.kind in (Said.CHOICE, Said.UNKNOWN) else ""


async def known_identity(session: AsyncSession, ref: ChatRef) -> ChannelIdentity | None:
    """The identity behind a chat, if it ever spoke."""
    found = await session.exec(
        select(ChannelIdentity).where(
            ChannelIdentity.channel == ref.channel.value,
            ChannelIdentity.account == ref.account,
            ChannelIdentity.external_id == ref.sender,
        )
    )
    return found.first()


async def take_receipt(session: AsyncSession, said: Incoming, now: datetime) -> None:
    """Writes a receipt into the ledger. Raises `ReceiptTooEarly`."""
    identity = await known_identity(session, said.ref)
    for name in sorted(said.extra):
        if name == "vendor_id" or name.startswith("vendor_id."):
            status = said.extra.get(name.replace("vendor_id", "status"), "")
            await note_receipt(session, identity, said.ref.channel.value, said.extra[name], status, now)


async def take_departure(session: AsyncSession, said: Incoming) -> bool:
    """Marks the chat as unreachable; False when nobody is known there or a later word has overtaken it."""
    identity = await known_identity(session, said.ref)
    if identity is None:
        return False
    if identity.last_seen_at is not None and said.at < identity.last_seen_at - LATE:
        return False
    identity.unreachable = said.extra.get("status") or "unfollowed"
    session.add(identity)
    await session.flush()
    return True


async def note_arrival(
    session: AsyncSession, office: Office, said: Incoming, identity: ChannelIdentity, now: datetime
) -> Staff | None:
    """Opens windows, keeps consents, binds staff; the member of staff who was bound by a code just now."""
    ref = said.ref
    window = window_of(said)
    if window:
        opened = min(said.at, now)
        await open_window(session, office.district_code, ref.channel.value, ref.account, ref.sender, window, opened)
    if said.kind is Said.CONSENT:
        await note_answers(session, identity, {k: v for k, v in said.extra.items() if v in ("accept", "reject")})
    await bind_by_list(session, office, identity, now)
    if said.kind in TOUCHED:
        await _note_poster(session, office, said.choice, identity)
    if said.kind is Said.TEXT or (said.kind in TOUCHED and said.choice):
        return await redeem(session, office, identity, said.choice or said.text, now)
    return None


async def _note_poster(session: AsyncSession, office: Office, scene: str, identity: ChannelIdentity) -> None:
    """A poster in a stairwell carries its grid's code: until we know better, its readers live there."""
    code = scene.removeprefix("grid:")
    if not code or office.atlas.area(code) is None or identity.resident_id is None:
        return
    resident = await session.get(Resident, identity.resident_id)
    if resident is not None and resident.home_area_code is None:
        resident.home_area_code = code
        session.add(resident)
