"""The road of an application, from the window to the door."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.domain import refusals as no
from backend.domain.application_life import apply, available, evolve, file_application, replay
from backend.domain.application_moves import STEPS
from backend.domain.application_needs import (
    ApplicationAlreadyClosed,
    ApplicationView,
    MaterialsMissing,
    NoConsent,
    NoCourier,
    NoIdentityCheck,
    NotDeliverable,
    OutsideDistrict,
    PaperMissing,
    SomethingToFetch,
)
from backend.domain.deadlines import clocks, current
from backend.domain.lifecycle import SYSTEM
from backend.domain.limits import Limit
from backend.domain.words import ApplicationState, ClockName, Level, LimitUnit, Role
from tests.domain.builders import (
    AUDITOR,
    DEPARTMENT,
    FAR_DISPATCHER,
    NEIGHBOUR,
    NOW,
    ONE_OF_EACH,
    OPERATOR,
    RESIDENT,
    SECURITY,
    STRANGER,
    SYSADMIN,
    WORKER,
    WORKER_B,
    at,
    calendar,
)

EVERY_PAPER = {
    "reason": "x",
    "missing": ["户口本"],
    "appeal": "区政务中心",
    "level": "street",
    "deliverable": "独生子女证",
    "slot": "2026-09-05 上午",
    "address_area": "D",
    "courier": WORKER.id,
    "check": "code",
    "proxy": NEIGHBOUR.id,
    "signature": "sig",
    "photo": "p",
}


class Road:
    """An application and its history."""

    def __init__(self, actor=RESIDENT, **facts):
        given = {"item": "only-child", "area_path": ("D", "S", "C"), "may_deliver": True, **facts}
        self.now = NOW
        self.events = file_application("A1", actor, given, NOW)

    @property
    def app(self) -> ApplicationView:
        return replay(self.events)

    def do(self, actor, step, when=None, **facts):
        self.now = when or self.now + timedelta(minutes=30)
        self.events += apply(self.app, actor, step, facts, self.now)
        return self


def approved(**facts) -> Road:
    return Road(**facts).do(OPERATOR, "start_review").do(OPERATOR, "approve")


def ready(**facts) -> Road:
    return approved(**facts).do(OPERATOR, "make_ready", deliverable="独生子女证")


def delivering() -> Road:
    road = ready().do(RESIDENT, "request_delivery", slot="周六上午", address_area="D")
    return road.do(OPERATOR, "assign_courier", courier=WORKER.id)


def in_state(state: ApplicationState) -> ApplicationView:
    made = {
        "received": Road(),
        "incomplete": Road().do(OPERATOR, "ask_materials", missing=["户口本"]),
        "reviewing": Road().do(OPERATOR, "start_review"),
        "approved": approved(),
        "refused": Road().do(OPERATOR, "refuse", reason="不符合", appeal="区政务中心"),
        "ready": ready(),
        "delivering": delivering(),
        "collected": ready().do(OPERATOR, "collect", check="id_card"),
        "closed": ready().do(OPERATOR, "collect", check="id_card").do(SYSTEM, "close"),
        "withdrawn": Road().do(RESIDENT, "withdraw"),
    }
    return made[state.value].app


def test_ready_and_brought_home():
    road = delivering().do(WORKER, "set_out")
    road.do(WORKER, "hand_over_at_door", check="code", signature="s", photo="p").do(SYSTEM, "close")
    assert road.app.state is ApplicationState.CLOSED


def test_ready_and_fetched():
    assert ready().do(OPERATOR, "collect", check="last_four").app.state is ApplicationState.COLLECTED


@pytest.mark.parametrize("check", [None, "", "he looked honest"])
def test_nothing_is_handed_over_without_a_check(check):
    with pytest.raises(NoIdentityCheck):
        ready().do(OPERATOR, "collect", check=check)
    with pytest.raises(NoIdentityCheck):
        delivering().do(WORKER, "hand_over_at_door", check=check, signature="s", photo="p")


@pytest.mark.parametrize(("missing", "refusal"), [("signature", PaperMissing), ("photo", no.PhotoRequired)])
def test_the_door_needs_signature_and_photo(missing, refusal):
    facts = {"check": "code", "signature": "s", "photo": "p"}
    with pytest.raises(refusal):
        delivering().do(WORKER, "hand_over_at_door", **{**facts, missing: ""})


def test_only_the_courier_hands_it_over():
    with pytest.raises(no.NotYourMove):
        delivering().do(WORKER_B, "hand_over_at_door", check="code", signature="s", photo="p")


def test_nobody_sets_out_before_somebody_is_asked():
    road = ready().do(RESIDENT, "request_delivery", slot="周六", address_area="D")
    assert "set_out" not in {s.name for s in available(road.app, WORKER)}
    assert NoCourier.code == "no_courier"


def test_a_failed_visit_leads_to_a_new_slot():
    road = delivering().do(WORKER, "visit_failed", reason="家中无人")
    assert (road.app.state, road.app.failed_visits, road.app.courier) == (ApplicationState.READY, 1, None)
    road.do(RESIDENT, "request_delivery", slot="周日", address_area="D")
    assert road.app.slot == "周日"


def test_what_must_be_fetched_is_not_delivered_and_nothing_leaves_the_district():
    with pytest.raises(NotDeliverable):
        ready(may_deliver=False).do(RESIDENT, "request_delivery", slot="x", address_area="D")
    with pytest.raises(OutsideDistrict):
        ready().do(RESIDENT, "request_delivery", slot="x", address_area="D2")


def test_missing_papers_are_named_and_brought_one_by_one():
    road = Road().do(OPERATOR, "ask_materials", missing=["户口本", "照片"])
    road.do(RESIDENT, "bring_materials", brought=["照片"])
    assert road.app.missing == ("户口本",)
    with pytest.raises(MaterialsMissing):
        road.do(OPERATOR, "materials_complete")
    road.do(RESIDENT, "bring_materials", brought=["户口本"]).do(OPERATOR, "materials_complete")
    assert road.do(OPERATOR, "start_review").app.state is ApplicationState.REVIEWING


def test_a_refusal_says_why_and_where_to_appeal():
    with pytest.raises(no.ReasonRequired):
        Road().do(OPERATOR, "refuse", appeal="区里")
    with pytest.raises(no.WhereToGoRequired):
        Road().do(OPERATOR, "refuse", reason="不符合")


def test_a_proxy_acts_only_with_consent():
    with pytest.raises(NoConsent):
        Road(NEIGHBOUR, applicant=RESIDENT.id)
    with pytest.raises(NoConsent):
        ready().do(OPERATOR, "collect", check="proxy")
    road = ready().do(RESIDENT, "appoint_proxy", proxy=NEIGHBOUR.id).do(OPERATOR, "collect", check="proxy")
    assert road.app.state is ApplicationState.COLLECTED
    assert Road(NEIGHBOUR, applicant=RESIDENT.id, proxy_consented=True).app.proxy == NEIGHBOUR.id


def test_a_stranger_may_do_nothing_and_learns_nothing():
    for state in ApplicationState:
        assert available(in_state(state), STRANGER) == []
    with pytest.raises(no.NotYourCase):
        Road().do(STRANGER, "withdraw")


def test_staff_of_another_area_find_nothing_but_the_handling_unit_does():
    with pytest.raises(no.NotYourArea):
        Road().do(FAR_DISPATCHER, "start_review")
    with pytest.raises(no.NotYourArea):
        Road().do(DEPARTMENT, "start_review")
    assert Road(unit="enforcement").do(DEPARTMENT, "start_review").app.state is ApplicationState.REVIEWING


def test_review_climbs_the_levels():
    road = Road().do(OPERATOR, "start_review").do(OPERATOR, "pass_up", level="district", unit="civil")
    assert (road.app.level, road.app.unit) == (Level.DISTRICT, "civil")


def test_without_a_paper_to_fetch_it_closes_at_once():
    assert approved().do(OPERATOR, "close_without_paper").app.ended
    app = replace(approved().app, deliverable="证")
    with pytest.raises(SomethingToFetch):
        apply(app, OPERATOR, "close_without_paper", {}, NOW)


def test_an_item_cancelled_on_the_way_closes_with_the_reason():
    assert Road().do(SYSTEM, "item_cancelled", reason="此证明已取消").app.state is ApplicationState.CLOSED
    with pytest.raises(no.MoveNotPossibleNow):
        ready().do(SYSTEM, "item_cancelled", reason="x")


def test_the_end_is_the_end():
    with pytest.raises(ApplicationAlreadyClosed):
        apply(in_state(ApplicationState.CLOSED), OPERATOR, "start_review", {}, NOW)


@pytest.mark.parametrize("state", ApplicationState)
@pytest.mark.parametrize("actor", ONE_OF_EACH, ids=lambda a: a.role)
def test_a_step_is_offered_exactly_when_it_goes_through(state, actor):
    app = in_state(state)
    offered = {s.name for s in available(app, actor)}
    for name in (n for n, s in STEPS.items() if s.from_states):
        facts = {**EVERY_PAPER, "check": "code"}
        if name in offered:
            for event in apply(app, actor, name, facts, NOW):
                json.dumps(dict(event.data))
                assert evolve(app, event).state == (STEPS[name].to or state)
        else:
            with pytest.raises(no.MoveRefused):
                apply(app, actor, name, facts, NOW)


def test_those_who_run_the_house_take_no_step():
    for state in ApplicationState:
        for actor in (SYSADMIN, SECURITY, AUDITOR):
            assert available(in_state(state), actor) == []
    with pytest.raises(no.NotYourMove):
        Road(SYSADMIN, applicant=RESIDENT.id)


def test_every_state_but_the_ends_leads_to_an_end():
    leads = {s: {m.to for m in STEPS.values() if m.to and s in m.from_states} for s in ApplicationState}
    for start in ApplicationState:
        reached, fresh = {start}, {start}
        while fresh:
            fresh = set().union(*(leads[s] for s in fresh)) - reached
            reached |= fresh
        assert reached & {ApplicationState.CLOSED, ApplicationState.WITHDRAWN}


def test_the_statutory_clock_stands_still_while_papers_are_missing():
    limits = {ClockName.RESOLVE: Limit(19, LimitUnit.WORKING_DAYS)}  # minimum living allowance
    road = Road()  # Tue 1 September
    due = current(clocks(road.events, limits, calendar(), road.now, STEPS))[ClockName.RESOLVE].due_at
    assert due == at("2026-09-28 18:00")  # Mon: make-up Sun 20, Mid-autumn Fri 25
    road.do(OPERATOR, "ask_materials", at("2026-09-02 10:00"), missing=["收入证明"])
    road.do(RESIDENT, "bring_materials", at("2026-09-04 10:00"), brought=["收入证明"])
    road.do(OPERATOR, "materials_complete", at("2026-09-04 11:00"))
    clock = current(clocks(road.events, limits, calendar(), road.now, STEPS))[ClockName.RESOLVE]
    assert clock.due_at == at("2026-09-30 18:00")  # Wed: two working days later
    road.do(OPERATOR, "start_review").do(OPERATOR, "approve")
    clock = current(clocks(road.events, limits, calendar(), road.now, STEPS))[ClockName.RESOLVE]
    assert not clock.running


def test_filing_needs_an_item_and_a_person():
    with pytest.raises(PaperMissing):
        file_application("A1", RESIDENT, {}, NOW)
    with pytest.raises(no.ReporterRequired):
        file_application("A1", OPERATOR, {"item": "x"}, NOW)
    assert Road(OPERATOR, applicant=RESIDENT.id).events[0].role is Role.OPERATOR
