"""Rotating desks: the catalogue's words become weekdays, and only worked days count."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from backend.areas.working_days import public_day
from backend.domain.working_time import Override, WorkingCalendar
from backend.items.desk_days import next_visit, parse_desk_days

CALENDAR = WorkingCalendar(zone=ZoneInfo("Asia/Shanghai"), public=public_day)


@pytest.mark.parametrize(
    ("text", "weekdays", "place", "unit"),
    [
        ("周二 二楼3号窗口 人社局", (1,), "二楼3号窗口", "人社局"),
        ("周一、周四 一楼大厅 税务局", (0, 3), "一楼大厅", "税务局"),
        ("每周二、四上午 3号窗口", (1, 3), "上午 3号窗口", ""),
        ("周一至周五 大厅", (0, 1, 2, 3, 4), "大厅", ""),
        ("星期三下午 民政办", (2,), "下午", "民政办"),
        ("礼拜天 广场", (6,), "", "广场"),
        ("周二二楼", (1,), "二楼", ""),
    ],
)
def test_desk_days_are_read_as_written(text: str, weekdays: tuple[int, ...], place: str, unit: str) -> None:
    (desk,) = parse_desk_days(text)
    assert (desk.weekdays, desk.place, desk.unit, desk.text) == (weekdays, place, unit, text)


def test_words_without_a_weekday_are_no_desk_day() -> None:
    assert parse_desk_days("二楼3号窗口;") == ()


def test_today_counts() -> None:
    visit = next_visit(parse_desk_days("周一 大厅"), CALENDAR, date(2026, 11, 23))  # a Monday
    assert visit is not None
    assert visit.day == date(2026, 11, 23)


def test_a_desk_day_on_a_holiday_moves_to_the_next_week() -> None:
    # Thursday 1 October 2026 and the Thursday's week are National Day; the 8th is worked again
    visit = next_visit(parse_desk_days("周四 大厅"), CALENDAR, date(2026, 9, 25))
    assert visit is not None
    assert visit.day == date(2026, 10, 8)


def test_of_two_desks_the_earlier_one_is_said() -> None:
    visit = next_visit(parse_desk_days("周五 2号窗口 司法所;周二 3号窗口 人社局"), CALENDAR, date(2026, 11, 23))
    assert visit is not None
    assert (visit.day, visit.unit) == (date(2026, 11, 24), "人社局")


def test_the_districts_own_closed_day_wins() -> None:
    closed = {date(2026, 11, 24): Override(False, "防汛")}
    calendar = WorkingCalendar(zone=ZoneInfo("Asia/Shanghai"), public=public_day, overrides=closed)
    visit = next_visit(parse_desk_days("周二 大厅"), calendar, date(2026, 11, 23))
    assert visit is not None
    assert visit.day == date(2026, 12, 1)
