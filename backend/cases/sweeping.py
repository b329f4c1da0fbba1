"""The sweep for due clocks: one indexed query finds them, each is warned about once, and the right people hear of it.

After downtime many clocks are due at once: each gives only its gravest warning, and whoever would get more than five
letters from one batch gets one that lists them, and no second one from the same sweep. Batches are small, so that
other writers get their turn between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import or_
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.milestones import Tell
from backend.cases.models import CaseClock
from backend.cases.telling import Occasion, tell
from backend.cases.warning import ToWarn, warn
from backend.domain.words import WarnLevel
from backend.notices.letters import Outgoing
from backend.notices.outbox import NORMAL, URGENT, ToTell
from backend.office import Office
from nlu.errors import LinliError

log = structlog.get_logger()

BATCH = 25
DIGEST_FROM = 6  # as many letters to one person from one batch become one
URGENT_FROM = WarnLevel.BREACH.rank
NUMBERS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Place:
    """How far a sweep has come, in the order of the index."""

    at: datetime
    id: int


async def sweep(office: Office, now: datetime, batch: int = BATCH) -> int:
    """Warns about every clock that is due at `now`; how many clocks were looked at. One transaction per batch."""
    seen, after = 0, None
    while True:
        async with office.database.write() as session:
            rows = await due_clocks(session, now, batch, after)
            await warn_all(session, office, rows, now)
        seen += len(rows)
        if len(rows) < batch:
            return seen
        after = rows[-1]


async def due_clocks(session: AsyncSession, now: datetime, limit: int, after: Place | None = None) -> list[Place]:
    """The next clocks to look at; on PostgreSQL those another scheduler holds are skipped."""
    asked = select(CaseClock.next_at, CaseClock.id).where(col(CaseClock.next_at) <= now)
    if after is not None:
        later = (col(CaseClock.next_at) == after.at) & (col(CaseClock.id) > after.id)
        asked = asked.where(or_(col(CaseClock.next_at) > after.at, later))
    asked = asked.order_by(col(CaseClock.next_at), col(CaseClock.id)).limit(limit).with_for_update(skip_locked=True)
    return [Place(at, row_id) for at, row_id in (await session.exec(asked)).all() if at and row_id]


async def warn_all(session: AsyncSession, office: Office, places: Sequence[Place], now: datetime) -> None:
    """Warns about these clocks; one that fails is logged and left for the next sweep, the others go on."""
    letters: list[ToWarn] = []
    for place in places:
        try:
            async with session.begin_nested():
                row = await session.get(CaseClock, place.id, populate_existing=True)
                if row is not None and row.next_at is not None and row.next_at <= now:
                    letters += await warn(session, office, row, now)
        except (LinliError, SQLAlchemyError, ValueError) as failure:
            log.error("clock_failed", clock=place.id, exc_info=failure)
    by_person: dict[int, list[ToWarn]] = {}
    for letter in letters:
        by_person.setdefault(letter.person.id or 0, []).append(letter)
    for mine in by_person.values():
        if len(mine) >= DIGEST_FROM:
            await _tell_digest(session, office, mine, now)
        else:
            for letter in mine:
                await _tell_one(session, office, letter, now)


async def _tell_one(session: AsyncSession, office: Office, letter: ToWarn, now: datetime) -> None:
    name, round_, level = letter.warning.key
    facts = {
        "clock": office.texts.say(f"notices.clock.{name.value}"),
        "due": f"{office.local(letter.clock.due_at):%m-%d %H:%M}",
    }
    key = f"clock:{name.value}:{round_}"
    person = f"staff:{letter.person.id}"
    occasion = Occasion(letter.case, letter.case.version, now, facts=facts, persons=(person,), key=key)
    lane = URGENT if level.rank >= URGENT_FROM else NORMAL
    row = Tell(letter.audience, f"warning_{level.value}", lane)  # type: ignore[arg-type]  # one of the audiences
    await tell(session, office, row, occasion)


async def _tell_digest(session: AsyncSession, office: Office, mine: Sequence[ToWarn], now: datetime) -> None:
    """One letter for many: the gravest first, the rest by number."""
    ordered = sorted(mine, key=lambda one: (-one.warning.key[2].rank, one.clock.due_at, one.case.number))
    numbers = list(dict.fromkeys(one.case.number for one in ordered))
    shown = "、".join(numbers[:NUMBERS_SHOWN]) + ("…" if len(numbers) > NUMBERS_SHOWN else "")
    first, person = ordered[0], ordered[0].person
    text = office.texts.say(f"notices.{first.audience}.digest", count=len(numbers), number=numbers[0], numbers=shown)
    to_tell = ToTell(
        milestone="digest",
        audience="worker" if first.audience == "worker" else "staff",
        letter=Outgoing(text, template=f"{first.audience}.digest"),
        dedupe_key=f"digest:s{person.id}:{now.isoformat()}",
        order_key=f"digest:s{person.id}",
        lane=URGENT,
        staff_id=person.id,
    )
    await office.outbox.write(session, to_tell, now)
