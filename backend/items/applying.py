"""The one way an application changes: ask the rules, append what they say, keep the present and the clock, tell people.

Everything happens in the caller's transaction. A refused step raises the rules' own error and changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.history import path_codes
from backend.cases.models import Attachment, PageLink
from backend.db.counters import next_number
from backend.domain.application_life import apply, evolve, file_application, replay
from backend.domain.application_needs import ApplicationView, NoIdentityCheck
from backend.domain.case_view import Actor, Event
from backend.items.door import forget_door_code
from backend.items.due import recompute_due
from backend.items.facts import OFFERED
from backend.items.history import append, history_of, project, view_from
from backend.items.milestones import APPLICATION_TELLS
from backend.items.models import Application, ServiceItem
from backend.items.reading import materials_of
from backend.items.refusals import DeliveryAddressNeeded, ItemCancelled, ItemNotOffered, ItemUnknown
from backend.items.telling import Step, tell
from backend.office import Office
from backend.people.residents import resident_key
from nlu.errors import LinliError

ENDS_A_VISIT = frozenset({"hand_over_at_door", "visit_failed", "cancel_delivery"})
ONLY_PREPARED: dict[str, type[LinliError]] = {
    "hand_over_at_door": NoIdentityCheck,  # `delivering.hand_over` checks who takes it
    "collect": NoIdentityCheck,  # `window.collected` does at the counter
    "request_delivery": DeliveryAddressNeeded,  # `delivering.request_delivery` keeps address and code, finds a courier
}


@dataclass(frozen=True, slots=True)
class NewApplication:
    """What is needed to file. `brought`: names of the papers that are there, None when nobody asked."""

    item_code: str
    resident_id: int
    area_code: str
    source: str
    attachments: tuple[int, ...] = ()
    brought: tuple[str, ...] | None = None
    delivery_wanted: bool = False
    text: str = ""


async def offered_item(session: AsyncSession, office: Office, code: str, path: Sequence[str]) -> ServiceItem:
    """The item behind a code if it can be applied for in this area; else the refusal that says why not."""
    found = await session.exec(
        select(ServiceItem).where(ServiceItem.code == code, ServiceItem.district_code == office.district_code)
    )
    item = found.first()
    if item is None:
        raise ItemUnknown(code=code)
    if item.state == "cancelled":
        raise ItemCancelled(name=item.name, reason=item.cancelled_reason)
    if item.state not in OFFERED or (item.area_code and item.area_code not in path):
        raise ItemNotOffered(name=item.name)
    return item


async def file_new(
    session: AsyncSession, office: Office, new: NewApplication, actor: Actor, now: datetime, actor_name: str = ""
) -> Application:
    """Files an application: number, clock, papers. Raises what `offered_item` and the rules refuse."""
    path = await path_codes(session, new.area_code)
    item = await offered_item(session, office, new.item_code, path)
    number = await next_number(session, office.district_code, office.local(now).date())
    missing = _missing(item, new.brought)
    facts = {
        "item": item.code,
        "applicant": resident_key(new.resident_id),
        "area_path": path,
        "unit": item.unit or None,
        "level": item.level,
        "missing": missing or None,
        "may_deliver": item.deliverable,
        "text": new.text or None,
    }
    events = file_application(number, actor, facts, now)
    application = _row(office, new, item, number, path, now)
    session.add(application)
    await session.flush()
    await adopt(session, application, new.attachments)
    await _record(session, office, application, [], events, actor_name, quiet=False)
    return application


def _missing(item: ServiceItem, brought: tuple[str, ...] | None) -> tuple[str, ...]:
    if brought is None:
        return ()
    return tuple(paper.name for paper in materials_of(item.materials) if paper.name not in brought)


def _row(
    office: Office, new: NewApplication, item: ServiceItem, number: str, path: Sequence[str], now: datetime
) -> Application:
    assert item.id is not None
    return Application(
        district_code=office.district_code,
        number=number,
        item_id=item.id,
        item_name=item.name,
        state="received",
        source=new.source,
        resident_id=new.resident_id,
        area_code=path[-1],
        area_path="".join(f"{code}/" for code in path),
        level=item.level,
        limit_working_days=item.limit_working_days,
        delivery_wanted=new.delivery_wanted and item.deliverable,
        appeal=item.appeal,
        place=item.place,
        created_at=now,
        updated_at=now,
        is_demo=office.is_demo,
    )


async def move_application(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    name: str,
    facts: Mapping[str, Any],
    now: datetime,
    actor_name: str = "",
    *,
    quiet: bool = False,
    prepared: bool = False,
) -> ApplicationView:
    """Takes the step `name` as `actor`; the application as it stands afterwards. Raises the rules' `MoveRefused`.

    `quiet`: a step on the way to another that is told in its place. `prepared`: said only by the verb that has done
    what the step must not go without (`ONLY_PREPARED`).
    """
    before = await history_of(session, application)
    if name in ONLY_PREPARED and not prepared:
        apply(view_from(application, before), actor, name, facts, now)  # the rules' own refusal goes first
        raise ONLY_PREPARED[name]
    events = apply(view_from(application, before), actor, name, facts, now)
    return await _record(session, office, application, before, events, actor_name, quiet=quiet)


async def _record(
    session: AsyncSession,
    office: Office,
    application: Application,
    before: list[Event],
    events: list[Event],
    actor_name: str,
    *,
    quiet: bool,
) -> ApplicationView:
    former = application.delivery_staff_id
    rows = await append(session, application, events, actor_name)
    view = replay(events) if not before else view_from(application, before)
    for event in events if before else []:
        view = evolve(view, event)
    project(application, view, events)
    if any(event.name in ENDS_A_VISIT for event in events):
        forget_door_code(application)
        await end_links(session, application, events[-1].at)
    await recompute_due(session, office, application, [*before, *events])
    gone = former if former != application.delivery_staff_id else None
    for event, row in zip(events, rows, strict=True):
        for one in () if quiet else APPLICATION_TELLS[event.name]:
            await tell(session, office, application, one, Step(event, row.seq, view.may_deliver, gone))
    return view


async def end_links(
    session: AsyncSession, application: Application, now: datetime, *, keep_staff: int | None = None
) -> None:
    """Ends the couriers' links to a visit that is over or was given to somebody else."""
    found = await session.exec(
        select(PageLink).where(
            PageLink.application_id == application.id,
            PageLink.purpose == "delivery",
            col(PageLink.revoked_at).is_(None),
        )
    )
    for link in found.all():
        if keep_staff is None or link.staff_id != keep_staff:
            link.revoked_at = now
            session.add(link)
    await session.flush()


async def adopt(session: AsyncSession, application: Application, attachments: Sequence[int]) -> None:
    """Joins stored photos to the application; only ones that belong to nothing else yet."""
    if not attachments:
        return
    rows = await session.exec(
        select(Attachment).where(
            col(Attachment.id).in_(list(attachments)),
            col(Attachment.case_id).is_(None),
            col(Attachment.application_id).is_(None),
        )
    )
    for row in rows.all():
        row.application_id = application.id
        session.add(row)
    await session.flush()
