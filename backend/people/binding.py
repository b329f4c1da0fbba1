"""Tying a chat to a person we know: by a short code that is used once, or by the channel id on the staff list.

The channel has proved whose chat it is; the code (32^8 possibilities, a day long) proves who may use it.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.office import Office
from backend.people.models import BindingCode, ChannelIdentity

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without the letters and digits that are mistaken for others
LENGTH = 8
VALID = timedelta(hours=24)


def looks_like_code(text: str) -> bool:
    """Whether a message could be a binding code: eight of our letters and digits, at least one of each kind."""
    code = text.strip().upper()
    return (
        len(code) == LENGTH
        and all(letter in ALPHABET for letter in code)
        and any(letter.isdigit() for letter in code)
        and not code.isdigit()
    )


async def new_code(
    session: AsyncSession,
    office: Office,
    now: datetime,
    *,
    staff_id: int | None = None,
    resident_id: int | None = None,
) -> str:
    """A fresh code for exactly one of them, valid for a day and for one use; only its digest is kept."""
    while not looks_like_code(code := "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))):
        continue
    session.add(
        BindingCode(
            district_code=office.district_code,
            code_index=office.vault.blind_index(f"bind:{code}"),
            staff_id=staff_id,
            resident_id=resident_id,
            expires_at=now + VALID,
        )
    )
    await session.flush()
    return code


async def redeem(
    session: AsyncSession, office: Office, identity: ChannelIdentity, text: str, now: datetime
) -> Staff | None:
    """Binds the identity when `text` is a live code of a member of staff; None when it is not."""
    if not looks_like_code(text):
        return None
    taken = await session.execute(
        update(BindingCode)
        .where(
            col(BindingCode.code_index) == office.vault.blind_index(f"bind:{text.strip().upper()}"),
            col(BindingCode.used_at).is_(None),
            col(BindingCode.expires_at) > now,
            col(BindingCode.staff_id).is_not(None),
        )
        .values(used_at=now)
        .returning(col(BindingCode.staff_id))
    )
    staff_id = taken.scalar_one_or_none()
    staff = await session.get(Staff, staff_id) if staff_id is not None else None
    if staff is None or not staff.is_active:
        return None
    await _bind(session, office, identity, staff, now, "code")
    return staff


async def bind_by_list(session: AsyncSession, office: Office, identity: ChannelIdentity, now: datetime) -> None:
    """Binds an unbound identity whose channel and id stand on the staff list."""
    if identity.staff_id is not None:
        return
    found = await session.exec(
        select(Staff)
        .where(Staff.channel == identity.channel, Staff.channel_id == identity.external_id, col(Staff.is_active))
        .order_by(col(Staff.id))
    )
    staff = found.first()
    if staff is not None:
        await _bind(session, office, identity, staff, now, "list")


async def _bind(
    session: AsyncSession, office: Office, identity: ChannelIdentity, staff: Staff, now: datetime, how: str
) -> None:
    identity.staff_id = staff.id
    session.add(identity)
    await session.flush()
    await office.auditor.record(
        session,
        at=now,
        actor=f"staff:{staff.id}",
        action="bind_channel",
        subject=f"identity:{identity.id}",
        channel=identity.channel,
        how=how,
    )
