"""From a complete draft to the right person, and every step told to those it concerns."""

from datetime import timedelta

import pytest
from sqlmodel import select

from backend.areas.models import DutyShift, Staff
from backend.cases.filing import NewCase, file_new
from backend.cases.models import Case, CaseClock
from backend.cases.moving import move
from backend.domain.case_view import Actor
from backend.domain.refusals import MoveRefused
from backend.domain.words import Kind, Role, Source, Urgency
from backend.notices.models import Notice
from backend.office import Office
from backend.people.residents import new_resident, resident_key
from nlu.contract import Entity, EntityType
from tests.office_builder import MONDAY

GRID = "99010100101"


async def file_lamp(office: Office, area: str = GRID, **more: object) -> tuple[Case, int]:
    """A dark street lamp at 幸福里 1号楼, reported by a new resident; the case and the resident's id."""
    async with office.database.write() as session:
        resident = await new_resident(session, office, MONDAY)
        assert resident.id is not None
        new = NewCase(
            text="幸福里1号楼门口路灯不亮，我电话13800000001",
            kind=Kind.REPAIR,
            category="urban.lighting",
            urgency=Urgency.NORMAL,
            source=Source.WEB,
            area_code=area,
            place="幸福里小区1号楼",
            entities=(Entity(EntityType.PHONE, "13800000001", 16, 27),),
            resident_id=resident.id,
            **more,  # type: ignore[arg-type]  # tests vary single fields
        )
        case = await file_new(session, office, new, Actor(resident_key(resident.id), Role.RESIDENT), MONDAY)
        return case, resident.id


async def notices(office: Office, audience: str) -> list[Notice]:
    async with office.database.read() as session:
        found = await session.exec(select(Notice).where(Notice.audience == audience))
        return list(found.all())


async def staff_named(office: Office, name: str) -> Staff:
    async with office.database.read() as session:
        return (await session.exec(select(Staff).where(Staff.name == name))).one()


async def test_a_case_gets_its_number_and_goes_to_the_a_person(office: Office) -> None:
    case, _ = await file_lamp(office)
    assert case.number == "20261123-00001"
    assert case.state == "dispatched"
    assert case.assignee == f"staff:{(await staff_named(office, '李建国')).id}"


async def test_b_person_gets_the_task_when_a_is_away(office: Office) -> None:
    a_person = await staff_named(office, "李建国")
    async with office.database.write() as session:
        session.add(
            DutyShift(
                district_code=office.district_code,
                staff_id=a_person.id or 0,
                kind="away",
                starts_at=MONDAY - timedelta(hours=1),
                ends_at=MONDAY + timedelta(hours=1),
            )
        )
    case, _ = await file_lamp(office)
    assert case.assignee == f"staff:{(await staff_named(office, '赵小梅')).id}"


async def test_an_unknown_place_waits_in_a_queue_with_an_alarm(office: Office) -> None:
    case, _ = await file_lamp(office, area="990101001")
    assert (case.state, case.queue) == ("received", "community:990101001")
    told = await notices(office, "staff")
    assert [notice.milestone for notice in told] == ["unowned"]
    assert "无人接单" in office.outbox.letter(told[0]).text


async def test_a_boundary_case_waits_in_the_streets_boundary_queue(office: Office) -> None:
    case, _ = await file_lamp(office, area="990101001", candidates=("99010100101", "99010100102"))
    assert case.queue == "boundary:990101"


async def test_a_complaint_about_a_worker_never_reaches_that_worker(office: Office) -> None:
    a_person = await staff_named(office, "李建国")
    case, _ = await file_lamp(office, against=(f"staff:{a_person.id}",))
    assert case.assignee == f"staff:{(await staff_named(office, '赵小梅')).id}"


async def test_the_worker_reads_no_phone_number(office: Office) -> None:
    case, _ = await file_lamp(office)
    assert "138****0001" in case.description
    assert "13800000001" not in case.description
    assert case.description_sealed is not None
    assert b"13800000001" not in case.description_sealed


async def test_every_step_is_told_once_and_the_resident_can_confirm(office: Office) -> None:
    case, resident_id = await file_lamp(office)
    worker = await staff_named(office, "李建国")
    doer = Actor(f"staff:{worker.id}", Role.WORKER, (GRID,))
    reporter = Actor(resident_key(resident_id), Role.RESIDENT)
    async with office.database.write() as session:
        case = await session.get_one(Case, case.id)
        await move(session, office, case, doer, "accept", {}, MONDAY + timedelta(minutes=5), worker.name)
        await move(
            session,
            office,
            case,
            doer,
            "done",
            {"result": "灯泡换了", "photo": ["1"], "evidence": ("photo_after",)},
            MONDAY + timedelta(hours=1),
            worker.name,
        )
        with pytest.raises(MoveRefused):
            await move(session, office, case, doer, "verify", {}, MONDAY + timedelta(hours=2))
        await move(session, office, case, reporter, "verify", {}, MONDAY + timedelta(hours=2))
    assert case.state == "closed"
    told = [notice.milestone for notice in await notices(office, "resident")]
    assert told == ["dispatched", "accepted", "done", "closed"]


async def test_clocks_run_from_filing_and_stop_when_their_step_is_made(office: Office) -> None:
    case, _ = await file_lamp(office)
    async with office.database.read() as session:
        rows = (await session.exec(select(CaseClock).where(CaseClock.case_id == case.id))).all()
    clocks = {row.name: row for row in rows}
    assert set(clocks) == {"accept", "first_contact", "resolve"}
    assert clocks["accept"].due_at == MONDAY + timedelta(hours=24)
    assert case.due_at == min(row.due_at for row in rows)
