"""Bringing it home: where, when, by whom, and the check at the door.

The grid worker of the address (A, else B, else the responsible person) becomes the courier; when nobody is on duty the
dispatchers are told and assign one. Nobody carries their own application.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.areas.roster import roster_of, staff_key
from backend.areas.working_days import calendar_of
from backend.domain.application_life import apply
from backend.domain.application_needs import NoIdentityCheck, OutsideDistrict
from backend.domain.case_view import SYSTEM, Actor
from backend.domain.words import Role
from backend.items.applying import adopt, end_links, move_application
from backend.items.door import DOOR_CHECKS, TRIES, is_right_person, new_door_code, seal_for
from backend.items.facts import Slot
from backend.items.history import as_event, events_of, view_of
from backend.items.milestones import NO_COURIER
from backend.items.models import Application
from backend.items.refusals import DeliveryAddressNeeded, DeliveryAddressUnclear, DoorLocked, SlotGone
from backend.items.slots import DELIVERIES_A_SLOT, delivery_slots
from backend.items.telling import Step, tell
from backend.office import Office
from backend.people.models import ChannelIdentity


@dataclass(frozen=True, slots=True)
class Destination:
    """A delivery address inside the district: its words and the deepest area known for sure."""

    address: str
    area_code: str


def destination(office: Office, address: str, area_code: str = "") -> Destination:
    """Where to bring it. An area that was chosen with buttons goes before the words.

    Raises `DeliveryAddressNeeded`, `DeliveryAddressUnclear` (facts: candidates) and the rules' `OutsideDistrict`.
    """
    if area_code:
        area = office.atlas.area(area_code)
        if area is None or area.path[0] != office.district_code:
            raise OutsideDistrict(address=address)
        return Destination(address or office.atlas.full_name(area_code), area_code)
    if not address.strip():
        raise DeliveryAddressNeeded
    placement = office.atlas.gazetteer.resolve(address)
    if placement.sure is not None:
        return Destination(address, placement.sure.area_code)
    if not placement.candidates:
        raise OutsideDistrict(address=address)
    raise DeliveryAddressUnclear(address=address, candidates=[one.area_code for one in placement.candidates])


async def slots_for(session: AsyncSession, office: Office, now: datetime, language: str = "zh_CN") -> list[Slot]:
    """Times that may be chosen now."""
    calendar = await calendar_of(session, office.district_code, office.zone)
    return delivery_slots(calendar, now, office.texts, language)


async def request_delivery(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    where: Destination,
    slot: str,
    now: datetime,
    actor_name: str = "",
) -> str:
    """Agrees on a visit and finds the courier; the door code, which only the applicant may be told."""
    if slot not in {one.id for one in await slots_for(session, office, now)}:
        raise SlotGone(slot=slot)
    path = office.atlas.area(where.area_code)
    facts = {"slot": slot, "address_area": path.path[0] if path is not None else ""}
    apply(await view_of(session, application), actor, "request_delivery", facts, now)
    application.delivery_address_sealed = await seal_for(session, office, application, where.address)
    application.delivery_area_code = where.area_code
    code = await new_door_code(session, office, application)
    await move_application(
        session, office, application, actor, "request_delivery", facts, now, actor_name, prepared=True
    )
    await _find_courier(session, office, application, now)
    return code


async def _find_courier(session: AsyncSession, office: Office, application: Application, now: datetime) -> None:
    for row in await roster_of(session, application.delivery_area_code or "", now):
        if row.on_duty and await _may_carry(session, application, row.staff):
            await assign_courier(session, office, application, row.staff, SYSTEM, now)
            return
    last = (await events_of(session, application.id or 0))[-1]
    step = Step(as_event(application.number, last), last.seq, may_deliver=True)
    await tell(session, office, application, NO_COURIER, step)


async def _may_carry(session: AsyncSession, application: Application, person: Staff) -> bool:
    """Not their own application, and not more than one half day holds."""
    own = await session.exec(
        select(ChannelIdentity.id).where(
            ChannelIdentity.staff_id == person.id, ChannelIdentity.resident_id == application.resident_id
        )
    )
    carried = await session.exec(
        select(func.count())
        .select_from(Application)
        .where(
            Application.delivery_staff_id == person.id,
            Application.delivery_slot == application.delivery_slot,
            Application.state == "delivering",
        )
    )
    return own.first() is None and carried.one() < DELIVERIES_A_SLOT


async def assign_courier(
    session: AsyncSession,
    office: Office,
    application: Application,
    person: Staff,
    actor: Actor,
    now: datetime,
    actor_name: str = "",
) -> None:
    """Gives the visit to a worker; whoever had it before is told, and their link to the page ends."""
    former = application.delivery_staff_id
    facts = {"courier": staff_key(person.id)}
    await move_application(session, office, application, actor, "assign_courier", facts, now, actor_name)
    if former is not None and former != person.id:
        await end_links(session, application, now, keep_staff=person.id)


async def hand_over(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    *,
    check: str,
    value: str,
    signature: int,
    photo: int,
    now: datetime,
    actor_name: str = "",
) -> tuple[bool, int]:
    """Checks who takes it and hands it over: (handed over, tries left).

    A wrong answer is counted and returned, not raised: raising would roll the count back. `signature` and `photo` are
    attachment ids. Raises the rules' refusals, and `DoorLocked` when five answers were wrong.
    """
    if check not in DOOR_CHECKS:
        raise NoIdentityCheck(known=DOOR_CHECKS)
    facts = {"check": check, "signature": signature, "photo": photo, "by_proxy": True if check == "proxy" else None}
    apply(await view_of(session, application), actor, "hand_over_at_door", facts, now)
    if application.door_tries >= TRIES:
        raise DoorLocked
    if not await is_right_person(session, office, application, check, value):
        application.door_tries += 1
        session.add(application)
        await session.flush()
        return False, TRIES - application.door_tries
    await adopt(session, application, (signature, photo))
    await move_application(
        session, office, application, actor, "hand_over_at_door", facts, now, actor_name, prepared=True
    )
    return True, TRIES


async def visit_failed(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    reason: str,
    now: datetime,
    actor_name: str = "",
) -> None:
    """Nobody was there, or nobody could prove who they are: it goes back, and the resident chooses again."""
    await move_application(session, office, application, actor, "visit_failed", {"reason": reason}, now, actor_name)


async def cancel_delivery(
    session: AsyncSession, office: Office, application: Application, actor: Actor, reason: str, now: datetime
) -> None:
    """The resident will fetch it after all."""
    facts = {"reason": reason or None}
    await move_application(session, office, application, actor, "cancel_delivery", facts, now)


async def carried_by(session: AsyncSession, staff_ids: Sequence[int]) -> list[Application]:
    """What these workers still have to bring, the earliest visit first."""
    found = await session.exec(
        select(Application)
        .where(col(Application.delivery_staff_id).in_(list(staff_ids)), Application.state == "delivering")
        .order_by(Application.delivery_slot, col(Application.id))
    )
    return list(found.all())


def courier_actor(person: Staff) -> Actor:
    """A worker as the rules see them."""
    return Actor(staff_key(person.id), Role(person.role), (person.area_code,), person.unit)
