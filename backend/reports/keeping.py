"""Keeping flags and sums up to date: changed cases are looked at again, and sums move by the difference.

Incremental and in small transactions, so that a move never waits for a report; a case stays marked until the
transaction that counted it has committed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.working_days import calendar_of
from backend.cases.history import as_event
from backend.cases.models import Case, CaseChange, CaseEvent
from backend.db.upserting import insert_of
from backend.domain.case_view import Event
from backend.office import Office
from backend.reports.judging import judge
from backend.reports.models import COUNTS, CaseFlags, Rollup

BATCH = 50  # a transaction of about a tenth of a second
Key = tuple[date, str, str, str, str]  # day, kind, path, key, level: see `Rollup`
Sums = dict[Key, list[int]]


async def refresh_reports(office: Office, now: datetime) -> int:
    """Counts every case that changed, or whose time ran out, since the last run; how many."""
    seen = 0
    while True:
        async with office.database.write() as session:
            handled = await refresh_some(session, office, now, BATCH)
        seen += handled
        if handled < BATCH:
            return seen


async def refresh_some(session: AsyncSession, office: Office, now: datetime, limit: int) -> int:
    """One batch in the caller's transaction; how many cases were counted."""
    marks = (await session.exec(select(CaseChange).order_by(col(CaseChange.case_id)).limit(limit))).all()
    marked = {mark.case_id: mark.count for mark in marks}
    ripe = select(CaseFlags.case_id).where(col(CaseFlags.next_at) < now).order_by(col(CaseFlags.next_at))
    timed = (await session.exec(ripe.limit(limit - len(marked)))).all() if len(marked) < limit else ()
    ids = sorted({*marked, *timed})
    await count_again(session, office, ids, now)
    for case_id, count in marked.items():  # a change made meanwhile has raised the count: its mark stays
        await session.execute(
            delete(CaseChange).where(col(CaseChange.case_id) == case_id, col(CaseChange.count) == count)
        )
    return len(ids)


async def count_again(session: AsyncSession, office: Office, ids: Sequence[int], now: datetime) -> None:
    """Judges these cases afresh, stores their flags and moves the sums by the difference."""
    if not ids:
        return
    old = {
        row.case_id: row for row in (await session.exec(select(CaseFlags).where(_among(CaseFlags.case_id, ids)))).all()
    }
    difference: Sums = {}
    for new in await judged(session, office, ids, now):
        was = old.get(new.case_id)
        if was is not None:
            add_up(difference, was, -1)
        add_up(difference, new, 1)
        await session.merge(new)
    await session.flush()
    await move_sums(session, office.district_code, difference)


async def judged(session: AsyncSession, office: Office, ids: Sequence[int], now: datetime) -> list[CaseFlags]:
    """The flags of these cases at `now`, from their histories alone; nothing is stored."""
    calendar = await calendar_of(session, office.district_code, office.zone)
    cases = {row.id: row for row in (await session.exec(select(Case).where(_among(Case.id, ids)))).all()}
    histories: dict[int, list[Event]] = defaultdict(list)
    asked = select(CaseEvent).where(_among(CaseEvent.case_id, ids)).order_by(col(CaseEvent.case_id), col(CaseEvent.seq))
    for row in (await session.exec(asked)).all():
        if row.case_id in cases:
            histories[row.case_id].append(as_event(cases[row.case_id].number, row))
    return [judge(office, calendar, case_id, history, now) for case_id, history in histories.items()]


def keys_of(day: date, area_path: str, category: str, staff: str, level: str) -> list[Key]:
    """The rows of `Rollup` in which a case is counted."""
    codes = area_path.strip("/").split("/")
    paths = ["".join(f"{code}/" for code in codes[: depth + 1]) for depth in range(len(codes))]
    keys: list[Key] = [(day, "all", path, "", level) for path in paths]
    keys += [(day, "category", path, category, "") for path in paths[:2]]
    return [*keys, (day, "worker", paths[:2][-1], staff, "")]


def add_up(sums: Sums, row: CaseFlags, sign: int) -> None:
    """Adds (or with −1 takes away) what one case counts."""
    counts = [sign * getattr(row, name) for name in COUNTS]
    for key in keys_of(row.day, row.area_path, row.category, row.staff, row.level):
        add_counts(sums, key, counts)


def add_counts(sums: Sums, key: Key, counts: Sequence[int]) -> None:
    """Adds counts, in the order of `COUNTS`, to one sum."""
    into = sums.setdefault(key, [0] * len(COUNTS))
    for place, count in enumerate(counts):
        into[place] += count


def rollup_values(district_code: str, key: Key, counts: Sequence[int]) -> dict[str, Any]:
    """A sum as a row of `Rollup`."""
    day, kind, path, name, level = key
    values: dict[str, Any] = {"district_code": district_code, "day": day, "kind": kind, "path": path, "key": name}
    return values | {"depth": path.count("/") - 1, "level": level} | dict(zip(COUNTS, counts, strict=True))


async def move_sums(session: AsyncSession, district_code: str, difference: Sums) -> None:
    """Adds differences to the stored sums, one statement per row that really moves."""
    insert = insert_of(session)
    stored = Rollup.__table__.c  # type: ignore[attr-defined]  # SQLModel hides it
    for key, counts in sorted(difference.items()):
        if not any(counts):
            continue
        statement = insert(Rollup).values(**rollup_values(district_code, key, counts))
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["kind", "path", "day", "key", "level"],
                set_={name: stored[name] + statement.excluded[name] for name in COUNTS},
            )
        )


def sums_of(rows: Iterable[CaseFlags]) -> Sums:
    """The slow way: the sums of these cases, nothing remembered."""
    sums: Sums = {}
    for row in rows:
        add_up(sums, row, 1)
    return {key: counts for key, counts in sums.items() if any(counts)}


def _among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    return col(column).in_(ids)
