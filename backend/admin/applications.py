"""Applications: the list by state, one page with the steps that are legal now, and "ready" in one press.

Whoever holds a finished certificate in their hand does not want to press "review", "approve" and "ready": where all
three are this person's to take, the page offers them as one, and the applicant is told once.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.application_fields import fields_of, step_facts
from backend.admin.case_page import Tried
from backend.admin.choices import choices_for
from backend.admin.finding import NotHere, application_by_number
from backend.admin.move_facts import typed
from backend.admin.panel import BASE, panel_of
from backend.admin.rendering import render, sentence_for
from backend.admin.scope import applications_of
from backend.admin.who import Who, who_of
from backend.areas.models import Staff
from backend.cases.models import Attachment
from backend.cases.photos import attach, store_photo
from backend.domain.application_life import available
from backend.domain.application_moves import STEPS
from backend.domain.refusals import UnknownMove
from backend.domain.words import ApplicationState
from backend.items.applying import move_application
from backend.items.history import events_of, view_of
from backend.items.models import Application, ServiceItem
from backend.items.window import agree_delivery, collected, mark_ready, send_courier
from backend.office import Office
from backend.people.models import Resident
from backend.people.residents import name_of, phone_of
from nlu.errors import LinliError

PAGE_ROWS = 50
S = ApplicationState
TABS: dict[str, tuple[str, ...]] = {
    "open": (S.RECEIVED, S.INCOMPLETE, S.REVIEWING, S.APPROVED, S.READY, S.DELIVERING),
    "received": (S.RECEIVED,),
    "incomplete": (S.INCOMPLETE,),
    "reviewing": (S.REVIEWING, S.APPROVED),
    "ready": (S.READY,),
    "delivering": (S.DELIVERING,),
    "ended": (S.COLLECTED, S.CLOSED, S.REFUSED, S.WITHDRAWN),
}
FIRST_TO_READY = {S.RECEIVED: "start_review", S.REVIEWING: "approve", S.APPROVED: "make_ready"}
READY = "ready_now"  # the one press


async def application_list(request: Request) -> Response:
    """The list, newest first, page by page."""
    panel, who = panel_of(request), who_of(request)
    tab = request.query_params.get("tab", "open")
    tab = tab if tab in TABS else "open"
    text, after = request.query_params.get("q", "").strip()[:60], request.query_params.get("after", "")
    statement = select(Application).where(applications_of(who), col(Application.state).in_(TABS[tab]))
    if text:
        name, number = col(Application.item_name), col(Application.number)
        statement = statement.where(name.contains(text, autoescape=True) | number.startswith(text, autoescape=True))
    if after.isdecimal():
        statement = statement.where(col(Application.id) < int(after))
    async with panel.office.database.read() as session:
        rows = list((await session.exec(statement.order_by(col(Application.id).desc()).limit(PAGE_ROWS + 1))).all())
    following = str(rows[PAGE_ROWS - 1].id) if len(rows) > PAGE_ROWS else ""
    return render(
        request,
        "applications.html",
        rows=rows[:PAGE_ROWS],
        following=following,
        tab=tab,
        tabs=list(TABS),
        text=text,
        now=panel.clock(),
    )


async def show_application(request: Request) -> Response:
    """One application."""
    return await _page(request, Tried())


async def _page(request: Request, tried: Tried, status: int = 200) -> Response:
    panel, who = panel_of(request), who_of(request)
    now = panel.clock()
    async with panel.office.database.read() as session:
        application = await application_by_number(session, who, request.path_params["number"])
        facts = await _facts(session, panel.office, who, application, now)
    return render(request, "application.html", status=status, tried=tried, now=now, **facts)


async def _facts(
    session: AsyncSession, office: Office, who: Who, application: Application, now: datetime
) -> dict[str, Any]:
    assert application.id is not None
    view = await view_of(session, application)
    steps = available(view, who.actor)
    names = {step.name for step in steps}
    first = FIRST_TO_READY.get(S(application.state), "")
    resident = await session.get(Resident, application.resident_id) if application.resident_id else None
    courier = await session.get(Staff, application.delivery_staff_id) if application.delivery_staff_id else None
    photos = await session.exec(select(Attachment).where(Attachment.application_id == application.id))
    return {
        "application": application,
        "item": await session.get(ServiceItem, application.item_id),
        "view": view,
        "steps": [(step, fields_of(step)) for step in steps],
        "can_ready": first in names and not view.missing,
        "events": list(reversed(await events_of(session, application.id))),
        "photos": list(photos.all()),
        "name": str(await name_of(session, office, resident)) if resident is not None else "",
        "phone": str(await phone_of(session, office, resident)) if resident is not None else "",
        "courier": courier.name if courier is not None else "",
        "choices": await choices_for(session, office, who, None, now),
    }


async def post_step(request: Request) -> Response:
    """Takes a step, or goes the whole road to "ready"; a refusal keeps what was typed."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    name, number = request.path_params["step"], request.path_params["number"]
    values: dict[str, str] = {}
    try:
        values = typed(form)
        async with panel.office.database.write() as session:
            application = await application_by_number(session, who, number)
            _check_version(application, values)
            facts = await _facts_for(session, panel.office, who, application, name, values, form, panel.clock())
            await _take(session, panel.office, who, application, name, facts, panel.clock())
    except NotHere:
        raise
    except LinliError as refused:
        return await _page(request, Tried(name, values, sentence_for(request, refused)), refused.status)
    return RedirectResponse(f"{BASE}/applications/{number}", status_code=303)


class ApplicationChanged(LinliError):
    """Somebody has changed this application since you opened it; look again."""

    code = "application_changed"
    status = 409


def _check_version(application: Application, values: Mapping[str, str]) -> None:
    if values.get("version", "") != str(application.version):
        raise ApplicationChanged


async def _facts_for(
    session: AsyncSession,
    office: Office,
    who: Who,
    application: Application,
    name: str,
    values: Mapping[str, str],
    form: FormData,
    now: datetime,
) -> dict[str, Any]:
    if name == READY:
        return {"place": values.get("place", "")}
    step = STEPS.get(name)
    if step is None or not step.from_states:
        raise UnknownMove(move=name)
    photos = []
    for upload in form.getlist("photo"):
        if not isinstance(upload, str) and upload.size:
            stored = await asyncio.to_thread(store_photo, office.media_folder, await upload.read())
            photos.append(
                str(
                    await attach(
                        session,
                        office.district_code,
                        stored,
                        now,
                        kind="paper",
                        by="staff",
                        application_id=application.id,
                    )
                )
            )
    choices = await choices_for(session, office, who, None, now)
    return step_facts(step, values, choices, photos)


async def _take(
    session: AsyncSession,
    office: Office,
    who: Who,
    application: Application,
    name: str,
    facts: Mapping[str, Any],
    now: datetime,
) -> None:
    actor, said_by = who.actor, who.name
    if name == READY:
        await mark_ready(session, office, application, actor, now, said_by, place=str(facts.get("place", "")))
    elif name == "assign_courier" and facts.get("courier"):
        staff_id = int(str(facts["courier"]).removeprefix("staff:"))
        await send_courier(session, office, application, actor, staff_id, now, said_by)
    elif name == "request_delivery" and facts.get("slot"):
        area = str(facts.get("address_area", ""))
        await agree_delivery(session, office, application, actor, str(facts["slot"]), now, said_by, area_code=area)
    elif name == "collect" and facts.get("check"):
        said = str(facts.get("check_value", ""))
        await collected(session, office, application, actor, str(facts["check"]), said, now, said_by)
    else:
        await move_application(session, office, application, actor, name, facts, now, said_by)
    session.add(application)
