"""Working time by the calendar: the weekday of every date stands in the margin."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from backend.domain.reasons import Because, explain, say
from backend.domain.words import LimitUnit
from backend.domain.working_time import (
    DayKind,
    NoWorkingTime,
    Override,
    Window,
    WorkingCalendar,
    add,
    add_working_days,
    add_working_hours,
    measure,
    unknown_years,
    working_between,
)
from tests.domain.builders import ZONE, at, calendar

KINDS = [
    (date(2026, 1, 1), DayKind.HOLIDAY),  # Thu, New Year
    (date(2026, 1, 4), DayKind.WORKING_WEEKEND),  # Sun, make-up
    (date(2026, 2, 14), DayKind.WORKING_WEEKEND),  # Sat, make-up
    (date(2026, 2, 15), DayKind.HOLIDAY),  # Sun, Spring Festival begins
    (date(2026, 2, 16), DayKind.HOLIDAY),  # Mon, New Year's Eve
    (date(2026, 2, 23), DayKind.HOLIDAY),  # Mon, last day
    (date(2026, 2, 24), DayKind.WORKDAY),  # Tue
    (date(2026, 2, 28), DayKind.WORKING_WEEKEND),  # Sat, make-up
    (date(2026, 9, 19), DayKind.WEEKEND),  # Sat
    (date(2026, 9, 20), DayKind.WORKING_WEEKEND),  # Sun, make-up for National Day
    (date(2026, 9, 25), DayKind.HOLIDAY),  # Fri, Mid-autumn
    (date(2026, 10, 1), DayKind.HOLIDAY),  # Thu, National Day
    (date(2026, 10, 7), DayKind.HOLIDAY),  # Wed, last day
    (date(2026, 10, 8), DayKind.WORKDAY),  # Thu
    (date(2026, 10, 10), DayKind.WORKING_WEEKEND),  # Sat, make-up
    (date(2026, 10, 11), DayKind.WEEKEND),  # Sun
]


@pytest.mark.parametrize(("day", "kind"), KINDS, ids=str)
def test_what_kind_of_day_it_is(day, kind):
    assert calendar().day(day).kind is kind


def test_our_days_agree_with_the_public_calendar_for_the_whole_of_2026():
    ours = calendar()
    for n in range(365):
        day = date(2026, 1, 1) + timedelta(days=n)
        assert ours.day(day).working == chinese_calendar.is_workday(day), day


WORKING_DAYS = [
    # from                         days  due                      why
    ("2026-09-30 17:50", 3, "2026-10-10 18:00"),  # Wed → Thu 8, Fri 9, Sat 10 (make-up)
    ("2026-09-30 17:50", 4, "2026-10-12 18:00"),  # Wed → … Mon 12
    ("2026-09-30 23:59", 1, "2026-10-08 18:00"),  # Wed, midnight near → Thu
    ("2026-10-01 00:00", 1, "2026-10-08 18:00"),  # Thu, holiday → Thu
    ("2026-10-03 12:00", 2, "2026-10-09 18:00"),  # Sat in the holiday → Fri
    ("2026-10-10 09:00", 1, "2026-10-12 18:00"),  # Sat make-up is the first day → Mon
    ("2026-09-18 10:00", 1, "2026-09-20 18:00"),  # Fri → Sun (make-up), not Mon
    ("2026-09-24 10:00", 1, "2026-09-28 18:00"),  # Thu → Mon: Fri 25 is Mid-autumn
    ("2026-02-13 10:00", 1, "2026-02-14 18:00"),  # Fri → Sat (make-up)
    ("2026-02-14 10:00", 1, "2026-02-24 18:00"),  # Sat make-up → Tue after Spring Festival
    ("2026-02-14 10:00", 5, "2026-02-28 18:00"),  # Sat → Tue Wed Thu Fri Sat (make-up)
    ("2025-12-31 16:00", 1, "2026-01-04 18:00"),  # Wed → Sun 4 January (make-up), over the year change
    ("2025-12-31 16:00", 2, "2026-01-05 18:00"),  # Wed → Mon
    ("2026-04-03 10:00", 1, "2026-04-07 18:00"),  # Fri → Tue: Mon 6 is Tomb-sweeping
    ("2026-06-08 10:00", 13, "2026-06-26 18:00"),  # Mon → Fri: Fri 19 is Dragon Boat
    ("2026-06-08 10:00", 0, "2026-06-08 18:00"),  # Mon, the same working day
    ("2026-06-08 19:00", 0, "2026-06-09 18:00"),  # Mon evening → Tue
    ("2026-06-13 10:00", 0, "2026-06-15 18:00"),  # Sat → Mon
    ("2026-06-08 10:00", 0.5, "2026-06-09 18:00"),  # parts of a day count as a day
]


@pytest.mark.parametrize(("start", "days", "due"), WORKING_DAYS)
def test_working_days_end_with_work_on_the_nth_day_after(start, days, due):
    assert add_working_days(calendar(), at(start), days) == at(due)


WORKING_HOURS = [
    ("2026-09-30 17:50", 8, "2026-10-08 17:50"),  # Wed 10 min + Thu 8 October up to 17:50
    ("2026-09-30 17:50", 1 / 6, "2026-09-30 18:00"),  # Wed: exactly to closing
    ("2026-06-09 11:30", 1, "2026-06-09 13:30"),  # Tue: lunch 12–13 is not counted
    ("2026-06-09 12:30", 1, "2026-06-09 14:00"),  # Tue: filed during lunch
    ("2026-06-09 11:00", 1, "2026-06-09 12:00"),  # Tue: ends with the morning
    ("2026-06-09 23:59", 1, "2026-06-10 10:00"),  # Tue midnight → Wed
    ("2026-06-10 00:00", 1, "2026-06-10 10:00"),  # Wed 0:00
    ("2026-06-12 17:00", 4, "2026-06-15 12:00"),  # Fri 1 h → Mon 3 h
    ("2026-10-09 17:00", 4, "2026-10-10 12:00"),  # Fri 1 h → Sat 10 (make-up) 3 h
    ("2026-12-31 17:00", 2, "2027-01-01 10:00"),  # Thu → Fri: 2027 is not announced, weekdays assumed
    ("2026-06-09 10:00", 0, "2026-06-09 10:00"),  # Tue: nothing to wait for
    ("2026-06-09 09:00", 40, "2026-06-15 18:00"),  # Tue + five working days of 8 h
]


@pytest.mark.parametrize(("start", "hours", "due"), WORKING_HOURS)
def test_working_hours_are_counted_exactly(start, hours, due):
    assert add_working_hours(calendar(), at(start), hours) == at(due)


def test_natural_time_counts_nights_and_holidays():
    assert add(calendar(), at("2026-09-30 17:50"), 24, LimitUnit.HOURS) == at("2026-10-01 17:50")
    assert add(calendar(), at("2026-09-30 17:50"), 7, LimitUnit.DAYS) == at("2026-10-07 23:59:59")
    assert add(calendar(), at("2026-09-30 17:50"), 0, LimitUnit.DAYS) == at("2026-09-30 23:59:59")


def test_an_override_row_wins_over_the_public_calendar():
    flood = {date(2026, 10, 8): Override(False, "暴雨停工")}  # Thu
    assert add_working_days(calendar(overrides=flood), at("2026-09-30 17:50"), 1) == at("2026-10-09 18:00")
    saturday = {date(2026, 6, 13): Override(True, "周六便民", (Window.of("09:00", "12:00"),))}  # Sat
    assert add_working_days(calendar(overrides=saturday), at("2026-06-12 10:00"), 1) == at("2026-06-13 12:00")


def test_every_district_has_its_own_windows():
    friday_short = {d: (Window.of("08:30", "12:00"), Window.of("13:30", "17:30")) for d in range(4)}
    friday_short[4] = (Window.of("08:30", "12:00"),)
    ours = calendar(windows=friday_short)
    assert add_working_days(ours, at("2026-06-11 10:00"), 1) == at("2026-06-12 12:00")  # Thu → Fri noon
    assert add_working_hours(ours, at("2026-06-12 11:00"), 2) == at("2026-06-15 09:30")  # Fri 1 h → Mon


def test_round_the_clock_work_has_no_gaps():
    always = WorkingCalendar(ZONE, windows=dict.fromkeys(range(7), (Window.of("00:00", "24:00"),)))
    assert add_working_hours(always, at("2026-06-12 23:00"), 3) == at("2026-06-13 02:00")


def test_a_year_without_holiday_data_is_assumed_and_announced():
    ours = calendar()
    due = add_working_days(ours, at("2027-01-28 10:00"), 2)  # Thu → Mon: only the weekend is skipped
    assert due == at("2027-02-01 18:00")
    reasons = explain(ours, at("2027-01-28 10:00"), due, LimitUnit.WORKING_DAYS)
    assert Because.UNKNOWN_YEAR in {r.because for r in reasons}
    assert unknown_years(ours, date(2026, 6, 1)) == []
    assert unknown_years(ours, date(2026, 10, 15)) == [2027]
    assert unknown_years(ours, date(2026, 6, 1), months_ahead=12) == [2027]


def test_a_mapping_may_stand_for_the_public_calendar():
    rows = {date(2026, 10, 1): (False, "National Day"), date(2026, 10, 10): (True, "National Day")}
    ours = calendar(public=rows)
    assert ours.day(date(2026, 10, 1)).kind is DayKind.HOLIDAY
    assert ours.day(date(2026, 10, 10)).kind is DayKind.WORKING_WEEKEND
    assert ours.day(date(2026, 10, 12)).known
    assert not ours.day(date(2027, 10, 12)).known


def test_a_calendar_without_work_says_so_and_does_not_hang():
    with pytest.raises(NoWorkingTime):
        add_working_hours(calendar(windows={}, public=lambda d: (False, "")), at("2026-06-09 10:00"), 1)


def test_a_public_calendar_that_raises_for_unknown_years_is_borne():
    def raw(day: date) -> tuple[bool, str]:
        off, name = chinese_calendar.get_holiday_detail(day)
        return not off, name or ""

    assert add_working_days(calendar(public=raw), at("2031-06-09 10:00"), 1) == at("2031-06-10 18:00")


def test_answers_are_in_the_districts_zone_whatever_the_question():
    due = add_working_hours(calendar(), datetime(2026, 6, 9, 3, 30, tzinfo=UTC), 1)  # 11:30 in China
    assert due.isoformat() == "2026-06-09T13:30:00+08:00"


def test_summer_time_shifts_no_working_hour():
    berlin = WorkingCalendar(ZoneInfo("Europe/Berlin"))
    start = datetime(2026, 3, 27, 17, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # Fri before the clocks change
    assert add_working_hours(berlin, start, 2).isoformat() == "2026-03-30T10:00:00+02:00"


def test_working_time_between_two_moments():
    assert working_between(calendar(), at("2026-09-30 17:00"), at("2026-10-10 10:00")) == timedelta(hours=18)
    assert working_between(calendar(), at("2026-10-10 10:00"), at("2026-09-30 17:00")) == timedelta(0)


def test_days_are_measured_by_midnights():
    ours = calendar()
    assert measure(ours, at("2026-06-09 10:00"), at("2026-06-09 15:00"), LimitUnit.WORKING_DAYS) == 0
    assert measure(ours, at("2026-06-12 10:00"), at("2026-06-15 09:00"), LimitUnit.WORKING_DAYS) == 1
    assert measure(ours, at("2026-06-12 10:00"), at("2026-06-15 09:00"), LimitUnit.DAYS) == 3


@pytest.mark.parametrize(("start", "end"), [("12:00", "09:00"), ("09:00", "09:00"), ("09:00", "24:01")])
def test_a_window_runs_forward_within_a_day(start, end):
    with pytest.raises(ValueError, match="window"):
        Window.of(start, end)


def test_the_due_time_of_national_day_explains_itself():
    ours, start = calendar(), at("2026-09-30 17:50")
    reasons = explain(ours, start, add_working_days(ours, start, 3), LimitUnit.WORKING_DAYS)
    assert [say(r, "en") for r in reasons] == [
        "30 September is the first day and does not count",
        "1–7 October holiday (National Day)",
        "10 October working Saturday",
    ]
    assert [say(r) for r in reasons][1:] == ["10月1日至7日放假（国庆节）", "10月10日（周六）调休上班"]


def test_lunch_and_evenings_are_reasons_too():
    ours = calendar()
    over_lunch = explain(ours, at("2026-06-09 11:30"), at("2026-06-09 13:30"), LimitUnit.WORKING_HOURS)
    assert [r.because for r in over_lunch] == [Because.LUNCH]
    before_lunch = explain(ours, at("2026-06-09 09:30"), at("2026-06-09 11:30"), LimitUnit.WORKING_HOURS)
    assert before_lunch == []
    evening = explain(ours, at("2026-06-09 20:00"), at("2026-06-10 10:00"), LimitUnit.WORKING_HOURS)
    assert [r.because for r in evening] == [Because.AFTER_HOURS]


def test_spring_festival_reads_as_one_run_over_two_weekends():
    ours, start = calendar(), at("2026-02-14 10:00")  # Sat, make-up
    texts = [say(r, "en") for r in explain(ours, start, add_working_days(ours, start, 5), LimitUnit.WORKING_DAYS)]
    assert "15–23 February holiday (Spring Festival)" in texts
    assert "14 February working Saturday" in texts
    assert "28 February working Saturday" in texts
