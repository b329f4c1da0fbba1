"""Approved templates of WeChat and SMS: ids, which of our facts fills which of their fields, how each reads."""

import re
from typing import ClassVar

from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.finding import NotHere
from backend.admin.panel import BASE, Panel, panel_of
from backend.admin.rendering import render, sentence_for
from backend.admin.who import who_of
from backend.notices.models import ApprovedTemplate
from backend.texts import LANGUAGES
from nlu.errors import LinliError

ROUTES = ("wechat.template", "wechat.subscribe", "sms")
AUDIENCES = ("resident", "worker", "chiefs")
OUR_FIELDS = ("number", "category", "place", "due", "item", "state", "slot", "desk", "time")
VENDOR_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
SAMPLE = {
    "number": "20260101-00000", "category": "路灯照明", "title": "幸福里1号楼门口的路灯不亮了", "place": "幸福里1号楼",
    "who": "网格员李师傅", "due": "11-26 18:00", "item": "独生子女父母光荣证", "time": "11-25 09:00",
    "unit": "市政养护所",
}  # fmt: skip


class TemplateUnfit(LinliError):
    """A line of the field table is not `their_field = our_fact`, or the id is missing."""

    code: ClassVar[str] = "template_unfit"
    status: ClassVar[int] = 422


async def template_list(request: Request) -> Response:
    """Every approved template, the form for one more, and the exact sentence of `?milestone=` in each language."""
    return await _page(request)


async def _page(request: Request, sentence: str = "", status: int = 200) -> Response:
    panel = panel_of(request)
    async with panel.office.database.read() as session:
        found = await session.exec(
            select(ApprovedTemplate).order_by(ApprovedTemplate.milestone, ApprovedTemplate.route)
        )
        rows = list(found.all())
    milestones = milestones_of(panel)
    chosen = request.query_params.get("milestone", "")
    chosen = chosen if chosen in milestones else "resident.done"
    return render(
        request,
        "templates.html",
        status,
        rows=rows,
        routes=ROUTES,
        milestones=milestones,
        chosen=chosen,
        said=[(language, wording_of(panel, chosen, language)) for language in LANGUAGES],
        ours=OUR_FIELDS,
        sample=SAMPLE,
        sentence=sentence,
    )


def milestones_of(panel: Panel) -> list[str]:
    """What can be told to whom, as templates name it: `resident.done`."""
    texts = panel.office.texts
    return [key.removeprefix("notices.") for one in AUDIENCES for key in texts.keys(f"notices.{one}.")]


def wording_of(panel: Panel, milestone: str, language: str) -> list[str]:
    """Every wording of a milestone, as it reads with an invented case; facts without an example show as 〔name〕."""
    wordings = panel.office.texts.wordings(f"notices.{milestone}", language)
    return [re.sub(r"\{(\w+)[^}]*\}", lambda m: SAMPLE.get(m[1], f"〔{m[1]}〕"), one) for one in wordings]


def read_fields(text: str) -> dict[str, str]:
    """`thing1 = place`, one per line. Raises `TemplateUnfit`."""
    fields = {}
    for line in filter(None, (one.strip() for one in text.splitlines())):
        theirs, _, ours = (part.strip() for part in line.partition("="))
        if not VENDOR_FIELD.fullmatch(theirs) or ours not in OUR_FIELDS:
            raise TemplateUnfit
        fields[theirs] = ours
    if not fields:
        raise TemplateUnfit
    return fields


async def save_template(request: Request) -> Response:
    """Adds a template, or replaces the one of the same route and milestone."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    route, milestone = str(form.get("route", "")), str(form.get("milestone", ""))
    try:
        template_id = str(form.get("template_id", "")).strip()
        if (
            route not in ROUTES
            or milestone not in milestones_of(panel)
            or not re.fullmatch(r"[\w-]{1,80}", template_id)
        ):
            raise TemplateUnfit
        fields = read_fields(str(form.get("fields", ""))[:2000])
    except TemplateUnfit as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    async with panel.office.database.write() as session:
        same = (ApprovedTemplate.route == route, ApprovedTemplate.milestone == milestone)
        row = (await session.exec(select(ApprovedTemplate).where(*same))).first() or ApprovedTemplate(
            district_code=panel.office.district_code, route=route, milestone=milestone, template_id=template_id
        )
        row.template_id, row.fields, row.long_term = template_id, fields, bool(form.get("long_term"))
        session.add(row)
        await panel.office.auditor.record(
            session, at=panel.clock(), actor=who.audit_key, action="save_template", subject=f"{route}:{milestone}"
        )
    return RedirectResponse(f"{BASE}/templates?milestone={milestone}", status_code=303)


async def drop_template(request: Request) -> Response:
    """Takes a template away; its milestone falls back to the other ways."""
    panel, who = panel_of(request), who_of(request)
    row_id = int(request.path_params["template_id"])
    async with panel.office.database.write() as session:
        found = await session.exec(select(ApprovedTemplate).where(col(ApprovedTemplate.id) == row_id))
        row = found.first()
        if row is None:
            raise NotHere
        await session.delete(row)
        subject = f"{row.route}:{row.milestone}"
        await panel.office.auditor.record(
            session, at=panel.clock(), actor=who.audit_key, action="drop_template", subject=subject
        )
    return RedirectResponse(f"{BASE}/templates", status_code=303)
