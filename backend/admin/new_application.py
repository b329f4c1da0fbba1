"""An application taken at the counter or by telephone: item, who, where, and which papers are there."""

from collections.abc import Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.call_desk import NeedsPlace, digits_of
from backend.admin.choices import areas_below
from backend.admin.move_facts import FormRefused, typed
from backend.admin.panel import BASE, panel_of
from backend.admin.rendering import render, sentence_for
from backend.admin.who import who_of
from backend.items.facts import OFFERED
from backend.items.models import ServiceItem
from backend.items.reading import materials_of
from backend.items.window import receive
from nlu.errors import LinliError


async def offered_items(session: AsyncSession) -> list[ServiceItem]:
    """Items one can apply for, by name."""
    found = await session.exec(
        select(ServiceItem).where(col(ServiceItem.state).in_(OFFERED)).order_by(col(ServiceItem.name))
    )
    return list(found.all())


async def show_new(request: Request) -> Response:
    """The form."""
    values = {name: request.query_params.get(name, "")[:40] for name in ("phone", "item")}
    return await _page(request, values)


async def _page(request: Request, values: Mapping[str, str], sentence: str = "", status: int = 200) -> Response:
    panel, who = panel_of(request), who_of(request)
    async with panel.office.database.read() as session:
        items = await offered_items(session)
    chosen = next((item for item in items if item.code == values.get("item")), None)
    papers = [paper.name for paper in materials_of(chosen.materials)] if chosen is not None else []
    template = "new_application_papers.html" if request.headers.get("hx-target") == "papers" else "new_application.html"
    areas = areas_below(panel.office, who.area_path)
    return render(
        request,
        template,
        status,
        values=values,
        items=items,
        papers=papers,
        item=chosen,
        areas=areas,
        sentence=sentence,
    )


async def post_new(request: Request) -> Response:
    """Files it and opens its page; what was not ticked is asked for at once, by name."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    values: dict[str, str] = {}
    try:
        values = typed(form)
        digits = digits_of(values.get("phone", ""))
        if len(digits) < 7:
            raise FormRefused(need="phone")
        if values.get("area_code") not in {code for code, _ in areas_below(panel.office, who.area_path)}:
            raise NeedsPlace
        brought = [str(one) for one in form.getlist("brought")]
        async with panel.office.database.write() as session:
            application = await receive(
                session,
                panel.office,
                who.actor,
                values.get("item", ""),
                phone=digits,
                name=values.get("name", "")[:40],
                area_code=values["area_code"],
                brought=brought,
                now=panel.clock(),
                actor_name=who.name,
            )
            number = application.number
    except LinliError as refused:
        return await _page(request, values, sentence_for(request, refused), refused.status)
    return RedirectResponse(f"{BASE}/applications/{number}", status_code=303)
