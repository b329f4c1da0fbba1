"""Do the stored sums still equal the slow query? Every night the last weeks are counted again from history."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.history import mark_changed
from backend.cases.models import Case
from backend.office import Office
from backend.reports.keeping import Key, Sums, add_counts, judged, refresh_reports, sums_of
from backend.reports.models import COUNTS, CaseFlags, Rollup

log = structlog.get_logger()

BATCH = 500
CHECKED_DAYS = 31


@dataclass(frozen=True, slots=True)
class Difference:
    """A sum that is not what the cases say."""

    key: Key
    count: str
    stored: int
    counted: int


async def differences(session: AsyncSession, office: Office, start: date, end: date, now: datetime) -> list[Difference]:
    """Compares the sums of the days `start`–`end` with a fresh count of every case filed then."""
    counted = await _count_slowly(session, office, start, end, now)
    rows = await session.exec(select(Rollup).where(Rollup.day >= start, Rollup.day <= end))
    stored: Sums = {}
    for row in rows.all():
        counts = [getattr(row, name) for name in COUNTS]
        if any(counts):
            stored[row.day, row.kind, row.path, row.key, row.level] = counts
    nothing = [0] * len(COUNTS)
    return [
        Difference(key, name, have, real)
        for key in sorted(stored.keys() | counted.keys())
        for name, have, real in zip(COUNTS, stored.get(key, nothing), counted.get(key, nothing), strict=True)
        if have != real
    ]


async def _count_slowly(session: AsyncSession, office: Office, start: date, end: date, now: datetime) -> Sums:
    sums: Sums = {}
    last = 0
    opens = datetime.combine(start, datetime.min.time(), office.zone)
    closes = datetime.combine(end + timedelta(days=1), datetime.min.time(), office.zone)
    while True:
        asked = select(Case.id).where(col(Case.id) > last, Case.created_at >= opens, Case.created_at < closes)
        ids = [one for one in (await session.exec(asked.order_by(col(Case.id)).limit(BATCH))).all() if one is not None]
        for key, counts in sums_of(await judged(session, office, ids, now)).items():
            add_counts(sums, key, counts)
        if len(ids) < BATCH:
            return sums
        last = ids[-1]


async def verify_rollups(office: Office, now: datetime) -> int:
    """The nightly check: differences are logged, and the days they lie in are counted afresh; how many there were."""
    await refresh_reports(office, now)
    today = office.local(now).date()
    start = today - timedelta(days=CHECKED_DAYS)
    async with office.database.read() as session:
        wrong = await differences(session, office, start, today, now)
    for one in wrong[:20]:
        log.error("rollup_differs", key=str(one.key), count=one.count, stored=one.stored, counted=one.counted)
    if wrong:
        async with office.database.write() as session:
            for day in sorted({one.key[0] for one in wrong}):
                await _forget_day(session, office, day)
        await refresh_reports(office, now)
    return len(wrong)


async def _forget_day(session: AsyncSession, office: Office, day: date) -> None:
    """Drops a day's flags and sums and marks its cases, so that the next run counts them from nothing."""
    await session.execute(delete(Rollup).where(col(Rollup.day) == day))
    await session.execute(delete(CaseFlags).where(col(CaseFlags.day) == day))
    opens = datetime.combine(day, datetime.min.time(), office.zone)
    found = await session.exec(
        select(Case).where(Case.created_at >= opens, Case.created_at < opens + timedelta(days=1))
    )
    for case in found.all():
        await mark_changed(session, case)
