"""Times at which something can be brought home: the windows of the next working days, from two hours on.

A slot's id is its own description (`20261124-0900-1200`, local time), so that a button needs no table.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from backend.domain.working_time import WorkingCalendar
from backend.items.facts import Slot
from backend.texts import Texts

NOTICE_NEEDED = timedelta(hours=2)  # a courier plans half a day
DAYS_OFFERED = 14  # holidays included
SLOTS_OFFERED = 6
DELIVERIES_A_SLOT = 6  # one courier in one half day
_ID = re.compile(r"(\d{8})-(\d{4})-(\d{4})")


def delivery_slots(calendar: WorkingCalendar, now: datetime, texts: Texts, language: str) -> list[Slot]:
    """The next slots, earliest first."""
    spans = (span for span in _windows(calendar, now) if span[0] >= now + NOTICE_NEEDED)
    slots = [Slot(slot_id(*span), "", *span) for span, _ in zip(spans, range(SLOTS_OFFERED), strict=False)]
    return [Slot(one.id, slot_label(one.id, texts, language), one.starts_at, one.ends_at) for one in slots]


def _windows(calendar: WorkingCalendar, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    today = calendar.local(now).date()
    last = today + timedelta(days=DAYS_OFFERED)
    for start, end in calendar.spans(today):
        local = calendar.local(start)
        if local.date() > last:
            return
        yield local, calendar.local(end)


def slot_id(start: datetime, end: datetime) -> str:
    """The id of a local span."""
    return f"{start:%Y%m%d-%H%M}-{end:%H%M}"


def slot_label(identifier: str, texts: Texts, language: str) -> str:
    """The slot as people say it; an unknown form is said as it stands."""
    match = _ID.fullmatch(identifier)
    if match is None:
        return identifier
    day = date(int(match[1][:4]), int(match[1][4:6]), int(match[1][6:]))
    start, end = _clock(match[2]), _clock(match[3])
    part = texts.say("items.part.morning" if start.hour < 12 else "items.part.afternoon", language)
    return texts.say(
        "items.part.slot", language, day=day_label(day, texts, language), part=part, start=f"{start:%H:%M}",
        end=f"{end:%H:%M}",
    )  # fmt: skip


def day_label(day: date, texts: Texts, language: str) -> str:
    """3月2日（周一） / Mon 2 Mar."""
    weekday = texts.say(f"items.weekday.{day.weekday()}", language)
    return texts.say("items.part.day", language, month=day.month, day=day.day, weekday=weekday)


def _clock(digits: str) -> time:
    return time(int(digits[:2]), int(digits[2:]))
