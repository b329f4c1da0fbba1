"""Who is speaking: a channel identity, the resident behind it, and their sealed facts."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.office import Office
from backend.people.masked import Masked
from backend.people.models import ChannelIdentity, Resident, ResidentKey


def resident_key(resident_id: int) -> str:
    """The actor key of a resident."""
    return f"resident:{resident_id}"


@dataclass(frozen=True, slots=True)
class Speaker:
    """The identity and resident rows of the person who speaks, with the resident's wrapped key."""

    identity: ChannelIdentity
    resident: Resident
    wrapped_key: bytes

    @property
    def resident_id(self) -> int:
        assert self.resident.id is not None
        return self.resident.id


async def speaker_for(
    session: AsyncSession, office: Office, channel: str, account: str, external_id: str, now: datetime
) -> Speaker:
    """The person behind a channel id; unknown ones become a new resident with a fresh key."""
    identity = (
        await session.exec(
            select(ChannelIdentity).where(
                ChannelIdentity.channel == channel,
                ChannelIdentity.account == account,
                ChannelIdentity.external_id == external_id,
            )
        )
    ).first()
    if identity is None:
        identity = ChannelIdentity(
            district_code=office.district_code,
            channel=channel,
            account=account,
            external_id=external_id,
            created_at=now,
        )
        session.add(identity)
    identity.last_seen_at = now
    identity.unreachable = None  # they spoke: the channel works again
    resident = await session.get(Resident, identity.resident_id) if identity.resident_id else None
    if resident is None or resident.erased_at is not None:
        resident = await new_resident(session, office, now)
        identity.resident_id = resident.id
    await session.flush()
    assert resident.id is not None
    return Speaker(identity, resident, await wrapped_key(session, resident.id))


async def new_resident(session: AsyncSession, office: Office, now: datetime) -> Resident:
    """A resident with a key of their own and nothing known yet."""
    resident = Resident(district_code=office.district_code, created_at=now)
    session.add(resident)
    await session.flush()
    assert resident.id is not None
    session.add(
        ResidentKey(
            district_code=office.district_code, resident_id=resident.id, wrapped=office.vault.new_resident_key()
        )
    )
    await session.flush()
    return resident


async def wrapped_key(session: AsyncSession, resident_id: int) -> bytes:
    """The resident's wrapped key; empty when the person was erased."""
    row = await session.get(ResidentKey, resident_id)
    return row.wrapped if row is not None else b""


async def resident_by_phone(session: AsyncSession, office: Office, phone: str) -> Resident | None:
    """The resident who gave this phone number, found by its blind index."""
    found = await session.exec(
        select(Resident)
        .where(Resident.phone_index == office.vault.blind_index(phone), col(Resident.erased_at).is_(None))
        .order_by(col(Resident.id))
    )
    return found.first()


async def remember(
    session: AsyncSession, office: Office, resident: Resident, *, phone: str | None = None, name: str | None = None
) -> None:
    """Seals a phone (digits only) or a name into the resident's row."""
    assert resident.id is not None
    key = await wrapped_key(session, resident.id)
    if phone is not None:
        resident.phone_sealed = office.vault.seal(key, phone)
        resident.phone_index = office.vault.blind_index(phone)
    if name is not None:
        resident.name_sealed = office.vault.seal(key, name)
    session.add(resident)
    await session.flush()


async def phone_of(session: AsyncSession, office: Office, resident: Resident) -> Masked:
    """The resident's phone as `Masked`; empty when unknown or erased."""
    assert resident.id is not None
    key = await wrapped_key(session, resident.id)
    return office.vault.open(key, resident.phone_sealed, "phone") if key else Masked("", "phone")


async def name_of(session: AsyncSession, office: Office, resident: Resident) -> Masked:
    """The resident's name as `Masked`; empty when unknown or erased."""
    assert resident.id is not None
    key = await wrapped_key(session, resident.id)
    return office.vault.open(key, resident.name_sealed, "name") if key else Masked("", "name")


async def residents_by_phone(session: AsyncSession, office: Office, phone: str) -> list[Resident]:
    """Everybody who gave this phone number: one person may have come on several channels."""
    index = office.vault.blind_index(plain_phone(phone))
    found = await session.exec(
        select(Resident)
        .where(Resident.phone_index == index, col(Resident.erased_at).is_(None))
        .order_by(col(Resident.id))
    )
    return list(found.all())


def plain_phone(phone: str) -> str:
    """The digits under which a phone is indexed: without spaces, dashes and the country code of China."""
    digits = "".join(sign for sign in phone if sign.isdecimal())
    return digits.removeprefix("86") if len(digits) == 13 else digits


async def drop_key(session: AsyncSession, resident: Resident, now: datetime) -> None:
    """The heart of forgetting: without the key, every value sealed with it is noise from now on."""
    assert resident.id is not None
    key = await session.get(ResidentKey, resident.id)
    if key is not None:
        await session.delete(key)
    resident.name_sealed = resident.phone_sealed = resident.home_sealed = None
    resident.phone_index = resident.home_area_code = resident.preferred_channel = None
    resident.may_contact = False
    resident.erased_at = now
    session.add(resident)
    await session.flush()
