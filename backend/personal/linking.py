"""One person on two channels becomes one resident: proved by a code sent to the chat where the phone is known already.

| step  | what happens                                                                                       |
|-------|----------------------------------------------------------------------------------------------------|
| ask   | six digits go to every chat of the resident with that phone; ten minutes, three codes a day         |
| prove | the digits come back from the new chat; five wrong answers in half an hour, then it waits           |
| merge | whoever speaks now keeps everything: chats, cases, applications, appointments; audited, one way only |

An operator who has the caller on the line proves by asking, and merges with a reason. What was sealed with the other
key is opened once and sealed with the one that stays; afterwards the other key is gone.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.letters import Outgoing
from backend.notices.outbox import URGENT, ToTell
from backend.office import Office
from backend.people.models import BindingCode, ChannelIdentity, LoginFailure, Resident
from backend.people.residents import Speaker, resident_key, residents_by_phone
from backend.personal.merging import merge

DIGITS = 6
VALID = timedelta(minutes=10)
CODES_A_DAY = 3  # to one resident, whoever asks: nobody is pestered
TRIES = 5  # wrong answers of one asker …
LOCKED = timedelta(minutes=30)  # … in this time


@dataclass(frozen=True, slots=True)
class Linked:
    """What came over: how many cases and applications, and the talks (their sealed states) that came along."""

    cases: int
    applications: int
    conversations: tuple[int, ...]


async def known_elsewhere(session: AsyncSession, office: Office, speaker: Speaker, phone: str) -> Resident | None:
    """Another resident who gave this phone and can be written to; the oldest."""
    for other in await residents_by_phone(session, office, phone):
        if other.id != speaker.resident_id and await _has_chat(session, other):
            return other
    return None


async def _has_chat(session: AsyncSession, resident: Resident) -> bool:
    found = await session.exec(
        select(ChannelIdentity.id).where(
            ChannelIdentity.resident_id == resident.id, col(ChannelIdentity.unreachable).is_(None)
        )
    )
    return found.first() is not None


async def send_code(
    session: AsyncSession, office: Office, speaker: Speaker, other: Resident, channel: str, now: datetime
) -> bool:
    """Sends six digits to the other resident's chats; False when too many went there today. `channel`: who asks."""
    sent = select(func.count()).where(
        col(BindingCode.resident_id) == other.id, col(BindingCode.expires_at) > now - timedelta(days=1)
    )
    if (await session.exec(sent)).one() >= CODES_A_DAY or await _locked(session, speaker, now):
        return False
    assert other.id is not None
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = BindingCode(
        district_code=office.district_code,
        code_index=_index(office, speaker.resident_id, other.id, code, now),
        resident_id=other.id,
        expires_at=now + VALID,
    )
    session.add(row)
    await session.flush()
    where = office.texts.say(f"notices.channel.{channel}", other.language)
    letter = Outgoing(
        office.texts.say("notices.resident.link_code", other.language, code=code, where=where),
        template="resident.link_code",
    )
    notice = ToTell(
        milestone="link_code",
        audience="resident",
        letter=letter,
        dedupe_key=f"link:{row.id}",
        order_key=f"link:r{other.id}",
        lane=URGENT,
        resident_id=other.id,
        expires_at=now + VALID,
    )
    await office.outbox.write(session, notice, now)
    return True


def _index(office: Office, asker: int, other: int, code: str, now: datetime) -> str:
    """Bound to both people, and to the day, so that equal digits of another day are another row."""
    return office.vault.blind_index(f"link:{asker}:{other}:{now:%Y%m%d}:{code}")


async def prove(
    session: AsyncSession, office: Office, speaker: Speaker, other_id: int, code: str, now: datetime
) -> Linked | None:
    """Merges the other resident into the speaker when the digits are right and live; None (and counted) when not."""
    other = await session.get(Resident, other_id)
    if other is None or other.erased_at is not None or await _locked(session, speaker, now):
        return None
    days = (now, now - VALID)  # a code asked for shortly before midnight
    taken = await session.execute(
        update(BindingCode)
        .where(
            col(BindingCode.code_index).in_([_index(office, speaker.resident_id, other_id, code, day) for day in days]),
            col(BindingCode.used_at).is_(None),
            col(BindingCode.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(BindingCode.id))
    )
    if taken.scalar_one_or_none() is None:
        await _count_wrong(session, office, speaker, now)
        return None
    return await link(session, office, speaker.resident, other, resident_key(speaker.resident_id), "code", now)


async def link(
    session: AsyncSession, office: Office, kept: Resident, other: Resident, by: str, how: str, now: datetime
) -> Linked:
    """Makes the two one: `kept` takes everything of `other`. `by`: the audit key of who decided, `how`: the proof."""
    moved: dict[str, Any] = await merge(session, office, kept, other, now)
    counts = {name: value for name, value in moved.items() if isinstance(value, int)}
    await office.auditor.record(
        session,
        at=now,
        actor=by,
        action="link_resident",
        subject=resident_key(kept.id or 0),
        other=resident_key(other.id or 0),
        how=how,
        **counts,
    )
    return Linked(moved["cases"], moved["applications"], moved["talks"])


async def _locked(session: AsyncSession, speaker: Speaker, now: datetime) -> bool:
    row = await session.get(LoginFailure, f"link:{speaker.resident_id}")
    return row is not None and row.count >= TRIES and row.last_at > now - LOCKED


async def _count_wrong(session: AsyncSession, office: Office, speaker: Speaker, now: datetime) -> None:
    key = f"link:{speaker.resident_id}"
    row = await session.get(LoginFailure, key)
    if row is None:
        row = LoginFailure(district_code=office.district_code, key=key, count=0, last_at=now)
    row.count = row.count + 1 if row.last_at > now - LOCKED else 1
    row.last_at = now
    session.add(row)
    await session.flush()
