"""How the area is doing: today, four weeks, who carries how much, and on which rung things were settled.

Figures are counted over bounded windows by the database; every figure opens the list behind it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend.admin.cases_list import LIVE_STATES, capped_counts
from backend.admin.panel import Panel, panel_of
from backend.admin.rendering import render
from backend.admin.scope import cases_of
from backend.admin.who import Who, who_of
from backend.areas.models import Area
from backend.cases.models import Case

TREND_DAYS = 28
LADDER_DAYS = 90
SETTLED = ("closed", "verified", "done")


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
    panel, who = panel_of(request), who_of(request)
    now = panel.clock()
    async with panel.office.database.read() as session:
        counts = await capped_counts(session, who, now, ("open", "queue", "overdue", "verify", "unsure", "boundary"))
        days = await _trend(session, panel, who, now)
        rows = await _by_area(session, panel, who, now)
        accepted, ladder = await _ladder(session, who, now)
        kinds = await _by_class(session, panel, who, now)
    peak = max((max(day.filed, day.ended) for day in days), default=0) or 1
    return render(
        request,
        "dashboard.html",
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


async def _trend(session: AsyncSession, panel: Panel, who: Who, now: datetime) -> list[Day]:
    today = panel.office.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=TREND_DAYS - 1)
    filed = await _days(session, panel, who, col(Case.created_at), first)
    ended = await _days(session, panel, who, col(Case.closed_at), first)
    dates = [(first + timedelta(days=step)).date() for step in range(TREND_DAYS)]
    return [Day(f"{date:%m-%d}", filed[date.isoformat()], ended[date.isoformat()]) for date in dates]


async def _days(session: AsyncSession, panel: Panel, who: Who, moment: Any, first: datetime) -> Counter[str]:
    found = await session.execute(select(moment).where(cases_of(who), moment >= first))
    return Counter(panel.office.local(one).date().isoformat() for one in found.scalars().all())


async def _by_area(session: AsyncSession, panel: Panel, who: Who, now: datetime) -> list[AreaRow]:
    """The areas directly below the reader's own."""
    children = [
        code
        for level in ("street", "community", "grid")
        for code in panel.office.atlas.codes(level)
        if _parent(panel, code) == who.area_code
    ]
    live = col(Case.state).in_(LIVE_STATES)
    month = now - timedelta(days=TREND_DAYS)
    rows = []
    for code in children:
        area = panel.office.atlas.area(code)
        prefix = "".join(f"{one}/" for one in area.path) if area is not None else "-"
        found = await session.exec(
            select(
                func.count().filter(live),
                func.count().filter(live & (col(Case.due_at) < now)),
                func.count().filter(col(Case.state).in_(SETTLED) & (col(Case.updated_at) > month)),
            ).where(cases_of(who), col(Case.area_path).startswith(prefix, autoescape=True))
        )
        is_open, late, settled = found.one()
        rows.append(AreaRow(code, panel.office.atlas.name(code), is_open, late, settled))
    return rows


def _parent(panel: Panel, code: str) -> str | None:
    area = panel.office.atlas.area(code)
    return area.parent_code if area is not None else None


async def _ladder(session: AsyncSession, who: Who, now: datetime) -> tuple[int, list[LadderRow]]:
    """The published table: accepted in the quarter, and settled at each level."""
    since = now - timedelta(days=LADDER_DAYS)
    settled = func.sum(sql_case((col(Case.state).in_(SETTLED), 1), else_=0))
    found = await session.exec(
        select(Case.level, func.count(), settled).where(cases_of(who), Case.created_at > since).group_by(Case.level)
    )
    counted = {level: (int(total), int(done or 0)) for level, total, done in found.all()}
    accepted = sum(total for total, _ in counted.values())
    levels: Sequence[str] = ("grid", "community", "street", "district")
    rows = [
        LadderRow(level, counted.get(level, (0, 0))[1], counted.get(level, (0, 0))[1] / accepted if accepted else 0.0)
        for level in levels
    ]
    return accepted, rows


async def _by_class(session: AsyncSession, panel: Panel, who: Who, now: datetime) -> list[tuple[str, str, int]]:
    """The classes people report most in four weeks: code, name, count."""
    since = now - timedelta(days=TREND_DAYS)
    found = await session.exec(
        select(Case.category_code, func.count())
        .where(cases_of(who), Case.created_at > since, Case.category_code != "")
        .group_by(Case.category_code)
    )
    totals: Counter[str] = Counter()
    for code, count in found.all():
        totals[code.partition(".")[0]] += count
    return [(code, panel.office.taxonomy.name_of(code), count) for code, count in totals.most_common(8)]


async def show_map(request: Request) -> Response:
    """The page around the map."""
    return render(request, "map.html")


async def map_data(request: Request) -> Response:
    """The grids of the reader's area as GeoJSON, each with its open and late cases; and the open cases with a point."""
    panel, who = panel_of(request), who_of(request)
    now = panel.clock()
    live = col(Case.state).in_(LIVE_STATES)
    late = func.sum(sql_case((col(Case.due_at) < now, 1), else_=0))
    async with panel.office.database.read() as session:
        grids = await session.exec(
            select(Area).where(Area.level == "grid", col(Area.path).startswith(who.area_path, autoescape=True))
        )
        counted = await session.exec(
            select(Case.grid_code, func.count(), late).where(cases_of(who), live).group_by(col(Case.grid_code))
        )
        pins = await session.exec(
            select(Case).where(cases_of(who), live, col(Case.lat).is_not(None)).order_by(col(Case.id).desc()).limit(500)
        )
        loads = {code: (int(total), int(over or 0)) for code, total, over in counted.all()}
        features = [_feature(panel, area, loads.get(area.code, (0, 0))) for area in grids.all() if area.polygon]
        points = [
            {
                "number": one.number,
                "title": one.title,
                "at": [one.lat, one.lon],
                "late": bool(one.due_at and one.due_at < now),
            }
            for one in pins.all()
        ]
    return JSONResponse({"grids": {"type": "FeatureCollection", "features": features}, "cases": points})


def _feature(panel: Panel, area: Area, load: tuple[int, int]) -> dict[str, object]:
    properties = {"code": area.code, "name": panel.office.atlas.full_name(area.code), "open": load[0], "late": load[1]}
    return {"type": "Feature", "geometry": area.polygon, "properties": properties}
