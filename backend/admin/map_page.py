"""The grids as a map: coloured by what is open or late, today or on any evening of the last four weeks."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import case as sql_case
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend.admin.dashboard import open_now
from backend.admin.panel import Panel, panel_of
from backend.admin.rendering import render
from backend.admin.scope import beginning_with, cases_of
from backend.admin.who import Who, who_of
from backend.areas.models import Area
from backend.cases.models import Case

BACK_DAYS = 28
MOST_PINS = 500


async def show_map(request: Request) -> Response:
    """The page around the map."""
    return render(request, "map.html", back_days=BACK_DAYS)


async def map_data(request: Request) -> Response:
    """The grids of the reader's area as GeoJSON, each with its open and late cases; and the open cases with a point.

    `?back=` days: what was open at that time of that day; 0 is now.
    """
    panel, who = panel_of(request), who_of(request)
    asked = request.query_params.get("back", "")
    back = min(int(asked), BACK_DAYS) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 0
    moment = panel.clock() - timedelta(days=back)
    ended_later = or_(col(Case.closed_at).is_(None), col(Case.closed_at) > moment)
    is_open = and_(col(Case.created_at) <= moment, ended_later) if back else col(Case.closed_at).is_(None)
    async with panel.office.database.read() as session:
        grids = await session.exec(
            select(Area).where(Area.level == "grid", beginning_with(col(Area.path), who.area_path))
        )
        at_a_point = select(Case).where(cases_of(who), is_open, col(Case.lat).is_not(None))
        pins = await session.exec(at_a_point.order_by(col(Case.id).desc()).limit(MOST_PINS))
        loads = await _loads(session, who, moment, is_open, is_now=not back)
        features = [_feature(panel, area, loads.get(area.code, (0, 0))) for area in grids.all() if area.polygon]
        points = [_pin(one, moment) for one in pins.all()]
    day = f"{panel.office.local(moment):%m-%d %H:%M}"
    return JSONResponse({"grids": {"type": "FeatureCollection", "features": features}, "cases": points, "at": day})


async def _loads(
    session: AsyncSession, who: Who, moment: datetime, is_open: ColumnElement[bool], *, is_now: bool
) -> dict[str, tuple[int, int]]:
    """Open and late cases by grid; today's come from the narrow index of open cases."""
    if is_now:
        counts = await open_now(session, who, moment, col(Case.grid_code))
        return {code or "": (total, late) for code, total, late in counts}
    late = func.sum(sql_case((col(Case.due_at) < moment, 1), else_=0))
    counted = select(Case.grid_code, func.count(), late).where(cases_of(who), is_open).group_by(col(Case.grid_code))
    return {code or "": (int(total), int(over or 0)) for code, total, over in (await session.exec(counted)).all()}


def _pin(case: Case, moment: datetime) -> dict[str, object]:
    is_late = bool(case.due_at and case.due_at < moment)
    return {"number": case.number, "title": case.title, "at": [case.lat, case.lon], "late": is_late}


def _feature(panel: Panel, area: Area, load: tuple[int, int]) -> dict[str, object]:
    properties = {"code": area.code, "name": panel.office.atlas.full_name(area.code), "open": load[0], "late": load[1]}
    return {"type": "Feature", "geometry": area.polygon, "properties": properties}
