"""How one case counts: its history through the rules of the rates, as a row of flags."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.cases.clocks import limits_of
from backend.domain.case_view import CaseView, Event
from backend.domain.clock import Clock
from backend.domain.deadlines import clocks
from backend.domain.history import replay
from backend.domain.rates import OUT_OF_COUNT, PASSED, flags
from backend.domain.words import CaseState, ClockName
from backend.domain.working_time import WorkingCalendar
from backend.office import Office
from backend.reports.models import CaseFlags

TIMED = (ClockName.FIRST_CONTACT, ClockName.RESOLVE)  # whose running out changes a flag without any move


def judge(
    office: Office, calendar: WorkingCalendar, case_id: int, history: Sequence[Event], now: datetime
) -> CaseFlags:
    """The flags of a case as they stand at `now` (aware); not stored."""
    view = replay(history)
    found = clocks(history, limits_of(office, view), calendar, now)
    return CaseFlags(**flag_values(office, calendar, case_id, view, history, found, now))


def flag_values(
    office: Office,
    calendar: WorkingCalendar,
    case_id: int,
    view: CaseView,
    history: Sequence[Event],
    found: Sequence[Clock],
    now: datetime,
) -> dict[str, Any]:
    """The same as plain values, for whoever has the case and its clocks already."""
    as_filed = _as_filed(office, calendar, view, history, now)
    values: dict[str, Any] = {
        "district_code": office.district_code,
        "case_id": case_id,
        "day": office.local(history[0].at).date(),
        "area_path": "".join(f"{code}/" for code in view.area_path),
        "category": view.category,
        "staff": _whose(view),
        "level": view.level.value,
        "next_at": _next_change([*found, *as_filed], now),
        "cases": int(view.state not in OUT_OF_COUNT),
        "ended": int(view.state in (*PASSED, CaseState.DONE)),
    }
    for rate, flag in flags(view, history, found, now, as_filed).items():
        values[f"{rate.value}_below"] = int(flag.below)
        values[f"{rate.value}_above"] = int(flag.above)
    return values


def _as_filed(
    office: Office, calendar: WorkingCalendar, view: CaseView, history: Sequence[Event], now: datetime
) -> list[Clock]:
    """The clocks under the limits of what it was filed as, when it was relabelled since."""
    filed = replace(view, kind=view.first_kind or view.kind, category=view.first_category or view.category)
    if (filed.kind, filed.category) == (view.kind, view.category):
        return []
    return clocks(history, limits_of(office, filed), calendar, now)


def _whose(view: CaseView) -> str:
    if view.doer or view.assignee:
        return view.doer or view.assignee or ""
    return f"unit:{view.unit}" if view.unit else ""


def _next_change(found: Sequence[Clock], now: datetime) -> datetime | None:
    waiting = [clock.due_at for clock in found if clock.name in TIMED and clock.running and clock.due_at >= now]
    return min(waiting, default=None)
