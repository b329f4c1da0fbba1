"""What pushes a case up the ladder: passes without an owner, redos, an unhappy resident."""

import pytest
from sqlmodel import select

from backend.areas.models import Staff
from backend.domain.refusals import TransferLoop
from backend.domain.words import CaseState, Level
from backend.notices.models import Notice
from backend.office import Office
from backend.people.models import Resident
from tests.backend.cases.acting import GRID, PHOTO, act, file, person, told


async def test_the_third_pass_without_an_owner_goes_up_instead_of_on(office: Office) -> None:
    case, _ = await file(office)
    worker, dispatcher = await person(office, "李建国"), await person(office, "吴敏")
    await act(office, case, worker, "return_", reason="不归我管")
    await act(office, case, dispatcher, "dispatch", 2, assignee=worker.id)
    await act(office, case, worker, "return_", 3, reason="还是不归我管")
    await act(office, case, dispatcher, "dispatch", 4, assignee=worker.id)
    after = await act(office, case, worker, "return_", 5, reason="真不归我管")
    assert (after.state, after.level, after.queue) == (CaseState.RECEIVED, Level.COMMUNITY, "community:990101001")
    assert after.transfer_count == 0
    assert await told(office, milestone="handed_over") == ["resident:1", dispatcher.id]
    assert await told(office, dispatcher) == ["returned", "returned", "handed_over"]


async def test_a_loop_at_the_next_level_is_refused_once_the_push_has_fired(office: Office) -> None:
    case, _ = await file(office)
    worker, dispatcher = await person(office, "李建国"), await person(office, "吴敏")
    for hour in range(1, 6):  # the third return goes up; two more are counted at the next level
        await act(office, case, worker, "return_", hour, reason="不归我管")
        await act(office, case, dispatcher, "dispatch", hour + 0.5, assignee=worker.id)
    with pytest.raises(TransferLoop):
        await act(office, case, worker, "return_", 6, reason="不归我管")


async def test_three_redos_hand_the_case_over_once(office: Office) -> None:
    case, resident = await file(office)
    worker = await person(office, "李建国")
    await act(office, case, worker, "accept")
    for turn in range(3):
        await act(office, case, worker, "done", 2 + turn, **PHOTO)
        after = await act(office, case, resident, "fail_verification", 2.5 + turn, reason="还是不亮")
    assert (after.level, after.state, after.assignee) == (Level.COMMUNITY, CaseState.RECEIVED, None)
    assert (await told(office, milestone="handed_over")).count(resident.id) == 1


async def test_unhappy_words_ask_for_a_reopening_that_staff_decide(office: Office) -> None:
    case, resident = await file(office)
    worker, dispatcher, leader = [await person(office, name) for name in ("李建国", "吴敏", "何晓")]
    await act(office, case, worker, "accept")
    await act(office, case, worker, "done", 2, **PHOTO)
    await act(office, case, resident, "verify", 3)
    after = await act(office, case, resident, "feedback", 4, score=1, text="第二天又不亮了", contact_again=False)
    assert after.reopen_asked_by == resident.id
    assert await told(office, dispatcher) == ["reopen_asked"]
    assert await act(office, case, resident, "request_reopen", 5, reason="第二天又不亮了") == after
    reopened = await act(office, case, dispatcher, "reopen", 6, reason="属实")
    assert reopened.watchers == (leader.id,)
    assert await told(office, leader) == ["informed"]
    async with office.database.read() as session:
        assert not (await session.get_one(Resident, int(resident.id.removeprefix("resident:")))).may_contact


async def test_praise_in_words_reaches_the_doer(office: Office) -> None:
    case, resident = await file(office)
    worker = await person(office, "李建国")
    await act(office, case, worker, "accept")
    await act(office, case, worker, "done", 2, **PHOTO)
    await act(office, case, resident, "verify", 3)
    await act(office, case, resident, "feedback", 4, score=5, text="师傅来得真快")
    assert await told(office, worker) == ["task_new", "praised"]


async def test_who_asked_not_to_be_contacted_is_not_asked_for_stars(office: Office) -> None:
    case, resident = await file(office)
    worker = await person(office, "李建国")
    async with office.database.write() as session:
        (await session.get_one(Resident, int(resident.id.removeprefix("resident:")))).may_contact = False
    await act(office, case, worker, "accept")
    await act(office, case, worker, "done", 2, **PHOTO)
    await act(office, case, resident, "verify", 3)
    assert (await told(office, resident))[-1] == "closed"
    async with office.database.read() as session:
        notice = (await session.exec(select(Notice).where(Notice.milestone == "closed"))).one()
    letter = office.outbox.letter(notice)
    assert letter.choices == ()
    assert "打个分" not in letter.text


async def test_a_complaint_about_one_never_reaches_the_team(office: Office) -> None:
    async with office.database.write() as session:
        for name in ("李建国", "赵小梅"):
            (await session.exec(select(Staff).where(Staff.name == name))).one().unit = "第一网格组"
    accused = await person(office, "李建国")
    case, _ = await file(office, against=(accused.id,))
    chief = await person(office, "孙立")
    assert case.assignee == chief.id
    assert case.grid_code == GRID


async def test_a_complaint_about_the_community_waits_one_level_higher(office: Office) -> None:
    case, _ = await file(office, against=("990101001",), area_code="990101001")
    assert case.queue == "street:990101"


async def test_the_worker_hears_of_a_withdrawal(office: Office) -> None:
    case, resident = await file(office)
    worker = await person(office, "李建国")
    await act(office, case, resident, "withdraw", reason="自己好了")
    assert await told(office, worker) == ["task_new", "task_withdrawn"]


async def test_a_subject_found_later_loses_the_case_and_the_dispatchers_hear(office: Office) -> None:
    case, _ = await file(office)
    worker, dispatcher = await person(office, "李建国"), await person(office, "吴敏")
    await act(office, case, worker, "accept")
    after = await act(office, case, dispatcher, "correct", 2, subjects=(worker.id,), reason="就是投诉他")
    assert after.assignee is None
    assert await told(office, dispatcher) == ["unowned"]


async def test_an_alarm_about_a_dispatcher_goes_to_the_next_one_above(office: Office) -> None:
    accused, above = await person(office, "吴敏"), await person(office, "郑涛")
    await file(office, against=(accused.id,), area_code="990101001")
    assert await told(office, milestone="unowned") == [above.id]
    assert await told(office, accused) == []
