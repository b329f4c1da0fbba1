"""Rates, the ladder table and the assessment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.domain.assessment import Exclusion, approve_exclusion, dual, score, without_excluded
from backend.domain.deadlines import clocks
from backend.domain.limits import limits_for
from backend.domain.rates import Flag, Rate, Tally, flags, ladder_table, tally
from backend.domain.refusals import AskerMayNotApprove, ReasonRequired
from backend.domain.words import CaseState, Kind, Level, Urgency
from tests.domain.builders import (
    DISPATCHER,
    OPERATOR,
    RESIDENT,
    VERIFIER,
    WORKER,
    Story,
    accepted,
    calendar,
    closed,
    done,
    in_state,
)

CALENDAR = calendar()
YES, NO, OUT = Flag(True, True), Flag(True, False), Flag(False, False)


def flags_of(story: Story, days_later: float = 0, kind: Kind | None = None) -> dict[Rate, Flag]:
    now = story.now + timedelta(days=days_later)
    case = story.case
    found = clocks(story.events, limits_for(kind or case.kind, case.urgency), CALENDAR, now)
    filed = clocks(story.events, limits_for(case.first_kind or case.kind, case.urgency), CALENDAR, now)
    return flags(case, story.events, found, now, filed)


def test_a_case_done_well_counts_above_every_line():
    marks = flags_of(closed().do(RESIDENT, "feedback", score=5))
    assert marks[Rate.RESPONSE] == marks[Rate.SOLVED] == marks[Rate.SATISFIED] == marks[Rate.ON_TIME] == YES
    assert marks[Rate.SEND_BACK] == marks[Rate.REDO] == NO


def test_a_running_case_is_not_judged_before_its_time():
    marks = flags_of(accepted())
    assert marks[Rate.RESPONSE] == marks[Rate.ON_TIME] == marks[Rate.SOLVED] == OUT


def test_a_case_nobody_answers_is_judged_when_its_time_runs_out():
    marks = flags_of(accepted(), days_later=30)
    assert (marks[Rate.RESPONSE], marks[Rate.ON_TIME]) == (NO, NO)


def test_a_request_to_reopen_makes_it_unsolved_until_declined():
    story = closed().do(RESIDENT, "request_reopen", reason="没好")
    assert flags_of(story)[Rate.SOLVED] == NO
    assert flags_of(story.do(DISPATCHER, "decline_reopen", reason="现场已核实"))[Rate.SOLVED] == YES


def test_unrated_is_neither_happy_nor_unhappy():
    assert flags_of(closed())[Rate.SATISFIED] == OUT
    assert flags_of(closed().do(RESIDENT, "feedback", score=3))[Rate.SATISFIED] == NO


def test_returns_and_redos_are_counted():
    story = accepted().do(WORKER, "return_", reason="x").do(DISPATCHER, "dispatch", assignee=WORKER.id)
    story.do(WORKER, "accept").do(WORKER, "done", result="x").do(VERIFIER, "fail_verification", reason="没好")
    assert flags_of(story)[Rate.SEND_BACK] == flags_of(story)[Rate.REDO] == YES


@pytest.mark.parametrize("state", [CaseState.VOID, CaseState.MERGED, CaseState.REJECTED, CaseState.TRANSFERRED_OUT])
def test_what_was_never_ours_is_not_counted(state):
    story = done()
    assert set(flags(replace(story.case, state=state), story.events, [], story.now).values()) == {OUT}


def test_relabelling_a_complaint_as_a_consultation_improves_no_rate():
    story = done(kind=Kind.COMPLAINT).do(RESIDENT, "fail_verification", reason="没好")
    before = flags_of(story)
    relabelled = flags_of(story.do(OPERATOR, "correct", kind=Kind.CONSULTATION, reason="其实是咨询"))
    assert story.case.kind is Kind.CONSULTATION
    for rate in (Rate.RESPONSE, Rate.SOLVED, Rate.ON_TIME, Rate.SATISFIED):
        assert relabelled[rate].below >= before[rate].below
        assert relabelled[rate].above <= before[rate].above
    assert relabelled[Rate.REDO] == before[Rate.REDO] == YES


def test_a_longer_limit_won_by_relabelling_does_not_make_it_on_time():
    late = Story(kind=Kind.HELP)  # three working days
    late.do(DISPATCHER, "dispatch", assignee=WORKER.id).do(WORKER, "accept").do(WORKER, "start_contact")
    late.do(WORKER, "done", late.now + timedelta(days=8), result="x")
    assert flags_of(late)[Rate.ON_TIME] == NO
    late.do(OPERATOR, "correct", kind=Kind.COMPLAINT, reason="改为投诉")  # thirteen working days
    assert flags_of(late)[Rate.ON_TIME] == NO


def test_a_genuine_consultation_counts_in_no_rate():
    assert set(flags_of(Story(kind=Kind.CONSULTATION).do(OPERATOR, "answer", result="9点")).values()) == {OUT}


def test_a_figure_opens_the_cases_behind_it():
    figures = tally([("1", {Rate.SOLVED: YES}), ("2", {Rate.SOLVED: NO}), ("3", {Rate.SOLVED: OUT})])
    assert (figures[Rate.SOLVED].below, figures[Rate.SOLVED].above) == (["1", "2"], ["1"])
    assert figures[Rate.SOLVED].value == 0.5
    assert figures[Rate.SATISFIED].value is None


def test_the_ladder_table_of_a_real_pilot():
    settled = [replace(in_state(CaseState.CLOSED), level=Level.STREET)] * 2904
    up = [replace(in_state(CaseState.ACCEPTED), level=Level.DISTRICT)] * 986
    still = [in_state(CaseState.ACCEPTED)] * 121
    table = ladder_table([*settled, *up, *still, in_state(CaseState.VOID)])
    assert (table.accepted, table.settled, table.reported_up, table.open) == (4011, 2904, 986, 121)
    assert (table.share(table.settled), table.share(table.reported_up)) == (72.4, 24.6)
    assert table.by_level[Level.STREET] == 2904


def test_an_empty_ladder_table_divides_by_nothing():
    assert ladder_table([]).share(0) == 0.0


def figures(**values: tuple[int, int]) -> dict[Rate, Tally]:
    made = {rate: Tally() for rate in Rate}
    for name, (above, below) in values.items():
        made[Rate(name)] = Tally([str(n) for n in range(below)], [str(n) for n in range(above)])
    return made


def test_the_published_weighting_30_35_35():
    assert score(figures(response=(10, 10), solved=(8, 10), satisfied=(6, 10))) == 79.0
    assert score(figures(response=(10, 10), solved=(8, 10))) == 89.23  # nobody rated: the other two share
    assert score(figures()) is None


def test_dual_assessment_60_40():
    assert dual(90, 80).value == 86
    assert dual(90, 80, (50, 50)).value == 85
    assert (dual(90, None).value, dual(90, None).complete) == (90, False)
    assert (dual(None, None).value, dual(90, 80).complete) == (None, True)


def test_an_exclusion_needs_a_reason_and_somebody_elses_approval():
    wanted = Exclusion("1", "不可抗力：暴雨", "staff:a")
    with pytest.raises(AskerMayNotApprove):
        approve_exclusion(wanted, "staff:a")
    with pytest.raises(ReasonRequired):
        approve_exclusion(replace(wanted, reason=" "), "staff:b")
    cases = [("1", {Rate.SOLVED: NO, Rate.ON_TIME: NO}), ("2", {Rate.SOLVED: YES, Rate.ON_TIME: NO})]
    assert without_excluded(cases, [wanted]) == cases
    assert without_excluded(cases, [replace(wanted, approved_by="staff:a")]) == cases
    left = without_excluded(cases, [approve_exclusion(wanted, "staff:b")])
    assert left[0][1] == {Rate.SOLVED: OUT, Rate.ON_TIME: OUT}
    one = without_excluded(cases, [approve_exclusion(replace(wanted, rate=Rate.SOLVED), "staff:b")])
    assert one[0][1] == {Rate.SOLVED: OUT, Rate.ON_TIME: NO}


def test_urgency_is_judged_by_the_same_day():
    story = Story(urgency=Urgency.URGENT).do(DISPATCHER, "dispatch", assignee=WORKER.id).do(WORKER, "accept")
    story.do(WORKER, "done", story.now + timedelta(days=1), result="x")
    assert flags_of(story)[Rate.ON_TIME] == NO
