"""Digests: at their local time, once a day, only for those who have something to read."""

from datetime import timedelta

from sqlmodel import select

from backend.jobs.digests import write_digests
from backend.notices.models import Notice
from backend.office import Office
from tests.backend.cases.test_filing_and_dispatching import file_lamp
from tests.office_builder import MONDAY

TUESDAY_EIGHT = MONDAY + timedelta(hours=22)  # Tuesday 2026-11-24 08:00 in Shanghai


async def digests(office: Office) -> dict[str, list[str]]:
    async with office.database.read() as session:
        rows = (await session.exec(select(Notice).where(Notice.dedupe_key.startswith("digest:")))).all()  # type: ignore[attr-defined]
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.milestone, []).append(office.outbox.letter(row).text)
    return found


async def test_the_worker_reads_the_list_at_eight_and_only_once(office: Office) -> None:
    case, _ = await file_lamp(office)
    assert await write_digests(office, TUESDAY_EIGHT - timedelta(minutes=1)) == 0
    assert await write_digests(office, TUESDAY_EIGHT) == 1
    assert await write_digests(office, TUESDAY_EIGHT + timedelta(minutes=1)) == 0
    (text,) = (await digests(office))["morning_list"]
    assert "李建国" in text
    assert case.number in text


async def test_the_leader_reads_yesterday_with_its_rates_and_the_dispatcher_what_is_overdue(office: Office) -> None:
    case, _ = await file_lamp(office)
    late = TUESDAY_EIGHT + timedelta(days=20, minutes=40)
    await write_digests(office, TUESDAY_EIGHT + timedelta(minutes=40))
    assert "新收 1 件" in (await digests(office))["daily_brief"][0]
    await write_digests(office, late)
    assert case.number in (await digests(office))["overdue_list"][0]


async def test_the_weekly_brief_comes_on_monday_only(office: Office) -> None:
    await write_digests(office, MONDAY + timedelta(days=7, hours=-1))
    assert len((await digests(office))["weekly_brief"]) == 1


async def test_a_digest_that_is_three_hours_late_is_left_out(office: Office) -> None:
    await file_lamp(office)
    await write_digests(office, TUESDAY_EIGHT + timedelta(hours=3, minutes=1))
    assert "morning_list" not in await digests(office)
