"""Applications warn before and after their limit, once each; rotating desks get their spans; nothing twice."""

from datetime import timedelta

from sqlmodel import select

from backend.items.models import AppointmentSlot
from backend.jobs.item_clockwork import lay_out_desks, warn_of_late_applications
from backend.notices.models import Notice
from backend.office import Office
from tests.backend.items.people import desk_for, told
from tests.bot.dialogue.shelf import stock
from tests.office_builder import MONDAY


async def test_an_application_warns_its_chiefs_a_day_before_and_once_when_it_is_late(office: Office) -> None:
    await stock(office)
    async with office.database.write() as session:
        facts = await (await desk_for(session, office, "wang", MONDAY)).apply("LNZ", source="web")
    assert facts.due_at is not None
    assert await warn_of_late_applications(office, MONDAY) == 0
    assert await warn_of_late_applications(office, facts.due_at - timedelta(hours=20)) == 1
    assert await warn_of_late_applications(office, facts.due_at - timedelta(hours=10)) == 0
    assert await warn_of_late_applications(office, facts.due_at + timedelta(hours=1)) == 1
    assert await warn_of_late_applications(office, facts.due_at + timedelta(hours=9)) == 0
    async with office.database.read() as session:
        ((row, letter),) = await told(session, office, "application_overdue")
    assert row.staff_id == 6  # 吴敏, the dispatcher of the street: the community has none
    assert facts.number in letter.text


async def test_desks_are_laid_out_for_four_weeks_and_not_again(office: Office) -> None:
    await stock(office)
    first = await lay_out_desks(office, MONDAY)
    assert first > 0
    assert await lay_out_desks(office, MONDAY) == 0
    async with office.database.read() as session:
        slots = (await session.exec(select(AppointmentSlot))).all()
        assert all(office.local(slot.starts_at).weekday() == 1 for slot in slots)
        assert not (await session.exec(select(Notice))).all()
