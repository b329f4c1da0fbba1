"""The clocks of a case, computed from its history; 2026: 9 June is a Tuesday, 12 June a Friday."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.domain.deadlines import clocks, current, due_times
from backend.domain.lifecycle import SYSTEM
from backend.domain.limits import Limit, limits_for
from backend.domain.reasons import Because, say
from backend.domain.words import ClockName, Kind, LimitUnit, Urgency
from tests.domain.builders import DISPATCHER, LEADER, RESIDENT, VERIFIER, WORKER, Story, at, calendar

CALENDAR = calendar()
WD = LimitUnit.WORKING_DAYS
HELP = limits_for(Kind.HELP, Urgency.NORMAL)  # resolve: 3 working days
TUESDAY = at("2026-06-09 10:00")


def clock_of(story: Story, name: ClockName, now: str, limits=HELP):
    return current(clocks(story.events, limits, CALENDAR, at(now)))[name]


def working(start=TUESDAY, **facts) -> Story:
    """Accepted by worker A an hour after filing."""
    story = Story(start=start, kind=Kind.HELP, **facts).do(DISPATCHER, "dispatch", assignee=WORKER.id)
    return story.do(WORKER, "accept")


def test_three_clocks_run_from_the_filing():
    running = {c.name: c for c in clocks(Story(start=TUESDAY).events, HELP, CALENDAR, TUESDAY)}
    assert set(running) == {ClockName.ACCEPT, ClockName.FIRST_CONTACT, ClockName.RESOLVE}
    assert running[ClockName.ACCEPT].due_at == at("2026-06-10 10:00")  # Wed, 24 hours
    assert running[ClockName.FIRST_CONTACT].due_at == at("2026-06-10 10:00")  # Wed, 8 working hours
    assert running[ClockName.RESOLVE].due_at == at("2026-06-12 18:00")  # Fri, 3 working days


def test_accepting_stops_the_accept_clock_only():
    story = working()
    assert clock_of(story, ClockName.ACCEPT, "2026-06-09 12:00").stopped_at == at("2026-06-09 11:00")
    assert clock_of(story, ClockName.RESOLVE, "2026-06-09 12:00").running


def test_a_return_keeps_the_resolve_clock_and_starts_accepting_anew():
    story = working().do(WORKER, "return_", at("2026-06-10 09:00"), reason="不归我")
    again = clock_of(story, ClockName.ACCEPT, "2026-06-10 10:00")
    assert (again.round, again.started_at) == (2, at("2026-06-10 09:00"))
    assert clock_of(story, ClockName.RESOLVE, "2026-06-10 10:00").started_at == TUESDAY


def test_passing_on_before_anyone_accepts_does_not_reset_the_accept_clock():
    story = Story(start=TUESDAY).do(DISPATCHER, "transfer", at("2026-06-10 09:00"), unit="m", reason="x")
    assert clock_of(story, ClockName.ACCEPT, "2026-06-10 10:00").started_at == TUESDAY


def test_waiting_for_the_resident_stands_still():
    story = working().do(WORKER, "wait_for_resident", at("2026-06-10 10:00"), reason="几号楼")  # Wed
    standing = clock_of(story, ClockName.RESOLVE, "2026-06-15 09:00")  # Mon
    assert standing.paused
    assert not standing.is_overdue(at("2026-06-15 09:00"))
    story.do(RESIDENT, "resume", at("2026-06-15 10:00"), text="5号楼")
    resumed = clock_of(story, ClockName.RESOLVE, "2026-06-15 10:00")
    assert resumed.due_at == at("2026-06-17 18:00")  # Wed: 3 + 3 working days (Thu, Fri, Mon)
    assert Because.PAUSED in {r.because for r in resumed.reasons}


def test_a_pause_within_a_day_wins_no_day():
    story = working().do(WORKER, "wait_for_resident", at("2026-06-10 10:00"), reason="x")
    story.do(RESIDENT, "resume", at("2026-06-10 15:00"))
    assert clock_of(story, ClockName.RESOLVE, "2026-06-10 16:00").due_at == at("2026-06-12 18:00")


def test_a_pause_in_hours_counts_to_the_minute():
    limits = {**HELP, ClockName.RESOLVE: Limit(6, LimitUnit.WORKING_HOURS)}
    story = working().do(WORKER, "wait_for_resident", at("2026-06-09 11:30"), reason="x")
    story.do(RESIDENT, "resume", at("2026-06-09 13:20"))  # 50 working minutes: lunch does not count
    assert clock_of(story, ClockName.RESOLVE, "2026-06-09 14:00", limits).due_at == at("2026-06-09 17:50")


def test_pausing_after_the_due_time_heals_nothing():
    story = working().do(WORKER, "wait_for_resident", at("2026-06-15 10:00"), reason="拖")  # Mon, due was Fri
    story.do(RESIDENT, "resume", at("2026-06-18 10:00"))
    late = clock_of(story, ClockName.RESOLVE, "2026-06-18 11:00")
    assert late.due_at == at("2026-06-12 18:00")
    assert late.is_overdue(at("2026-06-18 11:00"))


def test_only_an_approved_extension_moves_the_due_time():
    story = working().do(WORKER, "request_extension", reason="等料", amount=2)
    assert clock_of(story, ClockName.RESOLVE, "2026-06-09 12:00").due_at == at("2026-06-12 18:00")
    story.do(DISPATCHER, "approve_extension", amount=2)
    longer = clock_of(story, ClockName.RESOLVE, "2026-06-09 13:00")
    assert longer.due_at == at("2026-06-16 18:00")  # Fri → Tue
    assert "extended on 9 June by 2 working days" in [say(r, "en") for r in longer.reasons]


def test_limits_may_be_mixed_days_extended_by_hours():
    story = working().do(WORKER, "request_extension", reason="等料", amount=4, limit_unit="working_hours")
    story.do(DISPATCHER, "approve_extension", amount=4, limit_unit="working_hours")
    assert clock_of(story, ClockName.RESOLVE, "2026-06-09 13:00").due_at == at("2026-06-15 14:00")  # Mon


def test_a_pending_case_stands_still_until_it_comes_back():
    story = working().do(WORKER, "request_pending", at("2026-06-10 10:00"), reason="等")
    story.do(LEADER, "approve_pending", at("2026-06-10 11:00")).do(SYSTEM, "end_pending", at("2026-06-22 09:00"))
    # Wed 10 → Mon 22: Thu, Fri, five days (Fri 19 is Dragon Boat) and Mon: 7 working days
    assert clock_of(story, ClockName.RESOLVE, "2026-06-22 10:00").due_at == at("2026-06-24 18:00")


def test_failed_work_goes_on_with_what_time_was_left():
    story = working().do(WORKER, "done", at("2026-06-10 10:00"), result="好")
    story.do(VERIFIER, "fail_verification", at("2026-06-11 10:00"), reason="没好")
    again = clock_of(story, ClockName.RESOLVE, "2026-06-11 11:00")
    assert (again.round, again.running, again.due_at) == (1, True, at("2026-06-15 18:00"))  # Fri + 1 → Mon
    assert clock_of(story, ClockName.VERIFY, "2026-06-11 11:00").stopped_at == at("2026-06-11 10:00")


def test_a_reopened_case_gets_a_new_round():
    story = working().do(WORKER, "done", result="好").do(VERIFIER, "verify").do(VERIFIER, "close")
    story.do(DISPATCHER, "reopen", at("2026-06-15 10:00"), reason="又坏")
    again = clock_of(story, ClockName.RESOLVE, "2026-06-15 11:00")
    assert (again.round, again.due_at) == (2, at("2026-06-18 18:00"))


def test_correcting_history_corrects_the_clock():
    story = working()
    moved = [replace(e, at=e.at - timedelta(days=1)) if e.name == "file" else e for e in story.events]
    now = at("2026-06-09 12:00")
    assert current(clocks(moved, HELP, CALENDAR, now))[ClockName.RESOLVE].due_at == at("2026-06-11 18:00")


def test_making_it_urgent_tightens_the_clock_from_the_filing():
    urgent = limits_for(Kind.HELP, Urgency.URGENT)
    assert clock_of(working(), ClockName.RESOLVE, "2026-06-09 12:00", urgent).due_at == at("2026-06-09 23:59:59")


@pytest.mark.parametrize(
    ("kind", "urgency", "resolve", "why"),
    [
        (Kind.CONSULTATION, Urgency.NORMAL, "2026-10-10 18:00", "10 October working Saturday"),  # 3 working days
        (Kind.HELP, Urgency.NORMAL, "2026-10-10 18:00", "1–7 October holiday (National Day)"),
        (Kind.COMPLAINT, Urgency.NORMAL, "2026-10-23 18:00", "17–18 October weekend"),  # 13 working days
        (Kind.SUGGESTION, Urgency.NORMAL, "2026-10-23 18:00", "11 October weekend"),
        (Kind.REPAIR, Urgency.NORMAL, "2026-10-07 23:59:59", "nights and holidays count"),  # 7 days
        (Kind.REPAIR, Urgency.URGENT, "2026-09-30 23:59:59", "urgent: the same day, 30 September"),
        (Kind.REPAIR, Urgency.EMERGENCY, "2026-09-30 21:50", "nights and holidays count"),
    ],
)
def test_typical_due_times_before_national_day(kind, urgency, resolve, why):
    plan = {c.name: c for c in due_times(limits_for(kind, urgency), CALENDAR, at("2026-09-30 17:50"))}
    assert plan[ClockName.RESOLVE].due_at == at(resolve)
    assert why in [say(r, "en") for r in plan[ClockName.RESOLVE].reasons]
    assert set(plan) == set(ClockName)


def test_a_category_may_have_its_own_limit_but_urgency_goes_first():
    own = {ClockName.RESOLVE: Limit(2, LimitUnit.HOURS)}
    assert limits_for(Kind.HELP, Urgency.NORMAL, own)[ClockName.RESOLVE] == Limit(2, LimitUnit.HOURS)
    assert limits_for(Kind.HELP, Urgency.URGENT, own)[ClockName.RESOLVE] == Limit(0, LimitUnit.DAYS)


def test_a_clock_without_a_limit_does_not_run():
    assert clocks(Story().events, {}, CALENDAR, TUESDAY) == []


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Limit(-1, WD)
