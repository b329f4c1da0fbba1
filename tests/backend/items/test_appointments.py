"""Appointments: so many places, a waiting list, a reminder that dies with the booking."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.items import appointments
from backend.items.models import AppointmentSlot
from backend.items.refusals import AppointmentGone
from backend.office import Office
from tests.backend.items.people import desk_for, told
from tests.office_builder import MONDAY


async def first_slot(session: AsyncSession, office: Office, capacity: int = 1) -> AppointmentSlot:
    """The rotating desk for legal aid laid out for four weeks; its first span (Friday morning)."""
    item = await (await desk_for(session, office, "wang", MONDAY)).item("FW-001")
    assert item is not None
    await appointments.lay_out(session, office, item, MONDAY, capacity=capacity)
    return (await session.exec(select(AppointmentSlot).order_by(col(AppointmentSlot.starts_at)))).all()[0]


async def test_spans_are_laid_out_on_desk_days_only_and_only_once(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        item = await desk.item("FW-001")
        assert item is not None
        assert await appointments.lay_out(session, office, item, MONDAY) == 8  # four Fridays, morning and afternoon
        assert await appointments.lay_out(session, office, item, MONDAY) == 0
        labels = [slot.label for slot in await desk.desk_slots("FW-001", days=7)]
        assert labels == ["11月27日（周五）上午 09:00–12:00", "11月27日（周五）下午 13:00–18:00"]


async def test_a_full_span_gives_a_place_in_the_waiting_list(office: Office) -> None:
    async with office.database.write() as session:
        slot = await first_slot(session, office)
        assert slot.id is not None
        assert (await (await desk_for(session, office, "wang", MONDAY)).book(slot.id)).state == "booked"
        zhao = await (await desk_for(session, office, "zhao", MONDAY)).book(slot.id)
        sun = await (await desk_for(session, office, "sun", MONDAY)).book(slot.id)
        assert [(one.state, one.place_in_line) for one in (zhao, sun)] == [("waiting", 1), ("waiting", 2)]


async def test_booking_twice_gives_the_same_place(office: Office) -> None:
    async with office.database.write() as session:
        slot = await first_slot(session, office)
        assert slot.id is not None
        desk = await desk_for(session, office, "wang", MONDAY)
        assert (await desk.book(slot.id)).id == (await desk.book(slot.id)).id
        assert len(await desk.my_appointments()) == 1


async def test_the_reminder_waits_for_the_evening_before(office: Office) -> None:
    async with office.database.write() as session:
        slot = await first_slot(session, office)
        assert slot.id is not None
        booked = await (await desk_for(session, office, "wang", MONDAY)).book(slot.id)
        ((notice, letter),) = await told(session, office, "appointment_reminder")
        assert notice.due_at == datetime(2026, 11, 26, 10, 0, tzinfo=UTC)  # Thursday 18:00 in Shanghai
        assert notice.expires_at == slot.starts_at
        assert letter.choices[0].id == f"p:cancel:{booked.id}"


async def test_who_leaves_makes_room_for_the_first_who_waits(office: Office) -> None:
    async with office.database.write() as session:
        slot = await first_slot(session, office)
        assert slot.id is not None
        wang, zhao = await desk_for(session, office, "wang", MONDAY), await desk_for(session, office, "zhao", MONDAY)
        booked = await wang.book(slot.id)
        await zhao.book(slot.id)
        assert (await wang.cancel_appointment(booked.id)).state == "cancelled"
        assert [one.state for one in await zhao.my_appointments()] == ["booked"]
        ((notice, letter),) = await told(session, office, "appointment_moved_up")
        assert notice.resident_id == zhao.speaker.resident_id
        assert "排到您了" in letter.text
        written = await told(session, office, "appointment_reminder")
        reminders = {notice.resident_id: notice.status for notice, _ in written}
        assert reminders == {wang.speaker.resident_id: "suppressed", zhao.speaker.resident_id: "ready"}


async def test_nobody_cancels_another_persons_appointment_or_books_the_past(office: Office) -> None:
    async with office.database.write() as session:
        slot = await first_slot(session, office)
        assert slot.id is not None
        booked = await (await desk_for(session, office, "wang", MONDAY)).book(slot.id)
        with pytest.raises(AppointmentGone):
            await (await desk_for(session, office, "zhao", MONDAY)).cancel_appointment(booked.id)
        with pytest.raises(AppointmentGone):
            await (await desk_for(session, office, "zhao", MONDAY + timedelta(days=5))).book(slot.id)


async def test_a_desk_that_does_not_sit_tells_everybody_why(office: Office) -> None:
    async with office.database.write() as session:
        slot = await first_slot(session, office)
        assert slot.id is not None
        for who in ("wang", "zhao"):
            await (await desk_for(session, office, who, MONDAY)).book(slot.id)
        assert await appointments.close_slot(session, office, slot, "司法所培训", MONDAY) == 2
        letters = [letter.text for _, letter in await told(session, office, "appointment_closed")]
        assert all("司法所培训" in text for text in letters)
        desk = await desk_for(session, office, "wang", MONDAY)
        assert slot.id not in [one.id for one in await desk.desk_slots("FW-001")]
