"""When is a place open, and what is its number? From the items handled there and the working calendar.

"今天" "明天" "后天" and weekdays are looked up in the calendar, so that a make-up Saturday is answered rightly.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rapidfuzz import fuzz

from backend.domain.reasons import HOLIDAYS_ZH
from backend.domain.working_time import Day, DayKind
from backend.items.desk_days import DAYS
from backend.items.facts import ItemFacts
from backend.knowledge.aspects import Aspect
from backend.knowledge.item_answers import Speech

NAMED_FROM = 75  # of 100: how well the question must name the place
MOST_LEFT_OVER = 2  # characters that are neither about time nor filler
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_SOON = {"大后天": 3, "后天": 2, "明天": 1, "明儿": 1}
_PLACE_WORD = re.compile(r"[\u4e00-\u9fff]*(?:大厅|中心|服务站|社区|街道|居委会|窗口|办事处|派出所|你们|这里)")
_OTHER_WORDS = re.compile(
    r"[^\u4e00-\u9fff]|几点|上班|下班|开门|关门|休息|放假|午休|什么|时间|时候|开放|办事|办公|电话|多少|号码|[周今明后]天|明儿|上午|下午|中午|早上|晚上"
    r"|(?:周|星期|礼拜)[一二三四五六日天末]|有人|有没有|会不会|可以|[请问吗呢啊吧的了在是有人不还到去来办事们]"
)


@dataclass(frozen=True, slots=True)
class HoursFound:
    """An answer about a place."""

    question: str
    answer: str
    score: float
    sure: bool


def hours_answer(
    items: Sequence[ItemFacts], plain: str, aspects: Sequence[Aspect], speech: Speech
) -> HoursFound | None:
    """Hours or phone of the place the question names; of the busiest place when it names none."""
    counted = Counter((item.place, item.hours, item.phone) for item in items if item.place)
    if not counted:
        return None
    spoken = _PLACE_WORD.search(plain)
    if spoken is None and len(_OTHER_WORDS.sub("", plain)) > MOST_LEFT_OVER:
        return None  # it is about some other place: the library, the pool
    named, likeness = _best_place(counted, spoken[0] if spoken else "")
    place, hours, phone = named
    parts = []
    if Aspect.HOURS in aspects and hours:
        parts.append(speech.say("office.hours", place=place, hours=hours, day=_about_day(plain, speech)))
    if Aspect.PHONE in aspects and phone:
        parts.append(speech.say("office.phone", place=place, phone=phone))
    if not parts:
        return None
    return HoursFound(
        speech.say("question.office", place=place),
        "\n".join(parts),
        round(likeness / 100, 3) if likeness else 0.4,
        likeness >= NAMED_FROM or (bool(spoken) and len({one[0] for one in counted}) == 1),
    )


def _best_place(counted: Counter[tuple[str, str, str]], spoken: str) -> tuple[tuple[str, str, str], float]:
    if not spoken:
        return counted.most_common(1)[0][0], 0.0
    scored = [(fuzz.partial_ratio(spoken, place[0]), number, place) for place, number in counted.items()]
    best = max(scored, key=lambda one: (one[0], one[1], one[2]))
    return (best[2], best[0]) if best[0] >= NAMED_FROM else (counted.most_common(1)[0][0], 0.0)


def _about_day(plain: str, speech: Speech) -> str:
    asked = _day_asked(plain, speech.today)
    day = speech.calendar.day(asked)
    if day.working:
        return speech.say("office.open_day", day=speech.day(asked))
    following = next(
        (asked + timedelta(days=n) for n in range(1, 40) if speech.calendar.day(asked + timedelta(days=n)).working),
        asked,
    )
    return speech.say(
        "office.closed_day", day=speech.day(asked), why=_why_closed(day, speech), next=speech.day(following)
    )


def _why_closed(day: Day, speech: Speech) -> str:
    if day.kind is DayKind.HOLIDAY:
        name = HOLIDAYS_ZH.get(day.name, day.name) if speech.language.startswith("zh") else day.name
        return speech.say("office.holiday", name=name)
    if day.kind is DayKind.OVERRIDE_OFF:
        return speech.say("office.override", name=day.name)
    return speech.say("office.weekend")


def _day_asked(plain: str, today: date) -> date:
    for word, ahead in _SOON.items():
        if word in plain:
            return today + timedelta(days=ahead)
    weekday = _WEEKDAY.search(plain)
    if weekday is not None:
        wanted = DAYS.index(weekday[1].replace("天", "日"))
        return today + timedelta(days=(wanted - today.weekday()) % 7)
    return today
