"""A case's clocks as rows: recomputed from its history after every move, so that correcting history corrects them."""

from datetime import datetime
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.working_days import calendar_of
from backend.cases.history import as_event, events_of
from backend.cases.models import Case, CaseClock, CaseWarning
from backend.domain.cards import Key, next_warning_at
from backend.domain.case_view import CaseView
from backend.domain.clock import Clock
from backend.domain.deadlines import clocks, current
from backend.domain.limits import Limit, Limits, limits_for
from backend.domain.reasons import say
from backend.domain.words import ClockName, LimitUnit, WarnLevel
from backend.office import Office


def limits_of(office: Office, view: CaseView) -> Limits:
    """The four limits of a case: its category's own resolve limit over the usual ones, urgency over both."""
    leaf = office.taxonomy.leaves.get(view.category)
    own = {ClockName.RESOLVE: Limit(leaf.limit.amount, LimitUnit(leaf.limit.unit))} if leaf is not None else None
    return limits_for(view.kind, view.urgency, own)


async def recompute_clocks(session: AsyncSession, office: Office, case: Case, view: CaseView) -> None:
    """Rewrites the case's clock rows and its own `due_at` (the nearest running due time)."""
    assert case.id is not None
    history = [as_event(case.number, row) for row in await events_of(session, case.id)]
    now = history[-1].at
    calendar = await calendar_of(session, office.district_code, office.zone)
    found = current(clocks(history, limits_of(office, view), calendar, now))
    told = await warnings_given(session, case.id)
    rows = {row.name: row for row in (await session.exec(select(CaseClock).where(CaseClock.case_id == case.id))).all()}
    for name, clock in found.items():
        row = rows.get(name.value) or _new_row(office, case.id, clock)
        _fill(row, clock, None if view.ended else next_warning_at(clock, told))
        session.add(row)
    running = [clock.due_at for clock in found.values() if clock.running]
    case.due_at = min(running) if running and not view.ended else None
    session.add(case)
    await session.flush()


async def warnings_given(session: AsyncSession, case_id: int) -> set[Key]:
    """Every warning of a case that was given or covered."""
    rows = await session.exec(select(CaseWarning).where(CaseWarning.case_id == case_id))
    return {(ClockName(row.clock), row.round, WarnLevel(row.level)) for row in rows.all()}


async def resolve_due(session: AsyncSession, case: Case) -> datetime | None:
    """When the matter itself is to be settled: what people are promised, whichever clock runs out first."""
    found = await session.exec(
        select(CaseClock.due_at).where(CaseClock.case_id == case.id, CaseClock.name == ClockName.RESOLVE.value)
    )
    return found.first()


def _new_row(office: Office, case_id: int, clock: Clock) -> CaseClock:
    return CaseClock(
        district_code=office.district_code, case_id=case_id, name=clock.name.value, **clock_values(clock, None)
    )


def clock_values(clock: Clock, next_at: datetime | None) -> dict[str, Any]:
    """What a clock's row says; `next_at` is when it is to be looked at again."""
    return {
        "round": clock.round,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "stopped_at": clock.stopped_at,
        "is_paused": clock.paused,
        "limit_amount": clock.limit.amount,
        "limit_unit": clock.limit.unit.value,
        "next_at": next_at,
        "reasons": [say(reason) for reason in clock.reasons],
    }


def _fill(row: CaseClock, clock: Clock, next_at: datetime | None) -> None:
    for name, value in clock_values(clock, next_at).items():
        setattr(row, name, value)
