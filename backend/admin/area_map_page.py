"""Borders drawn on the map: vertices dragged in the browser, every ring checked here before it counts."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, ClassVar

from shapely.geometry.base import BaseGeometry
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend.admin.finding import NotHere
from backend.admin.panel import panel_of
from backend.admin.rendering import language_of, render, say, sentence_for
from backend.admin.who import Who, who_of
from backend.areas.geometry import read_polygon
from backend.areas.models import Area
from backend.domain.words import Role
from backend.imports.polygons import check_borders, explain_invalid, shapes_of
from backend.imports.problems import Problem
from backend.imports.records import AreaRecord
from nlu.errors import LinliError

MOST_POINTS = 4000


class BorderChanged(LinliError):
    """Somebody else saved this border meanwhile."""

    code: ClassVar[str] = "border_changed"
    status: ClassVar[int] = 409


async def show_area_map(request: Request) -> Response:
    """The page: a list of areas and the map to draw on."""
    who = who_of(request)
    async with panel_of(request).office.database.read() as session:
        areas = list((await session.exec(select(Area).where(_mine(who)).order_by(col(Area.path)))).all())
    first = next((one.code for one in areas if one.polygon), "")
    return render(request, "area_map.html", areas=areas, first=first, may_edit=who.role is Role.SYSADMIN)


async def area_shape(request: Request) -> Response:
    """One area's border, its stamp, and the borders around it."""
    who = who_of(request)
    async with panel_of(request).office.database.read() as session:
        area = await _area(session, who, request.path_params["code"])
        near = await _around(session, area)
    around = [{"name": one.name, "level": one.level, "polygon": one.polygon} for one in near if one.polygon]
    return JSONResponse({"polygon": area.polygon, "stamp": stamp_of(area), "name": area.name, "around": around})


async def save_shape(request: Request) -> Response:
    """Keeps a border that is sound; answers with its new stamp and warnings, or with what is wrong (422)."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    language, text = language_of(request), str(form.get("polygon", ""))
    shape = _read(text)
    if shape is None:
        return JSONResponse({"said": [say(request, "record_refused.polygon")]}, status_code=422)
    if not shape.is_valid:
        return JSONResponse({"said": [say(request, "border.broken", detail=explain_invalid(shape))]}, status_code=422)
    async with panel.office.database.write() as session:
        area = await _area(session, who, request.path_params["code"])
        if str(form.get("stamp", "")) != stamp_of(area):
            refused = BorderChanged()
            return JSONResponse({"said": [sentence_for(request, refused)]}, status_code=refused.status)
        problems = faults_of(area, shape, await _around(session, area))
        texts = panel.office.texts
        said = [texts.say(f"imports.fault.{one.fault.value}", language, **one.facts) for one in problems]
        if any(not one.is_warning for one in problems):
            return JSONResponse({"said": said}, status_code=422)
        area.polygon = json.loads(text)
        session.add(area)
        await panel.office.auditor.record(
            session, at=panel.clock(), actor=who.audit_key, action="draw_border", subject=f"area:{area.code}"
        )
        stamp = stamp_of(area)
    async with panel.office.database.read() as session:
        await panel.office.atlas.rebuild(session)
    return JSONResponse({"said": said, "stamp": stamp})


def faults_of(area: Area, shape: BaseGeometry, around: Sequence[Area]) -> list[Problem]:
    """What the import would say of this border beside its neighbours and inside its parent."""
    drawn = {**shapes_of({one.code: one.polygon for one in around}), area.code: shape}
    rows = [area, *(one for one in around if one.level == area.level)]
    found = {one.code: (1, AreaRecord(one.code, one.name, one.level, one.parent_code)) for one in rows}
    return [one for one in check_borders(found, drawn) if area.code in one.facts.values()]


def stamp_of(area: Area) -> str:
    """A digest of the stored border: who saves must have seen the newest one."""
    return sha256(json.dumps(area.polygon, sort_keys=True).encode()).hexdigest()[:16]


def _read(text: str) -> BaseGeometry | None:
    """A polygon in degrees with a bearable number of corners; None for anything else."""
    shape = read_polygon(text) if text.count("[") <= MOST_POINTS else None
    if shape is None or shape.is_empty:
        return None
    west, south, east, north = shape.bounds
    return shape if -180 <= west <= east <= 180 and -90 <= south <= north <= 90 else None


def _mine(who: Who) -> Any:
    return col(Area.path).startswith(who.area_path, autoescape=True)


async def _area(session: AsyncSession, who: Who, code: str) -> Area:
    found = (await session.exec(select(Area).where(Area.code == code, _mine(who)))).first()
    if found is None:
        raise NotHere
    return found


async def _around(session: AsyncSession, area: Area) -> list[Area]:
    """The parent, and the areas of the same level in the district."""
    same = or_(Area.level == area.level, Area.code == (area.parent_code or ""))
    found = await session.exec(select(Area).where(same, Area.code != area.code, col(Area.retired_at).is_(None)))
    return list(found.all())
