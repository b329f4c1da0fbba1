"""Why a due time is what it is: what was skipped, counted or moved between start and due, in both
languages."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from backend.domain.words import LimitUnit
from backend.domain.working_time import Day, DayKind, WorkingCalendar


class Because(StrEnum):
    """The kinds of reasons."""

    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    WORKING_WEEKEND = "working_weekend"
    OVERRIDE_OFF = "override_off"
    OVERRIDE_ON = "override_on"
    LUNCH = "lunch"
    AFTER_HOURS = "after_hours"
    FIRST_DAY = "first_day"
    ROUND_THE_CLOCK = "round_the_clock"
    SAME_DAY = "same_day"
    UNKNOWN_YEAR = "unknown_year"
    PAUSED = "paused"
    EXTENDED = "extended"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `first`–`last` are local dates, `name` a holiday's name, `amount` an extension's."""

    because: Because
    first: date
    last: date
    name: str = ""
    amount: float = 0
    unit: LimitUnit | None = None


SAY: dict[str, dict[Because, str]] = {
    "en": {
        Because.HOLIDAY: "{span} holiday ({name})",
        Because.WEEKEND: "{span} weekend",
        Because.WORKING_WEEKEND: "{span} working {weekday}",
        Because.OVERRIDE_OFF: "{span} not worked: {name}",
        Because.OVERRIDE_ON: "{span} worked: {name}",
        Because.LUNCH: "lunch break not counted",
        Because.AFTER_HOURS: "outside working hours on {span}, counted from the next opening",
        Because.FIRST_DAY: "{span} is the first day and does not count",
        Because.ROUND_THE_CLOCK: "nights and holidays count",
        Because.SAME_DAY: "urgent: the same day, {span}",
        Because.UNKNOWN_YEAR: "holidays of {name} are not announced yet; weekends assumed",
        Because.PAUSED: "paused {span}",
        Because.EXTENDED: "extended on {span} by {name}",
    },
    "zh_CN": {
        Because.HOLIDAY: "{span}放假（{name}）",
        Because.WEEKEND: "{span}周末",
        Because.WORKING_WEEKEND: "{span}（{weekday}）调休上班",
        Because.OVERRIDE_OFF: "{span}不上班：{name}",
        Because.OVERRIDE_ON: "{span}上班：{name}",
        Because.LUNCH: "午休不计",
        Because.AFTER_HOURS: "{span}为非工作时间，自下一上班时间起算",
        Because.FIRST_DAY: "{span}为起始日，不计入",
        Because.ROUND_THE_CLOCK: "夜间和节假日照计",
        Because.SAME_DAY: "紧急件当日办结，{span}",
        Because.UNKNOWN_YEAR: "{name}年放假安排尚未公布，暂按周末推算",
        Because.PAUSED: "{span}暂停计时",
        Because.EXTENDED: "{span}批准延期 {name}",
    },
}
HOLIDAYS_ZH = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}
UNITS: dict[str, dict[LimitUnit, str]] = {
    "en": {u: u.value.replace("_", " ") for u in LimitUnit},
    "zh_CN": dict(zip(LimitUnit, ("工作时", "个工作日", "小时", "天"), strict=True)),
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_REASONS = {
    DayKind.HOLIDAY: Because.HOLIDAY,
    DayKind.WEEKEND: Because.WEEKEND,
    DayKind.WORKING_WEEKEND: Because.WORKING_WEEKEND,
    DayKind.OVERRIDE_OFF: Because.OVERRIDE_OFF,
    DayKind.OVERRIDE_ON: Because.OVERRIDE_ON,
}


def say(reason: Reason, language: str = "zh_CN") -> str:
    """One reason as a sentence part, in `zh_CN` or `en`."""
    zh = language.startswith("zh")
    if reason.unit is not None:
        reason = replace(reason, name=amount(reason.amount, reason.unit, language))
    name = HOLIDAYS_ZH.get(reason.name, reason.name) if zh else reason.name
    weekday = "周" + "一二三四五六日"[reason.first.weekday()] if zh else WEEKDAYS[reason.first.weekday()]
    span = _span_zh(reason.first, reason.last) if zh else _span_en(reason.first, reason.last)
    text = SAY["zh_CN" if zh else "en"][reason.because].format(span=span, name=name, weekday=weekday)
    return text.replace(" ()", "").replace("（）", "")


def _span_zh(first: date, last: date) -> str:
    if first == last:
        return f"{first.month}月{first.day}日"
    if first.month == last.month:
        return f"{first.month}月{first.day}日至{last.day}日"
    return f"{first.month}月{first.day}日至{last.month}月{last.day}日"


def _span_en(first: date, last: date) -> str:
    if first == last:
        return f"{first.day} {MONTHS[first.month - 1]}"
    if first.month == last.month:
        return f"{first.day}–{last.day} {MONTHS[last.month - 1]}"
    return f"{first.day} {MONTHS[first.month - 1]} – {last.day} {MONTHS[last.month - 1]}"


def amount(value: float, unit: LimitUnit, language: str = "zh_CN") -> str:
    """`3 working days`, `3 个工作日`."""
    number = f"{value:g}"
    words = UNITS["zh_CN" if language.startswith("zh") else "en"][unit]
    return f"{number} {words[:-1] if value == 1 and words.endswith('s') else words}"


def explain(calendar: WorkingCalendar, start: datetime, due: datetime, unit: LimitUnit) -> list[Reason]:
    """What lies between start and due that a reader would stumble over, in order of date."""
    first, last = calendar.local(start).date(), calendar.local(due).date()
    if unit in (LimitUnit.HOURS, LimitUnit.DAYS):
        same_day = unit is LimitUnit.DAYS and first == last
        return [Reason(Because.SAME_DAY if same_day else Because.ROUND_THE_CLOCK, first, last)]
    reasons: list[Reason] = []
    if unit is LimitUnit.WORKING_DAYS:
        reasons.append(Reason(Because.FIRST_DAY, first, first))
    elif not _open(calendar, start):
        reasons.append(Reason(Because.AFTER_HOURS, first, first))
    days = [calendar.day(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    reasons += _runs(days)
    if unit is LimitUnit.WORKING_HOURS and _crosses_lunch(calendar, start, due):
        reasons.append(Reason(Because.LUNCH, first, last))
    for year in sorted({d.date.year for d in days if not d.known}):
        reasons.append(Reason(Because.UNKNOWN_YEAR, first, last, str(year)))
    return reasons


def _runs(days: list[Day]) -> Iterator[Reason]:
    """Neighbouring days of one kind and name as one reason; plain working days say nothing."""
    run: list[Day] = []
    for day in [*days, None]:
        if run and (day is None or (day.kind, day.name) != (run[0].kind, run[0].name)):
            if run[0].kind in DAY_REASONS:
                yield Reason(DAY_REASONS[run[0].kind], run[0].date, run[-1].date, run[0].name)
            run = []
        if day is not None:
            run.append(day)


def _open(calendar: WorkingCalendar, moment: datetime) -> bool:
    for opens, closes in calendar.spans(calendar.local(moment).date()):
        if opens > moment:
            return False
        if moment < closes:
            return True
    return False


def _crosses_lunch(calendar: WorkingCalendar, start: datetime, due: datetime) -> bool:
    """Whether a gap between two windows of one day lies inside."""
    before: datetime | None = None
    for opens, closes in calendar.spans(calendar.local(start).date()):
        same_day = before is not None and calendar.local(before).date() == calendar.local(opens).date()
        if before is not None and same_day and before < opens and start < opens and before < due:
            return True
        if opens >= due:
            return False
        before = closes
    return False
