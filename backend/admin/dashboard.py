"""How the area is doing: today, four weeks, who carries how much, and on which rung things were settled.

What has been filed and ended comes from the stored sums of the reports (minutes old at most); what is open and late now
is counted over the narrow index of open cases. Every figure opens the list behind it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from backend.admin.case_finding import capped_counts
from backend.admin.panel import Panel, panel_of
from backend.admin.rendering import render
from backend.admin.scope import beginning_with, in_range
from backend.admin.who import Who, who_of
from backend.cases.models import Case
from backend.reports.models import Rollup
from backend.reports.rates import sums_by
from backend.reports.scope import GroupBy, Scope

TREND_DAYS = 28
LADDER_DAYS = 90


@dataclass(frozen=True, slots=True)
class Day:
    """Cases filed and cases ended on one local day."""

    label: str
    filed: int
    ended: int


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area below the reader's own: what is open there, what is late, what was settled in four weeks."""

    code: str
    name: str
    open: int
    late: int
    settled: int


@dataclass(frozen=True, slots=True)
class LadderRow:
    """How many of the cases accepted in a quarter were settled on one rung."""

    level: str
    settled: int
    share: float


async def show_dashboard(request: Request) -> Response:
    """The dashboard."""
    return await _dashboard(request, "dashboard.html")


async def show_wall(request: Request) -> Response:
    """The same figures for a screen on the wall: large, dark, with the map, renewing itself."""
    return await _dashboard(request, "wall.html")


async def _dashboard(request: Request, template: str) -> Response:
    panel, who = panel_of(request), who_of(request)
    now = panel.clock()
    async with panel.office.database.read() as session:
        counts = await capped_counts(session, who, now, ("open", "queue", "overdue", "verify", "unsure", "boundary"))
        days = await _trend(session, panel, who, now)
        rows = await _by_area(session, panel, who, now)
        accepted, ladder = await _ladder(session, panel, who, now)
        kinds = await _by_class(session, panel, who, now)
    peak = max((max(day.filed, day.ended) for day in days), default=0) or 1
    return render(
        request,
        template,
        now=now,
        counts=counts,
        days=days,
        peak=peak,
        rows=rows,
        ladder=ladder,
        accepted=accepted,
        kinds=kinds,
        ladder_days=LADDER_DAYS,
        trend_days=TREND_DAYS,
    )


def _scope(panel: Panel, who: Who, now: datetime, days: int) -> Scope:
    """The last `days` local days in the reader's area."""
    today = panel.office.local(now).date()
    return Scope(panel.office.district_code, today - timedelta(days=days - 1), today, who.area_code, who.area_path)


async def _trend(session: AsyncSession, panel: Panel, who: Who, now: datetime) -> list[Day]:
    """Per day of filing: how many were filed, and how many of them have ended by now."""
    scope = _scope(panel, who, now, TREND_DAYS)
    found = await session.execute(
        select_columns(col(Rollup.day), func.sum(col(Rollup.cases)), func.sum(col(Rollup.ended)))
        .where(*scope.sums("all"), col(Rollup.path) == scope.root)
        .group_by(col(Rollup.day))
    )
    counted = {day: (int(filed), int(ended)) for day, filed, ended in found.all()}
    dates = [scope.start + timedelta(days=step) for step in range(TREND_DAYS)]
    return [Day(f"{date:%m-%d}", *counted.get(date, (0, 0))) for date in dates]


async def _by_area(session: AsyncSession, panel: Panel, who: Who, now: datetime) -> list[AreaRow]:
    """The areas directly below the reader's own: what is open and late there now, what was settled in four weeks."""
    children = [
        code
        for level in ("street", "community", "grid")
        for code in panel.office.atlas.codes(level)
        if _parent(panel, code) == who.area_code
    ]
    depth = who.area_path.count("/")
    is_open: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for path, total, over in await open_now(session, who, now, col(Case.area_path)):
        codes = str(path).strip("/").split("/")
        if len(codes) > depth:
            is_open[codes[depth]] += total
            late[codes[depth]] += over
    settled = await _settled_below(session, _scope(panel, who, now, TREND_DAYS), depth)
    name = panel.office.atlas.name
    return [AreaRow(code, name(code), is_open[code], late[code], settled.get(code, 0)) for code in children]


async def _settled_below(session: AsyncSession, scope: Scope, depth: int) -> dict[str, int]:
    """Of the cases filed in the period: how many have ended, per area at this depth."""
    below = [col(Rollup.depth) == depth, beginning_with(col(Rollup.path), scope.root)]
    found = await session.execute(
        select_columns(col(Rollup.path), func.sum(col(Rollup.ended)))
        .where(*scope.sums("all"), *below)
        .group_by(col(Rollup.path))
    )
    return {path.strip("/").rpartition("/")[2]: int(ended) for path, ended in found.all()}


async def open_now(session: AsyncSession, who: Who, now: datetime, by: Any) -> list[tuple[str | None, int, int]]:
    """Open and late cases per place: numbers alone, so whom a case is about plays no part.

    One pass over the index of open cases.
    """
    late = func.sum(sql_case((col(Case.due_at) < now, 1), else_=0))
    sqlite = session.get_bind().dialect.name == "sqlite"
    found = await session.execute(
        select_columns(by, func.count(), late)
        .where(col(Case.closed_at).is_(None), *in_range(col(Case.area_path), who.area_path, sqlite=sqlite))
        .group_by(by)
    )
    return [(key, int(total), int(over or 0)) for key, total, over in found.all()]


def _parent(panel: Panel, code: str) -> str | None:
    area = panel.office.atlas.area(code)
    return area.parent_code if area is not None else None


async def _ladder(session: AsyncSession, panel: Panel, who: Who, now: datetime) -> tuple[int, list[LadderRow]]:
    """The published table: accepted in the quarter, and settled at each level."""
    scope = _scope(panel, who, now, LADDER_DAYS)
    found = await session.execute(
        select_columns(col(Rollup.level), func.sum(col(Rollup.cases)), func.sum(col(Rollup.ended)))
        .where(*scope.sums("all"), col(Rollup.path) == scope.root)
        .group_by(col(Rollup.level))
    )
    counted = {level: (int(total), int(done)) for level, total, done in found.all()}
    accepted = sum(total for total, _ in counted.values())
    levels: Sequence[str] = ("grid", "community", "street", "district")
    rows = [
        LadderRow(level, counted.get(level, (0, 0))[1], counted.get(level, (0, 0))[1] / accepted if accepted else 0.0)
        for level in levels
    ]
    return accepted, rows


async def _by_class(session: AsyncSession, panel: Panel, who: Who, now: datetime) -> list[tuple[str, str, int]]:
    """The classes people report most in four weeks: code, name, count."""
    sums = await sums_by(session, _scope(panel, who, now, TREND_DAYS), GroupBy.CATEGORY)
    totals: Counter[str] = Counter()
    for code, one in sums.items():
        if code:
            totals[code.partition(".")[0]] += one.cases
    return [(code, panel.office.taxonomy.name_of(code), count) for code, count in totals.most_common(8) if count]
