"""A generated city obeys the rules like any other: its histories replay, its sums equal the slow query."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from backend.cases.clocks import recompute_clocks
from backend.cases.history import present_values, view_of
from backend.cases.models import Case, CaseClock
from backend.office import Office
from backend.reports.checking import differences
from backend.reports.ladder import ladder_report
from bot.settings import Settings
from bot.simulation.city import BadCity, City, pieces, store_city
from bot.simulation.tape import Tape, stories
from bot.simulation.town import Town
from tests.office_builder import fresh_office

START = datetime(2026, 11, 2, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
END = START + timedelta(days=8)
CITY = City(residents=6000, days=8, processes=1)  # twenty cases a day


@pytest.fixture
async def city(tmp_path: Path) -> Office:
    office = await fresh_office(tmp_path, seeded=False)
    await store_city(office, CITY, START, Settings(), in_process=True)
    return office


async def test_a_generated_month_obeys_the_rules(city: Office) -> None:
    async with city.database.write() as session:
        cases = (await session.exec(select(Case).order_by(col(Case.id)))).all()
        assert len(cases) == CITY.a_day * CITY.days
        for case in cases[::7]:
            view = await view_of(session, case)
            present = present_values(view, case.updated_at)
            assert {name: getattr(case, name) for name in present} == present
            rows = (await session.exec(select(CaseClock).where(CaseClock.case_id == case.id))).all()
            before = {row.name: (row.due_at, row.next_at, row.is_paused, tuple(row.reasons)) for row in rows}
            await recompute_clocks(session, city, case, view)
            after = {row.name: (row.due_at, row.next_at, row.is_paused, tuple(row.reasons)) for row in rows}
            assert before == after, case.number
    await city.database.close()


async def test_its_sums_equal_the_slow_query(city: Office) -> None:
    async with city.database.read() as session:
        assert await differences(session, city, date(2026, 11, 2), date(2026, 11, 9), END) == []
        table = await ladder_report(session, city, date(2026, 11, 2), date(2026, 11, 9))
    assert table.accepted > 100
    assert table.settled > table.reported_up
    await city.database.close()


def test_the_same_numbers_give_the_same_city(tmp_path: Path) -> None:
    units = tuple({one["unit"] for one in stories()["problems"] if one["unit"]})
    town = Town("990100", CITY.residents, units)
    piece = next(pieces(CITY, START))
    one, two = (Tape(town, 100, Settings(), str(tmp_path)).play(piece) for _ in range(2))
    assert one == two
    assert [case["number"] for case in one.cases][:2] == ["20261102-00001", "20261102-00002"]


@pytest.mark.parametrize("said", ["", "residents=x", "residents=10", "residents=1000000,days=0", "people=5"])
def test_a_city_that_makes_no_sense_is_refused(said: str) -> None:
    with pytest.raises(BadCity):
        City.read(said)


def test_a_city_of_twenty_million_files_sixty_six_thousand_cases_a_day() -> None:
    assert City.read("residents=20000000,days=30").a_day == 66_000
