"""One clock that has come to a warning: the warning is stored once, the right people are found, the case is pushed up.

Who hears of which warning is said in `backend/domain/cards.py`; who these people are at a place is said here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area, Staff
from backend.areas.roster import staff_key
from backend.areas.working_days import calendar_of
from backend.cases.clocks import limits_of, recompute_clocks, warnings_given
from backend.cases.history import as_event, events_of
from backend.cases.models import Case, CaseClock, CaseWarning
from backend.cases.moving import push_up
from backend.cases.telling import chiefs_of, holding_path
from backend.db.upserting import insert_of
from backend.domain.cards import Key, Told, WarningDue, warnings_due
from backend.domain.case_view import CaseView
from backend.domain.clock import Clock
from backend.domain.deadlines import clocks, current
from backend.domain.history import replay
from backend.domain.words import ClockName
from backend.office import Office


@dataclass(frozen=True, slots=True)
class ToWarn:
    """Somebody to be told of a warning; `audience` chooses the wording (worker, chiefs, leader)."""

    person: Staff
    audience: str
    case: Case
    clock: Clock
    warning: WarningDue


async def warn(session: AsyncSession, office: Office, row: CaseClock, now: datetime) -> list[ToWarn]:
    """Stores the warning this clock has come to, if any, and pushes the case up; who is to be told.

    Another scheduler that was here first leaves nothing to do: its row in `case_warning` is unique.
    """
    case = await session.get(Case, row.case_id)
    if case is None or case.id is None:
        row.next_at = None
        session.add(row)
        return []
    history = [as_event(case.number, event) for event in await events_of(session, case.id)]
    view = replay(history)
    calendar = await calendar_of(session, office.district_code, office.zone)
    clock = current(clocks(history, limits_of(office, view), calendar, now)).get(ClockName(row.name))
    found: list[ToWarn] = []
    if clock is not None and not view.ended:
        for warning in warnings_due(clock, await warnings_given(session, case.id), now):
            if await _is_first(session, office, case.id, warning, now):
                people = await _people(session, case, view, clock, warning.who)
                found += [ToWarn(person, audience, case, clock, warning) for person, audience in people]
    after = await push_up(session, office, case, view, history, now) if found else view
    if after is view:  # a push rewrites the clocks itself
        await recompute_clocks(session, office, case, view)
    return found


async def _is_first(session: AsyncSession, office: Office, case_id: int, warning: WarningDue, now: datetime) -> bool:
    """Writes the warning's row and those of the lesser ones it covers; False when it was there already."""
    written = await _store(session, office, case_id, warning.key, now, covered=False)
    for key in warning.covers:
        await _store(session, office, case_id, key, now, covered=True)
    return written


async def _store(
    session: AsyncSession, office: Office, case_id: int, key: Key, now: datetime, *, covered: bool
) -> bool:
    insert = insert_of(session)
    statement = (
        insert(CaseWarning)
        .values(
            district_code=office.district_code,
            case_id=case_id,
            clock=key[0].value,
            round=key[1],
            level=key[2].value,
            covered=covered,
            at=now,
        )
        .on_conflict_do_nothing()
        .returning(col(CaseWarning.id))
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def _people(
    session: AsyncSession, case: Case, view: CaseView, clock: Clock, who: Iterable[Told]
) -> list[tuple[Staff, str]]:
    """Each person once, in the order of the table, and nobody the case is about."""
    found: dict[int, tuple[Staff, str]] = {}
    leaders = await _leaders(session, view)
    for told in who:
        if told is Told.OWNER:
            people, audience = await _owners(session, case, view, clock), "worker"
        elif told is Told.RESPONSIBLE:
            people, audience = await _of_grid(session, view), "chiefs"
        elif told is Told.DISPATCHER:
            people, audience = await chiefs_of(session, holding_path(case), view.subjects), "chiefs"
        else:
            people, audience = leaders[told is Told.LEADER_ABOVE], "leader"
        for person in people:
            touched = staff_key(person.id) in view.subjects or (person.unit and person.unit in view.subjects)
            if person.id is not None and not touched:
                found.setdefault(person.id, (person, audience))
    return list(found.values())


async def _owners(session: AsyncSession, case: Case, view: CaseView, clock: Clock) -> list[Staff]:
    """Who can do something about this clock: verifiers for the check, else the holder, else whoever sees the queue."""
    asked = select(Staff).where(col(Staff.is_active)).order_by(col(Staff.id))
    if clock.name is ClockName.VERIFY:
        rows = await session.exec(asked.where(Staff.role == "verifier", col(Staff.area_code).in_(view.area_path)))
        checkers = [person for person in rows.all() if staff_key(person.id) != view.doer]
        if checkers:
            return checkers
    elif view.assignee and view.assignee.startswith("staff:"):
        rows = await session.exec(asked.where(Staff.id == int(view.assignee.removeprefix("staff:"))))
        return list(rows.all())
    elif view.unit:
        return list((await session.exec(asked.where(Staff.unit == view.unit))).all())
    return await chiefs_of(session, holding_path(case), view.subjects)


async def _of_grid(session: AsyncSession, view: CaseView) -> list[Staff]:
    rows = await session.exec(
        select(Staff).where(
            Staff.role == "responsible", col(Staff.is_active), col(Staff.area_code).in_(view.area_path[3:])
        )
    )
    return list(rows.all())


async def _leaders(session: AsyncSession, view: CaseView) -> tuple[list[Staff], list[Staff]]:
    """Leaders of the level that holds the case (the nearest that has one), and those of the next level above."""
    rows = await session.exec(
        select(Staff, col(Area.path))
        .join(Area, col(Area.code) == col(Staff.area_code))
        .where(
            Staff.role == "leader",
            col(Staff.is_active),
            col(Staff.area_code).in_(view.area_path[: view.holding_place + 1]),
        )
        .order_by(col(Area.path).desc(), col(Staff.id))
    )
    by_path: dict[str, list[Staff]] = {}
    for person, path in rows.all():
        by_path.setdefault(path, []).append(person)
    levels = [*by_path.values(), [], []]
    return levels[0], levels[1]
