"""What window staff do with an application in the panel, beside the plain steps of `move_application`.

An actor is the panel user as the rules see them: `Actor("user:3", Role.OPERATOR, (area_code,), unit)`.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area, Staff
from backend.domain.application_life import available
from backend.domain.application_moves import Step
from backend.domain.application_needs import ApplicationView, NoIdentityCheck
from backend.domain.case_view import Actor
from backend.domain.words import ApplicationState, Source
from backend.items.applying import NewApplication, file_new, move_application
from backend.items.delivering import assign_courier, destination, request_delivery
from backend.items.door import delivery_address, is_right_person
from backend.items.history import view_of
from backend.items.models import Application, ServiceItem
from backend.items.papers import bring_papers
from backend.office import Office
from backend.people.residents import new_resident, remember, resident_by_phone

CHECKED_BY_EYE = "id_card"  # the window looks at the card itself


async def steps_for(session: AsyncSession, application: Application, actor: Actor) -> list[Step]:
    """The steps this person may take now: what the panel shows as buttons."""
    return available(await view_of(session, application), actor)


async def receive(
    session: AsyncSession,
    office: Office,
    actor: Actor,
    item_code: str,
    *,
    phone: str,
    name: str = "",
    area_code: str,
    brought: Sequence[str] | None = None,
    attachments: Sequence[int] = (),
    now: datetime,
    actor_name: str = "",
) -> Application:
    """Files at the counter (or for a caller) on behalf of a resident, found or remembered by phone (digits).

    They are told the number in their channel. What is not in `brought` is asked for at once, by name.
    """
    resident = await resident_by_phone(session, office, phone) if phone else None
    if resident is None:
        resident = await new_resident(session, office, now)
        await remember(session, office, resident, phone=phone or None, name=name or None)
    assert resident.id is not None
    new = NewApplication(
        item_code,
        resident.id,
        area_code,
        Source.PHONE.value,
        tuple(attachments),
        None if brought is None else tuple(brought),
    )
    application = await file_new(session, office, new, actor, now, actor_name)
    missing = [paper for paper in application.missing.split(";") if paper]
    if missing:
        await ask_materials(session, office, application, actor, missing, "", now, actor_name)
    return application


async def ask_materials(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    missing: Sequence[str],
    reason: str,
    now: datetime,
    actor_name: str = "",
) -> ApplicationView:
    """Says exactly what is missing (or wrong: then with the reason); the clock stands still from now on."""
    facts = {"missing": list(missing), "reason": reason or None}
    return await move_application(session, office, application, actor, "ask_materials", facts, now, actor_name)


async def papers_are_here(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    brought: Sequence[str],
    now: datetime,
    actor_name: str = "",
) -> ApplicationView:
    """The originals were shown at the counter."""
    return await bring_papers(session, office, application, actor, (), brought, "", now, actor_name)


async def approve(
    session: AsyncSession, office: Office, application: Application, actor: Actor, now: datetime, actor_name: str = ""
) -> ApplicationView:
    """Approves; an application that nobody took into review yet is taken into review first."""
    await _into_review(session, office, application, actor, now, actor_name)
    return await move_application(session, office, application, actor, "approve", {}, now, actor_name)


async def refuse(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    reason: str,
    appeal: str,
    now: datetime,
    actor_name: str = "",
) -> ApplicationView:
    """Refuses, with the reason and where to appeal (the item's own way when none is given)."""
    facts = {"reason": reason, "appeal": appeal or application.appeal}
    return await move_application(session, office, application, actor, "refuse", facts, now, actor_name)


async def mark_ready(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    now: datetime,
    actor_name: str = "",
    *,
    place: str = "",
) -> ApplicationView:
    """One click from anywhere before: review, approval and "ready"; the resident hears only of the last."""
    await _into_review(session, office, application, actor, now, actor_name)
    if application.state == ApplicationState.REVIEWING.value:
        await move_application(session, office, application, actor, "approve", {}, now, actor_name, quiet=True)
    facts = {"deliverable": application.item_name, "place": place or application.place or None}
    return await move_application(session, office, application, actor, "make_ready", facts, now, actor_name)


async def collected(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    check: str,
    value: str,
    now: datetime,
    actor_name: str = "",
) -> ApplicationView:
    """Handed out at the counter. `check`: id_card (seen by the window), or last_four or proxy with the digits said.

    Raises `NoIdentityCheck` when the digits are wrong, and the rules' refusals.
    """
    if check != CHECKED_BY_EYE and not await is_right_person(session, office, application, check, value):
        raise NoIdentityCheck(check=check)
    facts = {"check": check, "by_proxy": True if check == "proxy" else None}
    return await move_application(session, office, application, actor, "collect", facts, now, actor_name, prepared=True)


async def agree_delivery(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    slot: str,
    now: datetime,
    actor_name: str = "",
    *,
    address: str = "",
    area_code: str = "",
) -> None:
    """Agrees on a visit for a resident who called: slot (an id of `delivering.slots_for`), address or area.

    The resident is told slot and door code in their channel. Refusals as in `delivering.request_delivery`.
    """
    known = await delivery_address(session, office, application)
    where = destination(office, address or known.reveal(), area_code)
    await request_delivery(session, office, application, actor, where, slot, now, actor_name)


async def send_courier(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    staff_id: int,
    now: datetime,
    actor_name: str = "",
) -> None:
    """Assigns or changes the courier. Raises the rules' refusals; unknown staff is `AssigneeRequired`."""
    person = await session.get(Staff, staff_id)
    if person is None or not person.is_active:
        await move_application(session, office, application, actor, "assign_courier", {}, now, actor_name)
        return
    await assign_courier(session, office, application, person, actor, now, actor_name)


async def could_carry(session: AsyncSession, application: Application) -> list[Staff]:
    """Workers and responsible persons of the street in which it is to be brought home, grid by grid."""
    place = await session.get(Area, application.delivery_area_code or application.area_code)
    street = "".join(f"{code}/" for code in (place.path if place is not None else "").split("/")[:2] if code)
    found = await session.exec(
        select(Staff)
        .join(Area, col(Area.code) == col(Staff.area_code))
        .where(
            col(Staff.is_active),
            col(Staff.role).in_(("worker", "responsible")),
            col(Area.path).startswith(street, autoescape=True),
        )
        .order_by(Area.path, col(Staff.id))
    )
    return list(found.all())


async def item_of(session: AsyncSession, application: Application) -> ServiceItem | None:
    """The catalogue's row behind an application."""
    return await session.get(ServiceItem, application.item_id)


async def _into_review(
    session: AsyncSession, office: Office, application: Application, actor: Actor, now: datetime, actor_name: str
) -> None:
    if application.state == ApplicationState.RECEIVED.value:
        await move_application(session, office, application, actor, "start_review", {}, now, actor_name, quiet=True)
