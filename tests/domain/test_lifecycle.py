"""The rules of a case's life, one by one."""

import json
from dataclasses import replace

import pytest

from backend.domain import refusals as no
from backend.domain.lifecycle import SYSTEM, Actor, Event, apply, available, replay
from backend.domain.words import CaseState, Kind, Level, Role, Source
from tests.domain.builders import (
    COMMUNITY_DISPATCHER,
    DEPARTMENT,
    DISPATCHER,
    FAR_DISPATCHER,
    LEADER,
    NEIGHBOUR,
    NOW,
    OPERATOR,
    RESIDENT,
    STRANGER,
    VERIFIER,
    WORKER,
    WORKER_B,
    Story,
    accepted,
    closed,
    done,
    in_state,
)


def test_the_main_road_from_report_to_closed():
    story = Story().do(DISPATCHER, "dispatch", assignee=WORKER.id).do(WORKER, "accept").do(WORKER, "on_the_way")
    story.do(WORKER, "done", result="已换灯", photo="p").do(RESIDENT, "verify").do(SYSTEM, "close")
    assert story.case.state is CaseState.CLOSED
    assert story.case.doer == WORKER.id


def test_accepting_twice_is_no_event_and_no_error():
    story = accepted()
    assert apply(story.case, WORKER, "accept", {}, NOW) == []


def test_only_the_one_it_was_given_to_accepts():
    story = Story().do(DISPATCHER, "dispatch", assignee=WORKER.id)
    with pytest.raises(no.NotYourCase):
        story.do(WORKER_B, "accept")


def test_anyone_of_the_department_accepts_what_its_unit_was_given():
    story = Story().do(DISPATCHER, "transfer", unit="enforcement", reason="违建")
    assert story.do(DEPARTMENT, "accept").case.assignee == DEPARTMENT.id
    other = Actor("staff:x", Role.DEPARTMENT, ("D",), "market")
    assert available(story.case, other) == []


def test_staff_of_another_area_find_nothing():
    with pytest.raises(no.NotYourArea) as refused:
        Story().do(FAR_DISPATCHER, "dispatch", assignee=WORKER.id)
    assert refused.value.status == 404


def test_after_a_hand_over_the_lower_level_no_longer_decides():
    story = accepted().do(WORKER, "hand_over", reason="管不了")
    assert (story.case.level, story.case.queue) == (Level.COMMUNITY, "community:C")
    story.do(SYSTEM, "hand_over", reason="超期")
    assert story.case.holding_area == "S"
    with pytest.raises(no.NotYourRung):
        story.do(COMMUNITY_DISPATCHER, "void", reason="x")
    assert story.do(DISPATCHER, "dispatch", assignee="staff:s").case.state is CaseState.DISPATCHED


def test_a_case_climbs_one_rung_at_a_time_unless_a_rule_is_named():
    with pytest.raises(no.NotTheNextRung):
        accepted().do(WORKER, "hand_over", reason="重大", level="district")
    jumped = accepted().do(WORKER, "hand_over", reason="重大", level="district", skip_rule="emergency_at_once")
    assert jumped.case.level is Level.DISTRICT
    with pytest.raises(no.TopOfLadder):
        jumped.do(LEADER, "hand_over", reason="再上")


def test_hand_over_never_leads_down_and_dispatch_never_up():
    with pytest.raises(no.NotTheNextRung):
        accepted().do(WORKER, "hand_over", reason="x", level="grid")
    with pytest.raises(no.NotTheNextRung):
        Story().do(DISPATCHER, "dispatch", assignee="staff:s", level="community")


def test_dispatch_goes_down_to_the_direct_child_only():
    story = Story(level="street")
    with pytest.raises(no.NotTheNextRung):
        story.do(DISPATCHER, "dispatch", assignee=WORKER.id, level="grid")
    assert story.do(DISPATCHER, "dispatch", assignee="staff:c", level="community").case.level is Level.COMMUNITY


@pytest.mark.parametrize(
    ("move", "facts", "refusal"),
    [
        ("return_", {}, no.ReasonRequired),
        ("return_", {"reason": "   "}, no.ReasonRequired),
        ("transfer", {"reason": "x"}, no.UnitRequired),
        ("done", {"photo": "p"}, no.ResultRequired),
        ("request_extension", {"reason": "x"}, no.AmountRequired),
        ("request_extension", {"reason": "x", "amount": 0}, no.AmountRequired),
        ("request_extension", {"reason": "x", "amount": -3}, no.AmountRequired),
        ("request_extension", {"reason": "x", "amount": True}, no.AmountRequired),
        ("request_extension", {"reason": "x", "amount": 1, "limit_unit": "moons"}, no.AmountRequired),
        ("add_evidence", {}, no.PhotoRequired),
        ("reply", {"text": ""}, no.TextRequired),
    ],
)
def test_what_a_holder_must_bring(move, facts, refusal):
    with pytest.raises(refusal):
        accepted().do(WORKER, move, **facts)


@pytest.mark.parametrize(
    ("move", "facts", "refusal"),
    [
        ("dispatch", {}, no.AssigneeRequired),
        ("reject", {"reason": "x"}, no.WhereToGoRequired),
        ("merge", {"reason": "x"}, no.TargetCaseRequired),
        ("merge", {"reason": "x", "target": "20260901-00001"}, no.TargetCaseRequired),
        ("correct", {"reason": "x"}, no.ChangeRequired),
        ("correct", {"reason": "x", "category": "urban.lighting"}, no.ChangeRequired),
        ("void", {}, no.ReasonRequired),
    ],
)
def test_what_a_dispatcher_must_bring(move, facts, refusal):
    with pytest.raises(refusal):
        Story().do(DISPATCHER, move, **facts)


def test_the_third_pass_without_an_owner_is_refused():
    story = accepted().do(WORKER, "return_", reason="不是我的")
    story.do(DISPATCHER, "transfer", unit="market", reason="归市监")
    with pytest.raises(no.TransferLoop):
        story.do(DISPATCHER, "transfer", unit="enforcement", reason="归城管")
    assert story.do(SYSTEM, "hand_over", reason="三次移送无主", trigger="passes").case.transfer_count == 0


def test_a_leader_may_still_decide_in_a_loop():
    story = accepted().do(WORKER, "return_", reason="不是我的").do(DISPATCHER, "transfer", unit="m", reason="x")
    assert story.do(LEADER, "transfer", unit="enforcement", reason="就你").case.unit == "enforcement"


def test_the_doer_never_verifies_even_in_another_role():
    story = done()
    same_person = replace(VERIFIER, id=WORKER.id)
    with pytest.raises(no.DoerMayNotVerify):
        story.do(same_person, "verify")
    assert "verify" not in {m.name for m in available(story.case, same_person)}
    assert story.do(VERIFIER, "verify").case.state is CaseState.VERIFIED


def test_who_found_and_settled_it_on_patrol_cannot_confirm_it():
    story = Story(WORKER, source=Source.PATROL).do(WORKER, "settle", result="当场清理", photo="p")
    assert story.case.state is CaseState.DONE
    assert story.case.owner == WORKER.id
    with pytest.raises(no.NotYourMove):
        story.do(WORKER, "verify")


def test_only_patrol_finds_are_settled_in_one_step():
    with pytest.raises(no.NotAPatrolCase):
        Story().do(WORKER, "settle", result="x", photo="p")


def test_only_questions_are_answered_on_the_spot():
    assert Story(kind=Kind.CONSULTATION).do(OPERATOR, "answer", result="周一到周五").case.doer == OPERATOR.id
    with pytest.raises(no.NotAQuestion):
        Story().do(OPERATOR, "answer", result="x")


def test_failed_verification_goes_back_to_the_doer_and_counts():
    story = done().do(RESIDENT, "fail_verification", reason="还是不亮")
    assert (story.case.state, story.case.assignee, story.case.redo_count) == (
        CaseState.ACCEPTED,
        WORKER.id,
        1,
    )


def test_closing_needs_the_evidence_its_category_demands():
    story = accepted(demands=["photo_before", "photo_after"]).do(WORKER, "done", result="好", photo="p")
    story.do(VERIFIER, "verify")
    with pytest.raises(no.EvidenceMissing) as refused:
        story.do(VERIFIER, "close")
    assert refused.value.facts["missing"] == ["photo_before"]
    story.do(VERIFIER, "add_evidence", photo="q", evidence=["photo_before"]).do(VERIFIER, "close")
    assert story.case.state is CaseState.CLOSED


@pytest.mark.parametrize("category", ["other", "", "urban.other", "urban"])
def test_closing_needs_a_real_category(category):
    story = done(category=category).do(VERIFIER, "verify")
    with pytest.raises(no.CategoryNotReal):
        story.do(VERIFIER, "close")
    story.do(OPERATOR, "correct", category="urban.water", reason="是漏水")
    assert story.do(VERIFIER, "close").case.state is CaseState.CLOSED


def test_reopening_is_a_request_that_staff_decide():
    story = closed().do(RESIDENT, "request_reopen", reason="又坏了")
    assert story.case.state is CaseState.CLOSED
    with pytest.raises(no.AlreadyAsked):
        story.do(RESIDENT, "request_reopen", reason="又坏了!")
    with pytest.raises(no.NotYourMove):
        story.do(RESIDENT, "reopen", reason="又坏了")
    reopened = story.do(DISPATCHER, "reopen", reason="属实").case
    assert (reopened.state, reopened.owner, reopened.redo_count) == (CaseState.ACCEPTED, WORKER.id, 1)
    assert reopened.reopen_asked_by is None


def test_there_is_nothing_to_decline_when_nobody_asked():
    with pytest.raises(no.NothingAsked):
        closed().do(DISPATCHER, "decline_reopen", reason="x")


def test_who_asked_for_more_time_never_approves_it():
    story = Story().do(DISPATCHER, "dispatch", assignee=LEADER.id)
    boss = replace(LEADER, role=Role.DISPATCHER)
    story.do(boss, "accept").do(boss, "request_extension", reason="等配件", amount=3)
    with pytest.raises(no.AskerMayNotApprove):
        story.do(LEADER, "approve_extension", amount=3)
    assert story.do(DISPATCHER, "approve_extension", amount=3).case.extension_asked_by is None


def test_pending_needs_approval_and_comes_back():
    story = accepted()
    with pytest.raises(no.NothingAsked):
        story.do(DISPATCHER, "approve_pending")
    story.do(WORKER, "request_pending", reason="等春天种树").do(DISPATCHER, "approve_pending")
    assert story.case.state is CaseState.SUSPENDED
    assert story.do(WORKER, "end_pending").case.state is CaseState.ACCEPTED


def test_one_of_several_reporters_withdrawing_leaves_the_case_to_the_others():
    story = Story().do(NEIGHBOUR, "join", person=NEIGHBOUR.id).do(RESIDENT, "withdraw")
    assert (story.case.state, story.case.reporters) == (CaseState.RECEIVED, (NEIGHBOUR.id,))
    assert story.do(NEIGHBOUR, "withdraw").case.state is CaseState.WITHDRAWN


def test_a_case_is_never_filed_into_nowhere():
    with pytest.raises(no.AreaRequired):
        Story(area_path=())


def test_a_stranger_may_only_join():
    assert [m.name for m in available(in_state(CaseState.ACCEPTED), STRANGER)] == ["join"]
    assert "join" not in {m.name for m in available(in_state(CaseState.ACCEPTED), RESIDENT)}


def test_a_complaint_about_somebody_never_reaches_them_or_their_team():
    story = Story(kind=Kind.COMPLAINT, subjects=[WORKER.id, "team-g"])
    mate = Actor("staff:mate", Role.WORKER, ("G",), "team-g")
    for barred in (WORKER, mate):
        assert available(story.case, barred) == []
        with pytest.raises(no.ConflictOfInterest):
            story.do(barred, "claim")
    for facts in (
        {"assignee": WORKER.id},
        {"unit": "team-g"},
        {"assignee": mate.id, "assignee_unit": "team-g"},
    ):
        with pytest.raises(no.ConflictOfInterest):
            story.do(DISPATCHER, "dispatch", **facts)
    with pytest.raises(no.ConflictOfInterest):
        story.do(DISPATCHER, "transfer", unit="team-g", reason="x")
    assert story.do(DISPATCHER, "dispatch", assignee=WORKER_B.id).case.assignee == WORKER_B.id


def test_a_subject_found_later_loses_the_case_at_once():
    story = accepted(kind=Kind.COMPLAINT).do(OPERATOR, "correct", subjects=[WORKER.id], reason="投诉的就是他")
    assert available(story.case, WORKER) == []
    assert story.case.owner == "grid:G"
    assert story.do(DISPATCHER, "reassign", assignee=WORKER_B.id, reason="回避").case.assignee == WORKER_B.id


def test_supervising_leaves_the_owner_responsible():
    story = accepted().do(LEADER, "supervise", reason="群众反映强烈")
    assert story.case.owner == WORKER.id
    assert story.case.watchers == (LEADER.id,)


def test_facts_the_move_does_not_name_never_reach_history():
    event = apply(in_state(CaseState.RECEIVED), DISPATCHER, "dispatch", {"assignee": "x", "doer": "evil"}, NOW)[0]
    assert dict(event.data) == {"assignee": "x"}


def test_an_unknown_move_is_refused_by_name():
    for name in ("fly", "file"):
        with pytest.raises(no.UnknownMove):
            apply(in_state(CaseState.RECEIVED), DISPATCHER, name, {}, NOW)


def test_a_moment_without_zone_is_a_mistake():
    with pytest.raises(ValueError, match="time zone"):
        apply(in_state(CaseState.RECEIVED), DISPATCHER, "void", {"reason": "x"}, NOW.replace(tzinfo=None))


def test_history_survives_storage_as_json():
    story = closed(demands=["photo_after"], subjects=["unit-x"]).do(RESIDENT, "feedback", score=2, text="慢")
    stored = [replace(e, data=json.loads(json.dumps(dict(e.data)))) for e in story.events]
    assert replay(stored) == story.case


def test_history_must_begin_with_a_filing():
    with pytest.raises(no.BadHistory):
        replay([])
    with pytest.raises(no.BadHistory):
        replay([Event("1", "accept", NOW, "x", Role.WORKER)])


def test_whoever_is_asked_first_stays_in_charge_until_somebody_has_it():
    story = Story(queue="boundary:S")
    assert story.case.owner == "boundary:S"
    assert Story().case.owner == "triage:G"
    assert story.do(OPERATOR, "queue", queue="community:C").case.owner == "community:C"
