"""What a worker finds on patrol: a short form, filed as their report; what they settled at once is closed at once."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.cases.filing import NewCase, file_new
from backend.cases.history import view_of
from backend.cases.models import Case
from backend.cases.moving import move
from backend.cases.photos import attach
from backend.domain.lifecycle import available
from backend.domain.refusals import PhotoRequired, TextRequired
from backend.domain.words import Kind, Source, Urgency
from backend.notices.letters import Pin
from backend.office import Office
from backend.pages.bearers import Worker, worker_of
from backend.pages.forms import Posted, read_form
from backend.pages.kit import PageKit
from backend.pages.masking import personal_in
from backend.pages.pictures import stored
from backend.pages.refusals import FieldWrong
from backend.pages.rendering import is_large, language_of


@dataclass(frozen=True)
class PatrolPages:
    """The routes of the patrol form."""

    kit: PageKit

    def routes(self) -> list[Route]:
        """Form and filing."""
        return [
            Route("/t/{token}/patrol", self.kit.guarded(self.form), methods=["GET"]),
            Route("/t/{token}/patrol", self.kit.guarded(self.file), methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """The empty form."""
        async with self.kit.office.database.read() as session:
            worker = await worker_of(session, request.path_params["token"], self.kit.clock())
        taxonomy = self.kit.office.taxonomy
        return self.kit.pages.answer(
            "patrol.html",
            language_of(request),
            large=is_large(request),
            token=request.path_params["token"],
            area=self.kit.office.atlas.full_name(worker.staff.area_code),
            classes=[(name, taxonomy.leaves_of(code)) for code, name in taxonomy.classes.items()],
        )

    async def file(self, request: Request) -> Response:
        """Files the report as this worker; needs words and a photo."""
        office, now = self.kit.office, self.kit.clock()
        token = request.path_params["token"]
        async with office.database.read() as session:
            await worker_of(session, token, now)
        form = await read_form(request)
        if not form.text("text"):
            raise TextRequired
        if not form.photos():
            raise PhotoRequired
        async with stored(office, form.photos()) as files, office.database.write() as session:
            worker = await worker_of(session, token, now)
            by = worker.actor.id
            photos = tuple([await attach(session, office.district_code, one, now, by=by) for one in files])
            case = await _file(session, office, worker, form, photos, now)
            if form.text("settled") == "1":
                facts = {
                    "result": form.text("result") or form.text("text"),
                    "photo": [str(one) for one in photos],
                    "evidence": ["photo", "photo_after"],
                }
                await _settle(session, office, worker, case, facts, now)
        return self.kit.done(request, f"/t/{token}/tasks", "patrol")


async def _file(
    session: AsyncSession,
    office: Office,
    worker: Worker,
    form: Posted,
    photos: tuple[int, ...],
    now: datetime,
) -> Case:
    text, place, pin = form.text("text"), form.text("place", 200), _pin(form)
    category = form.text("category", 60)
    if category and category not in office.taxonomy.leaves:
        raise FieldWrong(field="category")
    placement = office.atlas.gazetteer.resolve(place, pin)
    new = NewCase(
        text=text,
        kind=Kind.REPORT,
        category=category,
        urgency=Urgency.URGENT if form.text("urgent") == "1" else Urgency.NORMAL,
        source=Source.PATROL,
        area_code=placement.sure.area_code if placement.sure is not None else worker.staff.area_code,
        place=place,
        lat=pin.lat if pin else placement.lat,
        lon=pin.lon if pin else placement.lon,
        entities=personal_in(text, now),
        attachments=photos,
        category_sure=bool(category),
    )
    return await file_new(session, office, new, worker.actor, now, worker.staff.name)


async def _settle(
    session: AsyncSession, office: Office, worker: Worker, case: Case, shown: dict[str, Any], now: datetime
) -> None:
    """Settled on the spot: in one step while nobody has it, else accepted and done by the worker who has it."""
    for name, facts in (("settle", shown), ("accept", {}), ("done", shown)):
        possible = {one.name for one in available(await view_of(session, case), worker.actor)}
        if name in possible:
            await move(session, office, case, worker.actor, name, facts, now, worker.staff.name)


def _pin(form: Posted) -> Pin | None:
    """The phone's point, WGS-84, when it gave one."""
    if not form.text("lat") and not form.text("lon"):
        return None
    try:
        lat, lon = float(form.text("lat", 20)), float(form.text("lon", 20))
    except ValueError as wrong:
        raise FieldWrong(field="lat") from wrong
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise FieldWrong(field="lat")
    return Pin(round(lat, 6), round(lon, 6))
