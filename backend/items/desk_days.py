"""Rotating desks: when is a department at the centre next? Read from the catalogue's own words.

"周二 二楼3号窗口 人社局" · "周一、周四 一楼大厅 税务局" · "每周二、四上午 3号窗口" · "周一至周五 大厅".
Several desks are separated by `;`. A day only counts when the working calendar says that it is worked.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from backend.domain.working_time import WorkingCalendar
from backend.items.facts import DeskDay, DeskVisit

DAYS = "一二三四五六日"
LOOKED_AHEAD = 60  # no desk stays away longer than two months
_DAY = r"[一二三四五六日天1-7](?![楼号层室])"
_NAME = r"(?:周|星期|礼拜)"
_WEEK = re.compile(rf"每?{_NAME}\s*(?P<days>{_DAY}(?:\s*[、,，/和及~\-–—至到]\s*{_NAME}?{_DAY}|{_NAME}?{_DAY})*)")
_NO_UNIT = re.compile(r"窗口|楼|大厅|[上下]午|室|\d")
_RANGE = re.compile(r"([一二三四五六日天1-7])\s*[~\-–—至到]\s*(?:周|星期|礼拜)?([一二三四五六日天1-7])")
_NUMBER = {**{char: number for number, char in enumerate(DAYS)}, "天": 6, **{str(n + 1): n for n in range(7)}}


def parse_desk_days(text: str) -> tuple[DeskDay, ...]:
    """The rotating desks of an item; parts without a weekday are left out."""
    found = (_one_desk(part.strip()) for part in re.split(r"[;；|\n]", text) if part.strip())
    return tuple(desk for desk in found if desk is not None)


def _one_desk(text: str) -> DeskDay | None:
    match = _WEEK.search(text)
    if match is None:
        return None
    rest = (text[: match.start()] + " " + text[match.end() :]).split()
    unit = rest[-1] if rest and not _NO_UNIT.search(rest[-1]) else ""
    place = " ".join(rest[:-1] if unit else rest)
    return DeskDay(_weekdays(match["days"]), place, unit, text)


def _weekdays(said: str) -> tuple[int, ...]:
    days: set[int] = set()
    for first, last in _RANGE.findall(said):
        days.update(range(_NUMBER[first], _NUMBER[last] + 1))
    days.update(_NUMBER[char] for char in said if char in _NUMBER)
    return tuple(sorted(days))


def next_visit(desks: Iterable[DeskDay], calendar: WorkingCalendar, today: date) -> DeskVisit | None:
    """The next worked date (today included) on which one of the desks sits; None without desks."""
    listed = list(desks)
    if not listed:
        return None
    for ahead in range(LOOKED_AHEAD):
        day = today + timedelta(days=ahead)
        for desk in listed:
            if day.weekday() in desk.weekdays and calendar.day(day).working:
                return DeskVisit(day, desk.place, desk.unit)
    return None
