"""Merging, splitting, patrol, joint work, retiring an area, trying rules."""

from datetime import timedelta

import pytest

from backend.areas.models import RoutingRule
from backend.cases.area_closing import AreaHasOpenCases, check_area_may_go
from backend.cases.combining import PartOfCase, merge, split, unmerge
from backend.cases.models import Case
from backend.cases.patrolling import settle_on_patrol
from backend.cases.rule_trial import try_rules
from backend.domain.refusals import NotYourArea, PartsStillOpen, PhotoRequired
from backend.domain.words import CaseState
from backend.office import Office
from tests.backend.cases.acting import GRID, PHOTO, act, file, lamp, now_is, person, told
from tests.office_builder import MONDAY

LATER = MONDAY + timedelta(hours=1)


async def merged(office: Office) -> tuple[Case, Case, tuple[str, str]]:
    """A second report of the same lamp, merged into the first by the dispatcher."""
    (kept, one), (gone, two) = await file(office), await file(office)
    dispatcher = await person(office, "吴敏")
    async with office.database.write() as session:
        target, source = await session.get_one(Case, kept.id), await session.get_one(Case, gone.id)
        await merge(session, office, target, source, dispatcher, "同一盏灯", LATER)
    return kept, gone, (one.id, two.id)


async def test_all_reporters_of_a_merged_case_keep_hearing(office: Office) -> None:
    kept, gone, residents = await merged(office)
    worker = await person(office, "李建国")
    await act(office, kept, worker, "accept", 2)
    await act(office, kept, worker, "done", 3, **PHOTO)
    assert await told(office, milestone="done") == list(residents)
    assert (await now_is(office, gone)).state == "merged"
    assert "task_gone" in await told(office, worker)


async def test_a_merged_case_can_be_taken_out_again(office: Office) -> None:
    kept, gone, (_, second) = await merged(office)
    dispatcher, worker = await person(office, "吴敏"), await person(office, "李建国")
    async with office.database.write() as session:
        source = await session.get_one(Case, gone.id)
        await unmerge(session, office, source, dispatcher, "不是一盏灯", LATER + timedelta(hours=1))
    assert (await now_is(office, gone)).state == "received"
    await act(office, kept, worker, "accept", 4)
    assert second not in await told(office, milestone="accepted")
    assert "returned" in await told(office, dispatcher)


async def test_a_split_case_leaves_two_with_owners_and_the_same_reporters(office: Office) -> None:
    case, resident = await file(office)
    dispatcher = await person(office, "吴敏")
    parts = [PartOfCase("门口垃圾没人清", "environment.garbage")]
    async with office.database.write() as session:
        row = await session.get_one(Case, case.id)
        made = await split(session, office, row, parts, dispatcher, "两件事", LATER)
    child = await now_is(office, made[0])
    assert child.number == "20261123-00002"
    assert (child.state, child.parent_id, child.assignee) == ("dispatched", case.id, case.assignee)
    assert (await told(office, resident)).count("dispatched") == 2


async def test_joint_work_ends_when_every_unit_has_closed_its_part(office: Office) -> None:
    case, _ = await file(office)
    worker, dispatcher, team = [await person(office, name) for name in ("李建国", "吴敏", "综合执法队值班")]
    await act(office, case, worker, "accept")
    await act(office, case, dispatcher, "joint", 2, unit="第一网格", units=("综合执法队",), reason="要一起上门")
    with pytest.raises(PartsStillOpen):
        await act(office, case, worker, "done", 3, **PHOTO)
    await act(office, case, team, "close_part", 4, result="已执法")
    assert (await act(office, case, worker, "done", 5, **PHOTO)).state is CaseState.DONE


async def test_what_a_worker_settles_on_patrol_is_one_step(office: Office) -> None:
    worker = await person(office, "李建国")
    async with office.database.write() as session:
        case = await settle_on_patrol(session, office, lamp(None), worker, "拧紧了", (7,), MONDAY)
    assert (case.state, case.source, case.doer) == ("done", "patrol", worker.id)
    assert await told(office, worker) == []


async def test_without_a_photo_or_outside_the_area_nothing_is_filed(office: Office) -> None:
    worker = await person(office, "李建国")
    for refusal, more, photos in ((PhotoRequired, {}, ()), (NotYourArea, {"area_code": "99010200101"}, (7,))):
        with pytest.raises(refusal):
            async with office.database.write() as session:
                await settle_on_patrol(session, office, lamp(None, **more), worker, "拧紧了", photos, MONDAY)
    async with office.database.read() as session:
        assert await session.get(Case, 1) is None


async def test_an_area_with_open_cases_may_not_go_and_the_refusal_names_them(office: Office) -> None:
    case, resident = await file(office)
    async with office.database.read() as session:
        with pytest.raises(AreaHasOpenCases, match="20261123-00001"):
            await check_area_may_go(session, "990101001")
    await act(office, case, resident, "withdraw")
    async with office.database.read() as session:
        await check_area_may_go(session, "990101001")


async def test_rules_can_be_tried_without_changing_anything(office: Office) -> None:
    case, _ = await file(office)
    async with office.database.write() as session:
        session.add(
            RoutingRule(
                district_code=office.district_code,
                position=1,
                name="路灯",
                when={"categories": ["urban"]},
                target_kind="unit",
                target="综合执法队",
            )
        )
    async with office.database.read() as session:
        tried = await try_rules(session, MONDAY)
    assert tried.cases_by_rule == {"1": [case.number]}
    assert (await now_is(office, case)).unit is None
    assert case.grid_code == GRID
