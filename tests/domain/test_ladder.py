"""How a case climbs, who gets it, and where rules send it."""

from dataclasses import replace

import pytest

from backend.domain.duty import Duty, StaffOnRoster, Why, barred, who_gets_it
from backend.domain.ladder import Push, Signals, Upward, escalations, fired, is_next_rung, jump_rule
from backend.domain.lifecycle import CaseView
from backend.domain.routing import RoutingRule, Target, TargetKind, dry_run, route
from backend.domain.words import CaseState, ClockName, Kind, Level, Role, Urgency, WarnLevel
from tests.domain.builders import DISPATCHER, LEVELS, PATH, SYSTEM, VERIFIER, WORKER, accepted, in_state

A = StaffOnRoster("a", Role.WORKER, "G", True, Duty.A, "team1")
B = StaffOnRoster("b", Role.WORKER, "G", True, Duty.B, "team2")
RESP = StaffOnRoster("r", Role.RESPONSIBLE, "G", True)
OTHER_GRID = StaffOnRoster("z", Role.WORKER, "G9", True, Duty.A)


def off(person: StaffOnRoster) -> StaffOnRoster:
    return replace(person, on_duty=False)


def test_the_a_person_gets_the_task():
    assert who_gets_it(PATH, [B, RESP, A, OTHER_GRID]).assignee == "a"


def test_b_person_gets_the_task_when_a_is_off_duty():
    choice = who_gets_it(PATH, [off(A), B, RESP])
    assert (choice.assignee, choice.why, choice.substitute) == ("b", Why.B_STANDS_IN, True)


def test_the_responsible_person_gets_it_when_both_are_off_duty():
    assert who_gets_it(PATH, [off(A), off(B), RESP]).assignee == "r"


def test_the_communitys_queue_gets_it_with_an_alarm_when_nobody_is_on_duty():
    choice = who_gets_it(PATH, [off(A), off(B), off(RESP), OTHER_GRID])
    assert (choice.assignee, choice.queue, choice.alarm) == (None, "community:C", True)


def test_an_address_between_two_grids_goes_to_the_streets_boundary_queue():
    choice = who_gets_it(PATH, [A, B], other_grids=["G2"])
    assert (choice.queue, choice.why) == ("boundary:S", Why.BOUNDARY)


@pytest.mark.parametrize(
    ("path", "queue"),
    [(("D", "S", "C"), "community:C"), (("D", "S"), "street:S"), (("D",), "district:D"), ((), "district:-")],
)
def test_without_a_grid_the_lowest_known_level_gets_it_with_an_alarm(path, queue):
    choice = who_gets_it(path, [A])
    assert (choice.queue, choice.alarm, choice.why) == (queue, True, Why.UNPLACED)


def test_a_complaint_about_a_worker_goes_to_another_team():
    assert who_gets_it(PATH, [A, B, RESP], subjects=["a"]).assignee == "b"
    mate = replace(B, unit="team1")
    assert who_gets_it(PATH, [A, mate, RESP], subjects=["a"]).assignee == "r"
    assert barred([A, mate, RESP], ["a"]) == {"a", "b", "team1"}


def test_a_complaint_about_all_of_them_goes_to_the_queue_above():
    team = [replace(p, unit="team1") for p in (A, B, RESP)]
    choice = who_gets_it(PATH, team, subjects=["team1"])
    assert (choice.queue, choice.why, choice.alarm) == ("community:C", Why.CONFLICT, True)


def test_a_complaint_about_the_community_is_not_queued_in_the_community():
    team = [replace(p, unit="C") for p in (A, B, RESP)]
    assert who_gets_it(PATH, team, subjects=["C"]).queue == "street:S"


def test_the_choice_does_not_depend_on_the_order_of_the_roster():
    second_a = replace(A, id="a2")
    assert who_gets_it(PATH, [second_a, A]) == who_gets_it(PATH, [A, second_a])


def test_one_rung_at_a_time():
    for low in LEVELS:
        for high in LEVELS:
            assert is_next_rung(low, high) == (abs(low.rank - high.rank) <= 1)


def test_only_an_emergency_jumps_to_the_district():
    case = CaseView("1", area_path=PATH)
    assert jump_rule(case, Level.DISTRICT) is None
    assert jump_rule(replace(case, urgency=Urgency.URGENT), Level.STREET) == "urgent_to_street"
    assert jump_rule(replace(case, urgency=Urgency.URGENT), Level.DISTRICT) is None
    assert jump_rule(replace(case, urgency=Urgency.EMERGENCY), Level.DISTRICT) == "emergency_at_once"


def warned(clock: ClockName, level: WarnLevel) -> Signals:
    return Signals(((clock, level),))


@pytest.mark.parametrize(
    ("signals", "push", "move"),
    [
        (warned(ClockName.ACCEPT, WarnLevel.BREACH), Push.NOT_ACCEPTED, Upward.INFORM),
        (warned(ClockName.RESOLVE, WarnLevel.BREACH), Push.OVERDUE, Upward.INFORM),
        (warned(ClockName.RESOLVE, WarnLevel.RED), Push.RED_CARD, Upward.HAND_OVER),
        (Signals(unhappy=True), Push.UNHAPPY, Upward.INFORM),
        (Signals(refused_pass=True), Push.PASSES, Upward.HAND_OVER),
    ],
)
def test_what_pushes_a_case_up_and_how(signals, push, move):
    found = escalations(in_state(CaseState.ACCEPTED), signals, ())
    assert (push, move, Level.COMMUNITY) in {(e.push, e.move, e.to_level) for e in found}


def test_three_redos_hand_over():
    case = replace(in_state(CaseState.ACCEPTED), redo_count=2)
    assert escalations(case, Signals(), ()) == []
    (found,) = escalations(replace(case, redo_count=3), Signals(), ())
    assert (found.push, found.move) == (Push.REDOS, Upward.HAND_OVER)


def test_each_push_happens_once():
    case = replace(in_state(CaseState.ACCEPTED), redo_count=4)
    assert escalations(case, Signals(), {"redos"}) == []


def test_two_pushes_at_once_climb_one_rung_only():
    story = accepted()
    case = replace(story.case, redo_count=3)
    (found,) = escalations(case, warned(ClockName.RESOLVE, WarnLevel.RED), ())
    assert (found.push, set(found.covers)) == (Push.REDOS, {Push.OVERDUE, Push.RED_CARD})
    story.do(SYSTEM, "hand_over", reason="三次返工", trigger=found.key)
    assert fired(story.events) == {"redos", "overdue", "red_card"}
    assert escalations(case, warned(ClockName.RESOLVE, WarnLevel.RED), fired(story.events)) == []


def test_after_a_reopening_the_pushes_may_come_again():
    story = accepted().do(SYSTEM, "inform", person="staff:boss", trigger="overdue")
    assert fired(story.events) == {"overdue"}
    story.do(WORKER, "done", result="x").do(VERIFIER, "verify").do(DISPATCHER, "reopen", reason="x")
    assert fired(story.events) == set()


def test_a_warning_at_fifty_per_cent_pushes_nothing():
    assert escalations(in_state(CaseState.ACCEPTED), warned(ClockName.RESOLVE, WarnLevel.EIGHTY), ()) == []


def test_nothing_is_pushed_above_the_district_or_after_the_end():
    busy = Signals(unhappy=True, refused_pass=True)
    assert escalations(replace(in_state(CaseState.ACCEPTED), level=Level.DISTRICT), busy, ()) == []
    assert escalations(in_state(CaseState.CLOSED), busy, ()) == []


LIGHTS = RoutingRule("lights", 10, Target(TargetKind.UNIT, "lighting"), categories=("urban.lighting",))
URBAN = RoutingRule("urban", 20, Target(TargetKind.UNIT, "works"), categories=("urban",))
REST = RoutingRule("rest", 99, Target(TargetKind.QUEUE, "street:S"))
CASE = CaseView("1", category="urban.lighting", area_path=PATH)


def everyone(_target: Target) -> bool:
    return True


def test_the_first_rule_that_fits_wins_by_order():
    assert route([REST, URBAN, LIGHTS], CASE, everyone).rule is LIGHTS
    assert route([REST, URBAN, LIGHTS], replace(CASE, category="urban.water"), everyone).rule is URBAN
    assert route([REST, URBAN, LIGHTS], replace(CASE, category="urbanity.x"), everyone).rule is REST
    assert route([URBAN], replace(CASE, category="rural.road"), everyone).rule is None


def test_a_rule_whose_target_is_gone_is_passed_over_and_named():
    found = route([LIGHTS, URBAN], CASE, lambda t: t.id != "lighting")
    assert (found.rule, found.gone) == (URBAN, ("lights",))


def test_no_rule_sends_a_complaint_to_the_unit_it_is_about():
    assert route([LIGHTS, URBAN], replace(CASE, subjects=("lighting",)), everyone).rule is URBAN


def test_a_rule_may_be_narrowed_to_kinds_urgencies_and_areas():
    narrow = replace(REST, kinds=(Kind.HELP,), urgencies=(Urgency.URGENT,), areas=("C",))
    fitting = replace(CASE, kind=Kind.HELP, urgency=Urgency.URGENT)
    assert route([narrow], fitting, everyone).rule is narrow
    assert route([narrow], replace(fitting, area_path=("D", "S", "C2", "G9")), everyone).rule is None
    assert route([replace(narrow, enabled=False)], fitting, everyone).rule is None


def test_a_dry_run_shows_what_would_go_where():
    cases = [CASE, replace(CASE, id="2", category="urban.water"), replace(CASE, id="3", category="rural.road")]
    result = dry_run([LIGHTS, URBAN], cases, lambda t: t.id != "lighting")
    assert result.cases_by_rule == {"lights": [], "urban": ["1", "2"]}
    assert (result.by_ladder, result.gone) == (["3"], ["lights"])
