"""Every figure of a known month, and the cases behind it; sums equal the slow query."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import update
from sqlmodel import col, select

from backend.cases.history import view_of
from backend.cases.models import Case, CaseChange
from backend.cases.similar import sighting
from backend.domain.clusters import hot_spots as by_rules
from backend.domain.rates import Rate, ladder_table
from backend.domain.refusals import AlreadyAsked, AskerMayNotApprove
from backend.domain.words import Level
from backend.office import Office
from backend.reports.assessment import assessment_report
from backend.reports.checking import differences, verify_rollups
from backend.reports.drilldown import cases_behind, ladder_cases
from backend.reports.exclusions import ask_exclusion, decide_exclusion, exclusions_of
from backend.reports.hotspots import hot_spots
from backend.reports.keeping import refresh_reports
from backend.reports.ladder import ladder_report
from backend.reports.load import worker_load
from backend.reports.models import Rollup
from backend.reports.rates import rates_report
from backend.reports.scope import GroupBy, PeriodBackwards, UnknownArea
from backend.reports.sheets import workbook
from backend.reports.weights import BadWeight, give_score, set_weight
from tests.backend.cases.acting import act, file, person
from tests.backend.reports.month import FIRST, LAST, LATER, a_month, settle
from tests.office_builder import MONDAY


async def test_every_figure_of_a_month_and_the_cases_behind_it(either_office: Office) -> None:
    office = either_office
    made = await a_month(office)
    await refresh_reports(office, LATER)
    async with office.database.read() as session:
        ladder = await ladder_report(session, office, FIRST, LAST)
        assert (ladder.accepted, ladder.settled, ladder.reported_up, ladder.open) == (11, 7, 1, 3)
        assert ladder.share(ladder.settled) == 63.6
        views = [await view_of(session, case) for case in (await session.exec(select(Case))).all()]
        assert ladder.table == ladder_table(views)
        assert [(line.code, line.table.accepted) for line in ladder.lines] == [("990101", 11)]
        up = await ladder_cases(session, office, FIRST, LAST, part="reported_up")
        assert [case.number for case in up] == [made["up"].number]
        at_grid = await ladder_report(session, office, FIRST, LAST, "990101001", top=Level.GRID)
        assert (at_grid.accepted, at_grid.reported_up) == (11, 1)

        rates = await rates_report(session, office, FIRST, LAST, by=GroupBy.WORKER)
        figures = {rate: (one.above, one.below) for rate, one in rates.total.figures.items()}
        assert figures[Rate.SATISFIED] == (4, 5)
        assert figures[Rate.SOLVED] == (7, 7)
        assert figures[Rate.REDO] == (1, 7)
        assert figures[Rate.SEND_BACK] == (1, 10)
        assert figures[Rate.ON_TIME] == (7, 10)  # three were still open when their week was over
        unhappy = await cases_behind(session, office, FIRST, LAST, rate=Rate.SATISFIED, above=False)
        assert made["unhappy"].number in {case.number for case in unhappy}
        for by in GroupBy:
            each = await rates_report(session, office, FIRST, LAST, by=by)
            assert sum(line.cases for line in each.lines) == 11
            for line in each.lines:
                behind = await cases_behind(
                    session, office, FIRST, LAST, rate=Rate.SOLVED, above=True, by=by, key=line.key
                )
                assert len(behind) == line.figures[Rate.SOLVED].above, (by, line.key)
        for area in ("990101", "990101001", "99010100101"):  # deeper down other tables are read: the same figures
            for by in GroupBy:
                deep = await rates_report(session, office, FIRST, LAST, area, by=by)
                shallow = await rates_report(session, office, FIRST, LAST, by=by)
                assert deep.lines == shallow.lines, (area, by)
        assert await differences(session, office, FIRST, LAST, LATER) == []


async def test_time_alone_makes_a_case_late_without_any_move(office: Office) -> None:
    await file(office)
    await refresh_reports(office, MONDAY)
    async with office.database.read() as session:
        before = (await rates_report(session, office, FIRST, LAST)).total.figures[Rate.RESPONSE]
    await refresh_reports(office, MONDAY + timedelta(days=2))
    async with office.database.read() as session:
        after = (await rates_report(session, office, FIRST, LAST)).total.figures[Rate.RESPONSE]
    assert ((before.above, before.below), (after.above, after.below)) == ((0, 0), (0, 1))


async def test_a_correction_moves_a_case_from_one_line_to_another(office: Office) -> None:
    case = await settle(office)
    await refresh_reports(office, LATER)
    other = await file(office)
    await act(
        office, other[0], await person(office, "吴敏"), "correct", 1, category="environment.garbage", reason="是垃圾"
    )
    await refresh_reports(office, LATER)
    async with office.database.read() as session:
        report = await rates_report(session, office, FIRST, LAST, by=GroupBy.CATEGORY)
        assert {line.key: line.cases for line in report.lines} == {"environment.garbage": 1, "urban.lighting": 1}
        assert await differences(session, office, FIRST, LAST, LATER) == []
        assert (await session.exec(select(CaseChange))).first() is None
    assert case.number == "20261123-00001"


async def test_the_nightly_check_finds_and_mends_a_wrong_sum(office: Office) -> None:
    await settle(office)
    await refresh_reports(office, MONDAY + timedelta(hours=4))
    async with office.database.write() as session:
        await session.execute(update(Rollup).values(cases=col(Rollup.cases) + 5))
    assert await verify_rollups(office, MONDAY + timedelta(hours=5)) == 7  # the case stands in seven sums
    assert await verify_rollups(office, MONDAY + timedelta(hours=6)) == 0


async def test_an_exclusion_needs_somebody_else_and_then_leaves_the_score(either_office: Office) -> None:
    office = either_office
    worker = await person(office, "李建国")
    await settle(office)
    bad = await settle(office, 1)
    await refresh_reports(office, LATER)
    async with office.database.write() as session:
        plain = (await assessment_report(session, office, FIRST, LAST)).lines
        assert [(line.key, line.score) for line in plain] == [(worker.id, 82.5)]  # 30 + 35 + 35 / 2
        row = await ask_exclusion(session, office, bad.number, "恶意差评", "user:1", LATER, Rate.SATISFIED)
        assert row.id is not None
        with pytest.raises(AlreadyAsked):
            await ask_exclusion(session, office, bad.number, "恶意差评", "user:1", LATER, Rate.SATISFIED)
        with pytest.raises(AskerMayNotApprove):
            await decide_exclusion(session, office, row.id, "user:1", approve=True, now=LATER)
        await decide_exclusion(session, office, row.id, "user:2", approve=True, now=LATER)
        report = await assessment_report(session, office, FIRST, LAST)
        assert report.lines[0].score == 100
        assert [(one.number, one.rate, one.approved_by) for one in report.excluded] == [
            (bad.number, Rate.SATISFIED, "user:2")
        ]
        assert [number for _, number in await exclusions_of(session, office, "approved")] == [bad.number]
        rates = await rates_report(session, office, FIRST, LAST)
        assert rates.total.figures[Rate.SATISFIED].below == 2  # the published rates still show it


async def test_whoever_a_department_sent_down_is_scored_by_both(either_office: Office) -> None:
    office = either_office
    worker = await person(office, "李建国")
    await settle(office)
    await refresh_reports(office, LATER)
    async with office.database.write() as session:
        await give_score(session, office, worker.id, "2026-11", 80, "user:3", LATER)
        line = (await assessment_report(session, office, FIRST, LAST)).lines[0]
        assert (line.street_score, line.department_score, line.score, line.complete) == (100, 80, 92, True)
        await set_weight(session, office, "dual.street", 50, "user:1", LATER)
        await set_weight(session, office, "dual.department", 50, "user:1", LATER)
        assert (await assessment_report(session, office, FIRST, LAST)).lines[0].score == 90
        with pytest.raises(BadWeight):
            await set_weight(session, office, "rate.kindness", 10, "user:1", LATER)


async def test_hot_spots_are_those_of_the_rules(either_office: Office) -> None:
    office = either_office
    for area in ("99010100101", "99010100101", "99010100101", "99010200101"):
        await file(office, area_code=area)
    async with office.database.read() as session:
        lines = await hot_spots(session, office, FIRST, LAST)
        cases = (await session.exec(select(Case))).all()
    assert [(line.area_code, line.category, line.count) for line in lines] == [("99010100101", "urban.lighting", 3)]
    rules = by_rules([sighting(case, 1) for case in cases], MONDAY - timedelta(days=1))
    assert [(spot.area, spot.category, spot.count) for spot in rules] == [("99010100101", "urban.lighting", 3)]


async def test_the_load_of_each_worker_now(either_office: Office) -> None:
    office = either_office
    await settle(office)
    await file(office)
    await file(office)
    async with office.database.read() as session:
        lines = await worker_load(session, office, MONDAY + timedelta(days=2), "990101")
    first = lines[0]
    assert (first.name, first.held, first.overdue, first.done_week) == ("李建国", 2, 2, 1)
    assert {line.name for line in lines} == {"李建国", "赵小梅", "孙立", "王芳"}


async def test_unknown_places_and_backward_periods_are_refused(office: Office) -> None:
    async with office.database.read() as session:
        with pytest.raises(UnknownArea):
            await rates_report(session, office, FIRST, LAST, "123")
        with pytest.raises(PeriodBackwards):
            await ladder_report(session, office, LAST, date(2026, 1, 1))


def test_a_spreadsheet_holds_no_formula_and_says_whose_copy_it_is() -> None:
    made = workbook("a/b", ["名称", "数"], [['=HYPERLINK("http://x")', 1], ["\x07+1", 2.5], [None, None]], "谁于何时")
    sheet = load_workbook(BytesIO(made)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "谁于何时"
    assert rows[2] == ['\'=HYPERLINK("http://x")', 1]
    assert rows[3] == ["'+1", 2.5]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.oddFooter.center.text == "谁于何时"
