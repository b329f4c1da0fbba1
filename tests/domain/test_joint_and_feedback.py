"""Merging, splitting, working together, and what the resident says afterwards."""

import pytest

from backend.domain import refusals as no
from backend.domain.feedback import may_ask, say_why, take_feedback
from backend.domain.history import replay
from backend.domain.joint import TargetNotOpen, merge_cases, split_case, unmerge_case
from backend.domain.lifecycle import Actor, evolve, file_case
from backend.domain.words import CaseState, Kind, Role
from tests.domain.builders import (
    DEPARTMENT,
    DISPATCHER,
    FAR_DISPATCHER,
    NEIGHBOUR,
    NOW,
    PATH,
    RESIDENT,
    STRANGER,
    WORKER,
    Story,
    accepted,
    closed,
    done,
)


def second(**facts):
    given = {"kind": Kind.REPAIR, "category": "urban.water", "area_path": PATH, **facts}
    return file_case("20260901-00002", NEIGHBOUR, given, NOW)


def test_all_reporters_of_a_merged_case_keep_hearing():
    target, source = accepted(), second()
    both = merge_cases(target.case, replay(source), DISPATCHER, "同一次停水", NOW)
    merged, kept = replay([*source, *both.source]), replay([*target.events, *both.target])
    assert (merged.state, merged.merged_into) == (CaseState.MERGED, target.case.id)
    assert kept.reporters == (RESIDENT.id, NEIGHBOUR.id)


def test_merging_into_an_ended_case_is_refused():
    with pytest.raises(TargetNotOpen):
        merge_cases(closed().case, replay(second()), DISPATCHER, "x", NOW)


def test_merging_needs_the_right_over_both_cases():
    elsewhere = replay(second(area_path=("D", "S2", "C2", "G2")))
    with pytest.raises(no.NotYourArea):
        merge_cases(accepted().case, elsewhere, DISPATCHER, "x", NOW)
    with pytest.raises(no.NotYourArea):
        merge_cases(accepted().case, elsewhere, FAR_DISPATCHER, "x", NOW)


def test_a_complaint_about_a_worker_cannot_vanish_into_that_workers_case():
    with pytest.raises(no.ConflictOfInterest):
        merge_cases(accepted().case, replay(second(subjects=[WORKER.id])), DISPATCHER, "x", NOW)


def test_a_case_is_not_merged_into_itself():
    story = accepted()
    with pytest.raises(no.TargetCaseRequired):
        merge_cases(story.case, story.case, DISPATCHER, "x", NOW)


def test_a_wrong_merge_is_taken_back():
    target, source = accepted(), second()
    both = merge_cases(target.case, replay(source), DISPATCHER, "同一件?", NOW)
    merged, kept = replay([*source, *both.source]), replay([*target.events, *both.target])
    apart = unmerge_case(kept, merged, [NEIGHBOUR.id], DISPATCHER, "不是同一件", NOW)
    back = evolve(merged, apart.source[0])
    assert (back.state, back.owner, back.merged_into) == (CaseState.RECEIVED, "grid:G", None)
    assert evolve(kept, apart.target[0]).reporters == (RESIDENT.id,)
    with pytest.raises(no.TargetCaseRequired):
        unmerge_case(kept, back, [], DISPATCHER, "x", NOW)


def test_splitting_forgets_nobody():
    story = Story(subjects=["unit-x"])
    parent, children = split_case(
        story.case, {"n1": {"category": "urban.water", "text": "还漏水"}}, DISPATCHER, "两件事", NOW
    )
    child = replay(children["n1"])
    assert (child.reporters, child.subjects, child.area_path) == ((RESIDENT.id,), ("unit-x",), PATH)
    assert (child.category, child.state) == ("urban.water", CaseState.RECEIVED)
    assert parent[0].data["target"] == ["n1"]
    assert children["n1"][0].data["split_from"] == story.case.id


def test_a_joint_case_is_done_only_when_every_unit_closed_its_part():
    story = accepted().do(DISPATCHER, "joint", unit="works", units=["enforcement", "police"], reason="会商")
    assert [(p.unit, p.main) for p in story.case.parts] == [
        ("works", True),
        ("enforcement", False),
        ("police", False),
    ]
    with pytest.raises(no.PartsStillOpen) as refused:
        story.do(WORKER, "done", result="x")
    assert refused.value.facts["units"] == ["enforcement", "police"]
    story.do(DEPARTMENT, "close_part", result="已拆除")
    with pytest.raises(no.NotInTheJointCase):
        story.do(DEPARTMENT, "close_part", result="再来")
    story.do(Actor("p", Role.DEPARTMENT, ("D",), "police"), "close_part", result="已到场")
    assert all(p.closed for p in story.do(WORKER, "done", result="好").case.parts)


def test_the_unit_complained_about_is_never_asked_to_assist():
    story = accepted(subjects=["works"])
    for move, facts in (("assist", {"unit": "works"}), ("joint", {"unit": "a", "units": ["works"]})):
        with pytest.raises(no.ConflictOfInterest):
            story.do(DISPATCHER, move, reason="x", **facts)


def test_feedback_is_asked_once_after_verification_and_only_with_consent():
    assert not may_ask(done().case, already_asked=False, may_contact=True)
    case = closed().case
    assert may_ask(case, already_asked=False, may_contact=True)
    assert not may_ask(case, already_asked=True, may_contact=True)
    assert not may_ask(case, already_asked=False, may_contact=False)
    rated = closed().do(RESIDENT, "feedback", score=4).case
    assert not may_ask(rated, already_asked=False, may_contact=True)


def test_an_unhappy_answer_with_words_asks_to_reopen():
    story = closed()
    taken = take_feedback(story.case, RESIDENT, 1, NOW, "根本没修")
    assert [e.name for e in taken.events] == ["feedback", "request_reopen"]
    assert taken.unhappy
    assert replay([*story.events, *taken.events]).state is CaseState.CLOSED


def test_an_unhappy_answer_without_words_is_asked_why():
    story = closed()
    taken = take_feedback(story.case, RESIDENT, 2, NOW, "  ")
    assert ([e.name for e in taken.events], taken.ask_why) == (["feedback"], True)
    rated = replay([*story.events, *taken.events])
    (why,) = say_why(rated, RESIDENT, "灯还是不亮", NOW)
    assert why.name == "request_reopen"
    assert say_why(evolve(rated, why), RESIDENT, "再说一次", NOW) == []


def test_praise_reaches_the_one_who_did_it():
    taken = take_feedback(closed().case, RESIDENT, 5, NOW, "小王真好", contact_again=False)
    assert taken.praise_for == WORKER.id
    assert taken.events[0].data["contact_again"] is False
    assert take_feedback(closed().case, RESIDENT, 5, NOW).praise_for is None


def test_a_second_answer_is_refused_and_so_is_a_strangers():
    story = closed().do(RESIDENT, "feedback", score=5)
    with pytest.raises(no.AlreadyRated):
        take_feedback(story.case, RESIDENT, 1, NOW)
    with pytest.raises(no.NotYourCase):
        take_feedback(closed().case, STRANGER, 1, NOW)


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_runs_from_one_to_five(score):
    with pytest.raises(no.ScoreRequired):
        take_feedback(closed().case, RESIDENT, score, NOW)
