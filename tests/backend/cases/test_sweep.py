"""The sweep: who is warned when, never twice, no storm after downtime, two schedulers at once."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import select

from backend.cases.models import CaseWarning
from backend.cases.resuming import resume_due
from backend.cases.sweeping import due_clocks, sweep, warn_all
from backend.db.database import Database
from backend.domain.words import Level
from backend.jobs.calendar_check import warn_of_unknown_holidays
from backend.office import Office
from tests.backend.cases.acting import PHOTO, act, file, now_is, person, told
from tests.office_builder import MONDAY


def after(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


async def warnings(office: Office) -> list[tuple[str, str, bool]]:
    async with office.database.read() as session:
        rows = (await session.exec(select(CaseWarning).order_by(CaseWarning.id))).all()  # type: ignore[arg-type]
    return [(row.clock, row.level, row.covered) for row in rows]


async def test_the_holder_is_warned_at_half_time_and_never_twice(office: Office) -> None:
    await file(office)
    assert await sweep(office, after(1)) == 0
    assert await sweep(office, after(12)) == 2  # accept 24 h; first contact 8 working hours: 15:00 today
    await sweep(office, after(12.1))
    worker = await person(office, "李建国")
    names = await told(office, worker)
    assert sorted(names) == sorted(
        ["task_new", *(f"warning_{level}" for _, level, covered in await warnings(office) if not covered)]
    )
    assert ("accept", "half", False) in await warnings(office)


async def test_a_broken_accept_limit_tells_the_dispatcher_and_informs_the_leader_above(office: Office) -> None:
    case, _ = await file(office)
    await sweep(office, after(24.1))
    dispatcher, leader = await person(office, "吴敏"), await person(office, "何晓")
    assert "warning_breach" in await told(office, dispatcher)
    assert await told(office, leader) == ["informed"]
    row = await now_is(office, case)
    assert (row.level, row.state) == ("grid", "dispatched")


async def test_a_red_card_on_the_work_hands_the_case_over(either_office: Office) -> None:
    office = either_office
    case, _ = await file(office)
    await act(office, case, await person(office, "李建国"), "accept")
    await sweep(office, after(24 * 40))
    row = await now_is(office, case)
    assert (row.level, row.state, row.queue) == (Level.COMMUNITY, "received", "community:990101001")
    assert "handed_over" in await told(office, await person(office, "吴敏"))


async def test_after_downtime_only_the_gravest_warning_is_given(office: Office) -> None:
    await file(office)
    await sweep(office, after(24 * 3))
    worker = await person(office, "李建国")
    mine = [name for name in await told(office, worker) if name.startswith("warning")]
    assert len(mine) == len({clock for clock, _, covered in await warnings(office) if not covered})
    assert ("accept", "half", True) in await warnings(office)
    assert ("accept", "red", False) in await warnings(office)


async def test_many_warnings_for_one_person_are_one_letter(office: Office) -> None:
    for _ in range(8):
        await file(office)
    await sweep(office, after(24 * 3))
    worker = await person(office, "李建国")
    assert [name for name in await told(office, worker) if name != "task_new"] == ["digest"]


async def test_two_schedulers_side_by_side_warn_once(either_office: Office) -> None:
    office = either_office
    for _ in range(3):
        await file(office)
    other = Database(office.database.url)
    twin = _with_database(office, other)
    await asyncio.gather(*(sweep(each, after(13), batch=1) for each in (office, twin, office, twin)))
    await other.close()
    given = [row for row in await warnings(office) if row[0] == "accept"]
    assert given == [("accept", "half", False)] * 3
    worker = await person(office, "李建国")
    assert (await told(office, worker)).count("warning_half") == 3


async def test_a_scheduler_that_read_the_same_rows_earlier_writes_nothing_more(office: Office) -> None:
    await file(office)
    async with office.database.read() as session:
        stale = await due_clocks(session, after(13), 10)
    await sweep(office, after(13))
    before = await warnings(office)
    async with office.database.write() as session:
        await warn_all(session, office, stale, after(13))
    assert await warnings(office) == before


def _with_database(office: Office, database: Database) -> Office:
    return replace(office, database=database)


async def test_verifiers_are_warned_of_the_check_not_the_doer(office: Office) -> None:
    case, _ = await file(office)
    worker = await person(office, "李建国")
    await act(office, case, worker, "accept")
    await act(office, case, worker, "done", 2, **PHOTO)
    await sweep(office, after(24 * 1.3))
    assert await told(office, worker) == ["task_new"]
    assert await told(office, await person(office, "钱进")) == ["warning_half"]


async def test_a_case_waiting_for_the_resident_goes_on_after_a_week(office: Office) -> None:
    case, _ = await file(office)
    worker = await person(office, "李建国")
    await act(office, case, worker, "accept")
    await act(office, case, worker, "wait_for_resident", 2, reason="等您开门")
    assert await resume_due(office, after(24 * 6)) == 0
    assert await resume_due(office, after(24 * 8)) == 1
    assert (await now_is(office, case)).state == "accepted"


async def test_a_pending_case_comes_back_when_its_time_is_over(office: Office) -> None:
    case, _ = await file(office)
    worker, dispatcher = await person(office, "李建国"), await person(office, "吴敏")
    await act(office, case, worker, "accept")
    await act(office, case, worker, "request_pending", 2, reason="等配件", until="2026-11-30")
    await act(office, case, dispatcher, "approve_pending", 3)
    assert await resume_due(office, after(24 * 7)) == 0  # 30 November itself still counts
    assert await resume_due(office, after(24 * 8)) == 1
    assert (await now_is(office, case)).state == "accepted"


async def test_a_calendar_without_next_years_holidays_is_told_once_a_month(office: Office) -> None:
    assert await warn_of_unknown_holidays(office, MONDAY + timedelta(days=1)) == 1
    assert await warn_of_unknown_holidays(office, MONDAY + timedelta(days=2)) == 0
    assert await warn_of_unknown_holidays(office, MONDAY + timedelta(days=20)) == 1
    assert await told(office, milestone="calendar_unknown") == [(await person(office, "郑涛")).id] * 2
