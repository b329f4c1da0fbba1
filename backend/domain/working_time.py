"""What counts as working time: windows per weekday, public holidays, make-up working weekends, overrides.

Rules, in the order in which they win:
1. an override row for the date (a local holiday, a flood, a Saturday of service);
2. the public calendar: (is_working, name) for the date, make-up working weekends included; a plain weekend (no
   name) is worked only where the district has windows for that weekday;
3. when the public calendar does not know the year: Monday to Friday work, and a warning is given;
4. a working day has the windows of its weekday; a weekday without windows borrows `makeup_windows`.

Counting (Civil Code arts. 201–203): in days, the first day does not count and the last ends with its working
time
(calendar days: 23:59:59); hours are counted exactly. All times are aware; answers are in the calendar's zone.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from backend.domain.words import LimitUnit

PublicDay = tuple[bool, str]  # is it worked, and the holiday's name ("" on plain days)
PublicCalendar = Callable[[date], PublicDay | None] | Mapping[date, PublicDay]

HORIZON_DAYS = 3700  # nobody waits ten years: a calendar without any working day stops here
DAY_END = time(23, 59, 59)


class DayKind(StrEnum):
    """Why a day is worked or not."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    WORKING_WEEKEND = "working_weekend"  # 调休
    OVERRIDE_OFF = "override_off"
    OVERRIDE_ON = "override_on"


class NoWorkingTime(ValueError):
    """The calendar has no working time at all."""


@dataclass(frozen=True, slots=True)
class Window:
    """From … to …, in minutes since local midnight; 1440 is the end of the day."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= 1440:
            raise ValueError(f"a window must run forward within one day: {self.start}–{self.end}")

    @classmethod
    def of(cls, start: str, end: str) -> "Window":
        """`Window.of("09:00", "12:00")`; the end may be "24:00"."""
        return cls(_minutes(start), _minutes(end))


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True, slots=True)
class Override:
    """One row for one date; `windows` None means the usual ones."""

    working: bool
    reason: str
    windows: tuple[Window, ...] | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """What one date is."""

    date: date
    kind: DayKind
    name: str
    windows: tuple[Window, ...]
    known: bool = True  # False: the public calendar did not know this year

    @property
    def working(self) -> bool:
        """Whether any time of it is worked."""
        return bool(self.windows)


OFFICE = (Window.of("09:00", "12:00"), Window.of("13:00", "18:00"))
OFFICE_WEEK: Mapping[int, tuple[Window, ...]] = dict.fromkeys(range(5), OFFICE)


@dataclass(frozen=True)
class WorkingCalendar:
    """A district's working time. `windows`: weekday (0 = Monday) → windows."""

    zone: tzinfo
    public: PublicCalendar = field(default_factory=dict)
    windows: Mapping[int, tuple[Window, ...]] = field(default_factory=lambda: OFFICE_WEEK)
    overrides: Mapping[date, Override] = field(default_factory=dict)
    makeup_windows: tuple[Window, ...] = OFFICE
    _seen: dict[date, Day] = field(default_factory=dict, init=False, repr=False, compare=False)
    _spans: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def day(self, when: date) -> Day:
        """What this date is and why. Remembered, since a calendar is replaced when its rows change."""
        if when not in self._seen:
            self._seen[when] = self._look_up(when)
        return self._seen[when]

    def _look_up(self, when: date) -> Day:
        usual = self.windows.get(when.weekday(), ())
        row = self.overrides.get(when)
        if row is not None:
            kind = DayKind.OVERRIDE_ON if row.working else DayKind.OVERRIDE_OFF
            windows = (row.windows or usual or self.makeup_windows) if row.working else ()
            return Day(when, kind, row.reason, windows)
        known, public = self._public_day(when)
        weekend = when.weekday() >= 5
        working, name = public if public is not None else (not weekend, "")
        if not working and (name or not weekend):
            return Day(when, DayKind.HOLIDAY, name, (), known)
        if not working:  # a plain weekend: closed, unless this district opens on that weekday
            return Day(when, DayKind.WORKDAY if usual else DayKind.WEEKEND, "", usual, known)
        if public is not None and weekend:
            return Day(when, DayKind.WORKING_WEEKEND, name, usual or self.makeup_windows, known)
        return Day(when, DayKind.WORKDAY, name, usual, known)

    def _public_day(self, when: date) -> tuple[bool, PublicDay | None]:
        """(is the year known, what the public calendar says)."""
        if isinstance(self.public, Mapping):
            return any(d.year == when.year for d in self.public), self.public.get(when)
        try:
            said = self.public(when)
        except (LookupError, NotImplementedError):  # how public calendars say "not announced yet"
            said = None
        return said is not None, said

    def local(self, moment: datetime) -> datetime:
        """The moment on this district's wall clock."""
        if moment.tzinfo is None:
            raise ValueError("a moment must carry its time zone")
        return moment.astimezone(self.zone)

    def spans(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """Working spans from the given date on, in UTC, for ten years at most."""
        for n in range(HORIZON_DAYS):
            yield from self._spans_of(first + timedelta(days=n))

    def _spans_of(self, when: date) -> tuple[tuple[datetime, datetime], ...]:
        if when not in self._spans:
            windows = self.day(when).windows
            self._spans[when] = tuple((self._at(when, w.start), self._at(when, w.end)) for w in windows)
        return self._spans[when]

    def _at(self, when: date, minute: int) -> datetime:
        day, rest = divmod(minute, 1440)
        local = datetime.combine(when + timedelta(days=day), time(rest // 60, rest % 60), self.zone)
        return local.astimezone(UTC)

    def end_of_work(self, when: date) -> datetime:
        """When the last window of this date closes."""
        return self._at(when, self.day(when).windows[-1].end).astimezone(self.zone)


def add_working_hours(calendar: WorkingCalendar, start: datetime, hours: float) -> datetime:
    """The moment when so many working hours have passed since `start`."""
    left = timedelta(hours=hours)
    moment = start.astimezone(UTC)
    if left <= timedelta(0):
        return calendar.local(start)
    for opens, closes in calendar.spans(calendar.local(start).date()):
        begins = max(opens, moment)
        if begins >= closes:
            continue
        if closes - begins >= left:
            return calendar.local(begins + left)
        left -= closes - begins
    raise NoWorkingTime


def add_working_days(calendar: WorkingCalendar, start: datetime, days: float) -> datetime:
    """End of work on the n-th working day after the day of `start`; parts of a day count as a whole one.

    With 0 days: end of work today, or of the next working day when today is over or not worked.
    """
    when = calendar.local(start).date()
    left = math.ceil(days)
    if left <= 0:
        day = calendar.day(when)
        if day.working and calendar.end_of_work(when) >= start:
            return calendar.end_of_work(when)
        left = 1
    for _ in range(HORIZON_DAYS):
        when += timedelta(days=1)
        left -= calendar.day(when).working
        if left == 0:
            return calendar.end_of_work(when)
    raise NoWorkingTime


def add_days(calendar: WorkingCalendar, start: datetime, days: float) -> datetime:
    """23:59:59 on the n-th calendar day after the day of `start`; 0 is the same day."""
    when = calendar.local(start).date() + timedelta(days=math.ceil(days))
    return datetime.combine(when, DAY_END, calendar.zone)


def add(calendar: WorkingCalendar, start: datetime, amount: float, unit: LimitUnit) -> datetime:
    """`start` plus so much of this unit."""
    if unit is LimitUnit.WORKING_HOURS:
        return add_working_hours(calendar, start, amount)
    if unit is LimitUnit.WORKING_DAYS:
        return add_working_days(calendar, start, amount)
    if unit is LimitUnit.DAYS:
        return add_days(calendar, start, amount)
    return calendar.local(start.astimezone(UTC) + timedelta(hours=amount))


def working_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    """Working time between two moments; zero when they are in the wrong order."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    total = timedelta(0)
    for opens, closes in calendar.spans(calendar.local(start).date()):
        if opens >= end:
            break
        total += max(timedelta(0), min(closes, end) - max(opens, start))
    return total


def measure(calendar: WorkingCalendar, start: datetime, end: datetime, unit: LimitUnit) -> float:
    """How much of the unit lies between two moments (days: midnights crossed into a day that counts)."""
    if end <= start:
        return 0.0
    if unit is LimitUnit.WORKING_HOURS:
        return working_between(calendar, start, end) / timedelta(hours=1)
    if unit is LimitUnit.HOURS:
        return (end - start) / timedelta(hours=1)
    first, last = calendar.local(start).date(), calendar.local(end).date()
    days = (first + timedelta(days=n + 1) for n in range((last - first).days))
    return float(sum(1 for d in days if unit is LimitUnit.DAYS or calendar.day(d).working))


def unknown_years(calendar: WorkingCalendar, today: date, months_ahead: int = 3) -> list[int]:
    """Years from today to so many months ahead for which the public calendar has nothing yet: tell the
    operators."""
    end = today + timedelta(days=31 * months_ahead)
    return [y for y in range(today.year, end.year + 1) if not calendar.day(_probe(calendar, y)).known]


def _probe(calendar: WorkingCalendar, year: int) -> date:
    """A date of the year that no override hides."""
    return next(d for d in (date(year, 1, 1) + timedelta(days=n) for n in range(365)) if d not in calendar.overrides)
