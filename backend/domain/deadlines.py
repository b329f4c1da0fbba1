"""The clocks of a case, computed afresh from its history: correct the history and the clock is correct.

Which move starts, stops, pauses or resumes which clock is said in the table of moves. A clock that is started
while
running keeps its first start; started after a stop it begins a new round with a fresh limit; resumed after a
stop
it goes on, and the time between does not count. A pause that begins after the due time does not heal the
breach.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.domain.cards import moments
from backend.domain.case_view import Event
from backend.domain.clock import Clock
from backend.domain.limits import Limit, Limits
from backend.domain.moves import MOVES, Move
from backend.domain.reasons import Because, Reason, explain
from backend.domain.words import ClockName, LimitUnit
from backend.domain.working_time import WorkingCalendar, add, measure


def clocks(
    history: Iterable[Event],
    limits: Limits,
    calendar: WorkingCalendar,
    now: datetime,
    moves: Mapping[str, Move[Any]] = MOVES,
) -> list[Clock]:
    """Every round of every clock, in order of start. `limits` are those of the case as it is known today;
    a clock without a limit does not run. `moves` is the table of cases or of applications."""
    rounds: dict[ClockName, list[Clock]] = {name: [] for name in ClockName}
    for event in history:
        move = moves.get(event.name)
        if move is None:
            continue
        for name in move.starts:
            if name in limits:
                _start(rounds[name], name, limits[name], event.at)
        for name in move.resumes:
            _touch(rounds[name], _resume, event.at)
        for name in move.stops:
            _touch(rounds[name], _stop, event.at)
        for name in move.pauses:
            _touch(rounds[name], _pause, event.at)
        if event.name == "approve_extension":
            _extend(rounds[ClockName.RESOLVE], event)
    found = [_finish(clock, calendar, now) for each in rounds.values() for clock in each]
    return sorted(found, key=lambda c: (c.started_at, list(ClockName).index(c.name)))


def current(found: Iterable[Clock]) -> dict[ClockName, Clock]:
    """The latest round of each clock."""
    return {clock.name: clock for clock in sorted(found, key=lambda c: c.round)}


def due_times(limits: Limits, calendar: WorkingCalendar, at: datetime) -> list[Clock]:
    """What would be due if a case were filed at this moment (verify: counted from the resolve due time)."""
    plan: list[Clock] = []
    for name in ClockName:
        start = plan[-1].due_at if name is ClockName.VERIFY else calendar.local(at)
        plan.append(_finish(Clock(name, limits[name], start, start), calendar, start))
    return plan


def _start(rounds: list[Clock], name: ClockName, limit: Limit, at: datetime) -> None:
    if not rounds or rounds[-1].stopped_at is not None:
        rounds.append(Clock(name, limit, at, at, round=len(rounds) + 1))


def _touch(rounds: list[Clock], change: Callable[[Clock, datetime], Clock], at: datetime) -> None:
    if rounds:
        rounds[-1] = change(rounds[-1], at)


def _stop(clock: Clock, at: datetime) -> Clock:
    if clock.stopped_at is not None:
        return clock
    return replace(_resume(clock, at), stopped_at=at)


def _pause(clock: Clock, at: datetime) -> Clock:
    return replace(clock, pauses=(*clock.pauses, (at, None))) if clock.running else clock


def _resume(clock: Clock, at: datetime) -> Clock:
    """End a pause; a stopped clock goes on, and the time it stood still does not count."""
    if clock.paused:
        return replace(clock, pauses=(*clock.pauses[:-1], (clock.pauses[-1][0], at)))
    if clock.stopped_at is not None:
        return replace(clock, stopped_at=None, pauses=(*clock.pauses, (clock.stopped_at, at)))
    return clock


def _extend(rounds: list[Clock], event: Event) -> None:
    if rounds and rounds[-1].stopped_at is None:
        unit = LimitUnit(event.data.get("limit_unit", LimitUnit.WORKING_DAYS))
        more = (event.at, Limit(event.data["amount"], unit))
        rounds[-1] = replace(rounds[-1], extensions=(*rounds[-1].extensions, more))


def _finish(clock: Clock, calendar: WorkingCalendar, now: datetime) -> Clock:
    """Due time and reasons."""
    unit, stood_still = clock.limit.unit, 0.0
    due = _due(clock, calendar, stood_still, until=clock.started_at)
    for begin, end in clock.pauses:
        due = _due(clock, calendar, stood_still, until=begin)
        if begin <= due:
            stood_still += measure(calendar, begin, max(begin, end or now), unit)
    due = _due(clock, calendar, stood_still, until=None)
    reasons = explain(calendar, clock.started_at, due, unit)
    local = calendar.local
    for begin, end in clock.pauses:
        reasons.append(Reason(Because.PAUSED, local(begin).date(), local(end or now).date()))
    for at, more in clock.extensions:
        when = local(at).date()
        reasons.append(Reason(Because.EXTENDED, when, when, amount=more.amount, unit=more.unit))
    timed = replace(clock, due_at=due, reasons=tuple(reasons))
    return replace(timed, warn_at=moments(timed, calendar, now))


def _due(clock: Clock, calendar: WorkingCalendar, stood_still: float, until: datetime | None) -> datetime:
    """Start + limit + time stood still + the extensions approved up to `until` (None: all)."""
    due = add(calendar, clock.started_at, clock.limit.amount + stood_still, clock.limit.unit)
    for at, more in clock.extensions:
        if until is None or at <= until:
            due = add(calendar, due, more.amount, more.unit)
    return due
