"""Appointments at counters and rotating desks: so many places a span, a waiting list, a reminder the evening before.

A reminder is written with the booking and suppressed with the cancellation. Who leaves makes room for the first who
waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.working_days import calendar_of
from backend.items.appointment_notices import slot_words, suppress_reminder, tell_holder, write_reminder
from backend.items.facts import ItemFacts
from backend.items.models import Appointment, AppointmentSlot
from backend.items.refusals import AppointmentGone
from backend.office import Office
from backend.people.models import Resident

HELD = ("booked", "waiting")


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A span that may be booked; with `free` 0 a booking joins the waiting list."""

    id: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    free: int
    waiting: int
    label: str


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    """One resident's appointment. `state`: booked, waiting, cancelled, attended or missed."""

    id: int
    slot_id: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    state: str
    label: str
    place_in_line: int = 0  # 1 = the next to move up


async def lay_out(
    session: AsyncSession, office: Office, item: ItemFacts, now: datetime, days: int = 28, capacity: int = 10
) -> int:
    """Writes the spans of an item's rotating desk for the days ahead; existing ones stay. How many are new."""
    calendar = await calendar_of(session, office.district_code, office.zone)
    today = office.local(now).date()
    known = {
        row.starts_at
        for row in (await session.exec(select(AppointmentSlot).where(AppointmentSlot.desk == item.code))).all()
    }
    written = 0
    for start, end in calendar.spans(today):
        local = calendar.local(start)
        if local.date() > today + timedelta(days=days):
            break
        desk = next((one for one in item.desk_days if local.weekday() in one.weekdays), None)
        if desk is None or start <= now or start in known:
            continue
        place = desk.place or item.place
        await add_slot(session, office, item.code, item.name, place, start, end, capacity)
        written += 1
    return written


async def add_slot(
    session: AsyncSession,
    office: Office,
    desk: str,
    title: str,
    place: str,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int,
) -> AppointmentSlot:
    """One span; the same desk never has two at the same time (`IntegrityError`)."""
    slot = AppointmentSlot(
        district_code=office.district_code,
        desk=desk,
        title=title,
        place=place,
        starts_at=starts_at,
        ends_at=ends_at,
        capacity=capacity,
    )
    session.add(slot)
    await session.flush()
    return slot


async def open_slots(
    session: AsyncSession, office: Office, desk: str, now: datetime, days: int = 14, language: str = "zh_CN"
) -> list[OpenSlot]:
    """Spans of a desk in the days ahead, the earliest first."""
    rows = await session.exec(
        select(AppointmentSlot)
        .where(
            AppointmentSlot.desk == desk,
            AppointmentSlot.closed_reason == "",
            AppointmentSlot.starts_at > now,
            AppointmentSlot.starts_at <= now + timedelta(days=days),
        )
        .order_by(col(AppointmentSlot.starts_at))
    )
    return [await _open(session, office, row, language) for row in rows.all()]


async def _open(session: AsyncSession, office: Office, row: AppointmentSlot, language: str) -> OpenSlot:
    assert row.id is not None
    booked, waiting = await _count(session, row.id, "booked"), await _count(session, row.id, "waiting")
    label = slot_words(office, row, language)
    free = max(0, row.capacity - booked)
    return OpenSlot(row.id, row.title, row.place, row.starts_at, row.ends_at, free, waiting, label)


async def book(
    session: AsyncSession, office: Office, slot_id: int, resident: Resident, now: datetime
) -> AppointmentFacts:
    """A place, or one in the waiting list when all are taken; asking twice gives the same one.

    Raises `AppointmentGone` for spans that began, closed or never were.
    """
    slot = await session.get(AppointmentSlot, slot_id, with_for_update=True)
    if slot is None or slot.closed_reason or slot.starts_at <= now:
        raise AppointmentGone
    held = await session.exec(
        select(Appointment).where(
            Appointment.slot_id == slot_id,
            Appointment.resident_id == resident.id,
            col(Appointment.state).in_(HELD),
        )
    )
    row = held.first()
    if row is None:
        assert resident.id is not None
        full = await _count(session, slot_id, "booked") >= slot.capacity
        row = Appointment(
            district_code=office.district_code,
            slot_id=slot_id,
            resident_id=resident.id,
            state="waiting" if full else "booked",
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        await session.flush()
        if not full:
            await write_reminder(session, office, slot, row, now)
    return await _facts(session, office, slot, row, resident.language)


async def cancel(
    session: AsyncSession, office: Office, appointment_id: int, resident: Resident, now: datetime
) -> AppointmentFacts:
    """Gives the place back and moves the first of the waiting list up. Raises `AppointmentGone`."""
    row = await session.get(Appointment, appointment_id)
    if row is None or row.resident_id != resident.id or row.state not in HELD:
        raise AppointmentGone
    slot = await session.get(AppointmentSlot, row.slot_id, with_for_update=True)
    assert slot is not None
    was_booked = row.state == "booked"
    row.state, row.updated_at = "cancelled", now
    session.add(row)
    await session.flush()
    await suppress_reminder(session, row, now)
    if was_booked and slot.starts_at > now:
        await _move_up(session, office, slot, now)
    return await _facts(session, office, slot, row, resident.language)


async def coming(session: AsyncSession, office: Office, resident: Resident, now: datetime) -> list[AppointmentFacts]:
    """Appointments that are not over, the next first."""
    found = await session.exec(
        select(Appointment, AppointmentSlot)
        .join(AppointmentSlot, col(AppointmentSlot.id) == col(Appointment.slot_id))
        .where(
            Appointment.resident_id == resident.id,
            col(Appointment.state).in_(HELD),
            AppointmentSlot.ends_at > now,
        )
        .order_by(col(AppointmentSlot.starts_at))
    )
    return [await _facts(session, office, slot, row, resident.language) for row, slot in found.all()]


async def close_slot(session: AsyncSession, office: Office, slot: AppointmentSlot, reason: str, now: datetime) -> int:
    """The desk does not sit after all: everybody in it is told why; how many."""
    slot.closed_reason = reason[:120]
    session.add(slot)
    rows = await session.exec(
        select(Appointment).where(Appointment.slot_id == slot.id, col(Appointment.state).in_(HELD))
    )
    people = rows.all()
    for row in people:
        row.state, row.updated_at = "cancelled", now
        session.add(row)
        await suppress_reminder(session, row, now)
        await tell_holder(session, office, slot, row, "appointment_closed", now, reason=reason)
    await session.flush()
    return len(people)


async def _move_up(session: AsyncSession, office: Office, slot: AppointmentSlot, now: datetime) -> None:
    first = await session.exec(
        select(Appointment)
        .where(Appointment.slot_id == slot.id, Appointment.state == "waiting")
        .order_by(col(Appointment.id))
        .limit(1)
    )
    row = first.first()
    if row is None:
        return
    row.state, row.updated_at = "booked", now
    session.add(row)
    await session.flush()
    await tell_holder(session, office, slot, row, "appointment_moved_up", now)
    await write_reminder(session, office, slot, row, now)


async def _count(session: AsyncSession, slot_id: int, state: str) -> int:
    query = select(func.count()).select_from(Appointment)
    return (await session.exec(query.where(Appointment.slot_id == slot_id, Appointment.state == state))).one()


async def _facts(
    session: AsyncSession, office: Office, slot: AppointmentSlot, row: Appointment, language: str
) -> AppointmentFacts:
    assert row.id is not None
    assert slot.id is not None
    in_line = 0
    if row.state == "waiting":
        query = (
            select(func.count())
            .select_from(Appointment)
            .where(Appointment.slot_id == slot.id, Appointment.state == "waiting", col(Appointment.id) <= row.id)
        )
        in_line = (await session.exec(query)).one()
    label = slot_words(office, slot, language)
    return AppointmentFacts(
        row.id, slot.id, slot.title, slot.place, slot.starts_at, slot.ends_at, row.state, label, in_line
    )
