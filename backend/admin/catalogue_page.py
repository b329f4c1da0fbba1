"""The catalogue's road for staff: 申请、审核、准入、调整 (propose to adjust), cancel; and the desk days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.finding import NotHere
from backend.admin.panel import BASE, Panel, panel_of
from backend.admin.rendering import render, sentence_for
from backend.admin.who import Who, who_of
from backend.areas.working_days import calendar_of
from backend.domain.words import Role
from backend.items import catalogue
from backend.items.desk_days import parse_desk_days
from backend.items.models import ItemRevision, ServiceItem
from nlu.errors import LinliError

WRITTEN = ("name", "level", "unit", "materials", "limit_working_days", "fee", "place", "hours", "phone", "desk_days")
WIDTHS = {"name": 80, "level": 12, "unit": 60, "materials": 600, "limit_working_days": 3, "fee": 60, "place": 120}
WIDTHS |= {"hours": 120, "phone": 40, "desk_days": 120}  # as the table has them
LEVELS = ("grid", "community", "street", "district")
CALENDAR_DAYS = 14
MOST_DECIDED = 30


class ProposalUnfit(LinliError):
    """A proposal needs a code, a name and at least one unit that reviews."""

    code: ClassVar[str] = "proposal_unfit"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a proposal beside what stands now."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """One desk on one day."""

    item: str
    place: str
    unit: str


def may_decide(who: Who) -> bool:
    """The catalogue office: the district's leader or dispatcher."""
    return who.role in (Role.LEADER, Role.DISPATCHER) and who.area_path.count("/") == 1


async def show_catalogue(request: Request) -> Response:
    """What is in review with each unit's opinion, what was decided, and the form for a proposal."""
    return await _page(request)


async def _page(request: Request, sentence: str = "", status: int = 200) -> Response:
    panel, who = panel_of(request), who_of(request)
    async with panel.office.database.read() as session:
        order = col(ItemRevision.id).desc()
        waiting = select(ItemRevision).where(ItemRevision.state == "review").order_by(order)
        open_ones = list((await session.exec(waiting)).all())
        past = select(ItemRevision).where(ItemRevision.state != "review").order_by(order).limit(MOST_DECIDED)
        decided = list((await session.exec(past)).all())
        items = {item.id: item for item in (await session.exec(select(ServiceItem).order_by(ServiceItem.code))).all()}
    asked = request.query_params.get("code", "")
    chosen = next((item for item in items.values() if item.code == asked), None)
    return render(
        request,
        "catalogue.html",
        status,
        open_ones=[(row, items.get(row.item_id), changes_of(row, items.get(row.item_id))) for row in open_ones],
        decided=[(row, items.get(row.item_id)) for row in decided],
        items=list(items.values()),
        chosen=chosen,
        written=WRITTEN,
        levels=LEVELS,
        decides=may_decide(who),
        unit=who.actor.unit or "",
        sentence=sentence,
    )


def changes_of(revision: ItemRevision, item: ServiceItem | None) -> list[Change]:
    """The fields that would change; for a new item those that are filled."""
    is_new = item is None or item.version == 0
    changed = []
    for name in catalogue.CONTENT:
        old = "" if is_new else str(getattr(item, name))
        new = str(revision.content.get(name, ""))
        if old != new and new not in ("", "0", "False"):
            changed.append(Change(name, old, new))
    return changed


async def propose(request: Request) -> Response:
    """A proposal from the form."""
    panel, who = panel_of(request), who_of(request)
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    try:
        content, reviewers = _read(form)
        async with panel.office.database.write() as session:
            first = date.fromisoformat(form["valid_from"]) if form.get("valid_from") else None
            facts: dict[str, Any] = {"valid_from": first, "reason": form.get("reason", "")[:200]}
            now, by = panel.clock(), who.audit_key
            await catalogue.propose(session, panel.office, form["code"][:30], content, reviewers, by, now, **facts)
    except LinliError as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    return RedirectResponse(f"{BASE}/catalogue", status_code=303)


def _read(form: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    reviewers = [one.strip()[:60] for one in form.get("reviewers", "").replace("；", ";").split(";") if one.strip()]
    limit, first = form.get("limit_working_days", "") or "0", form.get("valid_from", "")
    try:
        sound = not first or bool(date.fromisoformat(first))
    except ValueError:
        sound = False
    if not (form.get("code") and form.get("name") and reviewers and sound and limit.isdecimal() and len(limit) < 4):
        raise ProposalUnfit
    if form.get("level") not in LEVELS:
        raise ProposalUnfit
    content: dict[str, Any] = {name: form.get(name, "")[: WIDTHS[name]] for name in WRITTEN}
    return {**content, "limit_working_days": int(limit), "deliverable": bool(form.get("deliverable"))}, reviewers


async def decide(request: Request) -> Response:
    """`agree`, `object` by a unit that was asked; `admit`, `decline` by the catalogue office."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    does, note = str(form.get("does", "")), str(form.get("note", "")).strip()[:200]
    now = panel.clock()
    try:
        async with panel.office.database.write() as session:
            revision = await session.get(ItemRevision, int(request.path_params["revision_id"]))
            if revision is None:
                raise NotHere
            await _decide(session, panel, who, revision, does, note, now)
    except LinliError as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    return RedirectResponse(f"{BASE}/catalogue", status_code=303)


async def _decide(
    session: AsyncSession, panel: Panel, who: Who, revision: ItemRevision, does: str, note: str, now: datetime
) -> None:
    if does in ("agree", "object"):
        unit, agrees = who.actor.unit or "", does == "agree"
        await catalogue.review(session, revision, unit, agrees=agrees, note=note, by=who.audit_key, now=now)
        return
    if not may_decide(who):
        raise NotHere
    if does == "admit":
        await catalogue.admit(session, panel.office, revision, who.audit_key, now)
    elif does == "decline":
        await catalogue.decline(session, panel.office, revision, note, who.audit_key, now)


async def cancel(request: Request) -> Response:
    """An item nobody needs any more, with the reason people are told."""
    panel, who = panel_of(request), who_of(request)
    if not may_decide(who):
        raise NotHere
    form = await request.form()
    now, reason = panel.clock(), str(form.get("reason", "")).strip()
    try:
        async with panel.office.database.write() as session:
            item = (
                await session.exec(select(ServiceItem).where(ServiceItem.code == str(form.get("code", ""))))
            ).first()
            if item is None or item.state == "cancelled":
                raise NotHere
            await catalogue.cancel(session, panel.office, item, reason, who.audit_key, now)
    except LinliError as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    return RedirectResponse(f"{BASE}/catalogue", status_code=303)


async def show_desk_days(request: Request) -> Response:
    """Which rotating desk sits on which of the next two weeks' days; days off stay empty."""
    panel = panel_of(request)
    office = panel.office
    today = office.local(panel.clock()).date()
    async with office.database.read() as session:
        calendar = await calendar_of(session, office.district_code, office.zone)
        offered = col(ServiceItem.state).in_(("admitted", "adjusted"))
        items = (await session.exec(select(ServiceItem).where(offered, ServiceItem.desk_days != ""))).all()
    desks = [(item.name, desk) for item in items for desk in parse_desk_days(item.desk_days)]
    days: list[tuple[date, bool, list[Sitting]]] = []
    for day in (today + timedelta(days=step) for step in range(-today.weekday(), CALENDAR_DAYS - today.weekday())):
        working = calendar.day(day).working
        sits = [
            Sitting(name, desk.place, desk.unit) for name, desk in desks if working and day.weekday() in desk.weekdays
        ]
        days.append((day, working, sits))
    return render(request, "desk_days.html", days=days, today=today)
