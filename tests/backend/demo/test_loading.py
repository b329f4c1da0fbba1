"""Loading the invented district: real rows, real histories, nobody told, nothing twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import select

from backend.areas.models import Address, Staff
from backend.cases.history import as_event, events_of
from backend.cases.models import Case, CaseEvent
from backend.demo.loading import demo_logins, load_demo
from backend.domain.history import replay
from backend.items.history import view_of as application_view
from backend.items.models import Application
from backend.notices.models import Notice
from backend.office import Office
from backend.people.models import User
from backend.people.passwords import Passwords
from tests.office_builder import MONDAY, fresh_office

FIRST_CASE = ("20260823-00001", "urban.facilities", "纺织厂家属院4号楼", "closed")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the loaded district; loading takes seconds, so it is done once."""
    folder = tmp_path_factory.mktemp("demo")

    async def load() -> None:
        office = await fresh_office(folder, seeded=False)
        await load_demo(office, MONDAY, Passwords())
        await office.database.close()

    asyncio.run(load())
    return folder


@pytest.fixture
async def demo(loaded: Path) -> AsyncIterator[Office]:
    office = await fresh_office(loaded, seeded=False)
    yield office
    await office.database.close()


async def count(office: Office, table: type) -> int:
    async with office.database.read() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def test_lists_and_charts_are_not_empty(demo: Office) -> None:
    async with demo.database.read() as session:
        cases = (await session.exec(select(Case))).all()
        applications = (await session.exec(select(Application))).all()
    states = Counter(case.state for case in cases)
    assert len(cases) >= 300
    assert states["closed"] >= 250
    assert {"accepted", "done", "suspended", "rejected", "withdrawn"} <= set(states)
    assert {case.level for case in cases} == {"grid", "community", "street"}
    assert len({case.category_code for case in cases}) >= 25
    assert any(case.due_at and case.due_at < MONDAY for case in cases)
    assert len(applications) >= 80
    assert {"ready", "reviewing", "closed"} <= {one.state for one in applications}
    assert all(case.is_demo for case in cases)
    assert max(case.updated_at for case in cases) <= MONDAY


async def test_the_present_of_every_case_is_what_its_history_says(demo: Office) -> None:
    async with demo.database.read() as session:
        for case in (await session.exec(select(Case))).all():
            assert case.id is not None
            view = replay([as_event(case.number, row) for row in await events_of(session, case.id)])
            assert (case.state, case.level, case.assignee) == (view.state.value, view.level.value, view.assignee)
            assert view.owner is not None or view.ended
        for application in (await session.exec(select(Application))).all():
            assert application.state == (await application_view(session, application)).state.value


async def test_nobody_is_told_of_things_that_never_happened(demo: Office) -> None:
    assert await count(demo, Notice) == 0


async def test_loading_again_changes_nothing(demo: Office) -> None:
    tables = (Address, Staff, Case, CaseEvent, Application, User)
    before = [await count(demo, table) for table in tables]
    logins = await load_demo(demo, MONDAY, Passwords())
    assert [await count(demo, table) for table in tables] == before
    assert logins == demo_logins(demo)


async def test_the_logins_open_and_are_different_for_everybody(demo: Office) -> None:
    logins = demo_logins(demo)
    assert len({login.password for login in logins}) == len(logins)
    async with demo.database.read() as session:
        users = {user.username: user for user in (await session.exec(select(User))).all()}
    assert await Passwords().check(logins[0].password, users[logins[0].username].password_hash)
    assert users["worker"].staff_id is not None
    assert users["department"].unit == "市政养护所"


async def test_the_history_is_the_same_on_every_machine(demo: Office) -> None:
    async with demo.database.read() as session:
        first = (await session.exec(select(Case).order_by(Case.number).limit(1))).one()  # type: ignore[arg-type]
    assert (first.number, first.category_code, first.place, first.state) == FIRST_CASE
