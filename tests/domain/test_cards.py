"""Warnings about a clock: when, to whom, and never twice. 9 June 2026 is a Tuesday."""

from datetime import timedelta

from backend.domain.cards import Told, next_warning_at, warnings_due
from backend.domain.deadlines import clocks, current
from backend.domain.limits import Limit
from backend.domain.words import ClockName, LimitUnit, WarnLevel
from tests.domain.builders import RESIDENT, WORKER, Story, accepted, at, calendar

CALENDAR = calendar()
TEN_HOURS = {ClockName.RESOLVE: Limit(10, LimitUnit.HOURS)}
START = at("2026-06-09 10:00")


def resolve(story: Story, now, limits=TEN_HOURS):
    return current(clocks(story.events, limits, CALENDAR, now))[ClockName.RESOLVE]


def levels(clock, told, now):
    return [w.key[2] for w in warnings_due(clock, told, now)]


def test_each_warning_falls_at_its_share_of_the_time():
    clock = resolve(Story(start=START), START)
    assert [(w.value, at_.strftime("%H:%M")) for w, at_ in clock.warn_at] == [
        ("half", "15:00"),
        ("eighty", "18:00"),
        ("breach", "20:00"),
        ("yellow", "22:00"),
        ("red", "01:00"),
    ]


def test_working_limits_are_used_up_by_working_time_only():
    clock = resolve(Story(start=START), START, {ClockName.RESOLVE: Limit(8, LimitUnit.WORKING_HOURS)})
    shown = [at_.strftime("%d %H:%M") for _, at_ in clock.warn_at]
    assert shown == ["09 15:00", "09 17:24", "10 10:00", "10 11:36", "10 15:00"]


def test_more_people_hear_of_it_the_graver_it_is():
    clock = resolve(Story(start=START), START)
    told, heard = set(), []
    for hours in (5, 8, 10, 12, 15):
        (due,) = warnings_due(clock, told, START + timedelta(hours=hours))
        told.add(due.key)
        heard.append(due.who)
    assert heard[0] == (Told.OWNER,)
    assert heard[2] == (Told.OWNER, Told.RESPONSIBLE, Told.DISPATCHER)
    assert heard[4] == tuple(Told)


def test_a_warning_is_given_once():
    clock = resolve(Story(start=START), START)
    (due,) = warnings_due(clock, (), START + timedelta(hours=5))
    assert warnings_due(clock, {due.key}, START + timedelta(hours=7)) == []


def test_after_downtime_only_the_gravest_is_given_and_covers_the_rest():
    clock = resolve(Story(start=START), START)
    (due,) = warnings_due(clock, (), START + timedelta(days=30))
    assert due.key[2] is WarnLevel.RED
    assert [k[2] for k in due.covers] == [WarnLevel.HALF, WarnLevel.EIGHTY, WarnLevel.BREACH, WarnLevel.YELLOW]
    told = {due.key, *due.covers}
    assert warnings_due(clock, told, START + timedelta(days=31)) == []
    assert next_warning_at(clock, told) is None


def test_nobody_is_warned_while_it_stands_still_or_is_over():
    story = accepted(start=START)
    story.do(WORKER, "wait_for_resident", START + timedelta(hours=2), reason="x")
    late = START + timedelta(days=9)
    assert levels(resolve(story, late), (), late) == []
    assert next_warning_at(resolve(story, late), ()) is None
    story.do(RESIDENT, "resume", late)
    assert levels(resolve(story, late), (), late) == []  # two of ten hours are used
    story.do(WORKER, "done", late + timedelta(hours=1), result="x")
    assert levels(resolve(story, late + timedelta(days=9)), (), late + timedelta(days=9)) == []


def test_an_extension_brings_no_second_half_time_warning():
    clock = resolve(Story(start=START), START)
    told = {(ClockName.RESOLVE, 1, WarnLevel.BREACH)}
    assert levels(clock, told, START + timedelta(hours=9)) == []
    assert next_warning_at(clock, told) == START + timedelta(hours=12)


def test_the_next_look_is_the_first_warning_not_yet_given():
    clock = resolve(Story(start=START), START)
    assert next_warning_at(clock, ()) == START + timedelta(hours=5)
    assert next_warning_at(clock, {(ClockName.RESOLVE, 1, WarnLevel.HALF)}) == START + timedelta(hours=8)


def test_warnings_keep_their_order_for_limits_in_days():
    limits = {ClockName.RESOLVE: Limit(1, LimitUnit.WORKING_DAYS)}
    for start in ("2026-06-09 10:00", "2026-06-09 17:59", "2026-06-13 10:00", "2026-09-30 23:00"):
        clock = resolve(Story(start=at(start)), at(start), limits)
        moments = [m for _, m in clock.warn_at]
        assert moments == sorted(moments)
        assert moments[2] == clock.due_at
        assert moments[0] >= clock.started_at
