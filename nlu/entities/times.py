"""Times as residents say them: 今晚八点, 上周三下午, 3月5号, 半小时前; resolved against a given moment.

The value is an ISO 8601 date, moment, or interval (a part of a day) in the zone of `now`; a phrase that cannot be
resolved keeps its own words.
"""
# ruff: noqa: E501 - one alternative of the pattern is one line

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from nlu.contract import EntityType
from nlu.entities.spans import Span

_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "〇": 0,
    "俩": 2,
    "半": 0,
}
_N = r"(?:\d{1,4}|[零〇一二两三四五六七八九十]{1,3})"
_DAYS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3, "听": 1, "琴": -1, "寻": -1}
_PERIODS = {
    "凌晨": (0, 6), "清早": (5, 9), "清晨": (5, 9), "一大早": (5, 9), "早上": (6, 9), "早晨": (6, 9), "上午": (8, 12), "中午": (11, 14),
    "下午": (12, 18), "午后": (12, 18), "傍晚": (17, 20), "晚上": (18, 24), "夜里": (20, 24), "半夜": (0, 5), "夜间": (20, 24), "深夜": (22, 24), "晚": (18, 24),
    "早": (6, 9), "夜": (20, 24), "朝早": (5, 9), "晏昼": (12, 15), "下昼": (12, 18), "夜晚": (18, 24),
}  # fmt: skip
_PERIOD = "|".join(sorted((name for name in _PERIODS if len(name) > 1), key=len, reverse=True))
_WEEKDAY = {
    "一": 0,
    "二": 1,
    "三": 2,
    "四": 3,
    "五": 4,
    "六": 5,
    "日": 6,
    "天": 6,
    "1": 0,
    "2": 1,
    "3": 2,
    "4": 3,
    "5": 4,
    "6": 5,
    "7": 6,
}
_CLOCK = rf"(?P<hour>{_N})(?:点钟?|时(?!候|间|常|代)|:(?=\d\d(?!\d)))(?:(?P<half>半)|(?P<quarter>[一三]刻)|(?P<minute>{_N})分?|过)?多?"
_FESTIVALS = "春节|元宵节?|清明节?|五一节?|端午节?|中秋节?|国庆节?|十一期间|元旦|除夕|过年|年三十|重阳节?"
_TIME = re.compile(
    rf"(?:每天|每日|每晚|每个?(?:周|星期)[一二三四五六日天末])?"
    rf"(?:(?P<rel>大前|大后|前|昨|今|明|后|(?:听|琴|寻)(?=日))(?:天|日|儿个?)(?P<p1>{_PERIOD})?"
    rf"|(?P<rel2>昨|今|明)(?P<p2>晚上|晚|早上|早|夜)"
    rf"|(?P<week>上上|上|这|本|下下|下)?个?(?:周|星期|礼拜)(?P<wd>[一二三四五六日天1-6](?!点钟?[半多]))(?P<p3>{_PERIOD})?"
    rf"|(?P<weekend>上|这|本|下)?个?周末(?P<p5>{_PERIOD})?"
    rf"|(?P<vague>(?:上上|上|这|本|下下|下)个?(?:周|星期|礼拜|月)(?![一二三四五六日天末\d])(?:初|中旬?|底)?|(?:去|今|明|前)年(?:[一二三四五六七八九十]{{1,2}}|\d{{1,2}})月(?:份|底|初)?|(?:\d{{4}}|去|今|明)?年[底初]|月[底初]|\d{{4}}年\d{{1,2}}月(?!\d)|刚刚?才|(?:{_FESTIVALS})(?:期间|那天|当天|假期)?|(?:[腊正冬]月|大年)?(?:初|廿|二十)[一二三四五六七八九十](?=早|晚|上|下|中|那|停|开|$|[,。\s])|[腊正冬]月[一二三四五六七八九十]{{1,3}})(?P<p7>{_PERIOD})?"
    rf"|(?P<lastmonth>上|这|本|下)个?月(?P<mday>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[日号](?P<p8>{_PERIOD})?"
    rf"|(?:(?P<year>\d{{4}})(?P<dash>[-/.])|(?P<year2>\d{{4}})年)?(?P<month>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})(?(dash)(?P=dash)|月)(?P<day>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})(?:日|号)?(?P<p4>{_PERIOD})?"
    rf"|(?P<p6>{_PERIOD}))?"
    rf"(?P<clock>(?:的|大概|大约|差不多| )?{_CLOCK}(?P<until>(?:到|至|-)(?:{_PERIOD})?{_N}(?:点(?:半|{_N}分?)?|:\d\d))?)?(?P<tail>以后|之后|以前|之前)?"
)
_AGO = re.compile(
    rf"(?P<amount>{_N}|半)(?P<count>个多?|多)?(?P<unit>分钟|小时|钟头|天|日|周|星期|礼拜|月|年)(?P<way>之?前|之?后|以前|以后)"
)
_STARTS = re.compile(
    r"[听琴寻朝晏大前昨今明后上这本下周星礼凌清一早中午傍晚夜半深\d二两三四五六七八九十每去年月刚春元端国除过重腊正冬初廿]"
)
_SIGNS = re.compile(r"[天日儿晚早周星礼月点时:午晨傍夜前后年节才旦夕明秋庆初一/-]")
_DIGITS = re.compile(r"\d+")
_UNIT_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365}


def find_times(text: str, now: datetime) -> Iterator[Span]:
    """All times of the cleaned `text`, in order, without overlaps. Linear: every pattern is bounded."""
    if _SIGNS.search(text) is None:
        return
    place = 0
    while (start := _STARTS.search(text, place)) is not None:
        match = _AGO.match(text, start.start())
        if match is not None:
            value: str | None = _ago(match, now)
        else:
            match = _TIME.match(text, start.start())
            value = _resolve(match, now) if match is not None and match.end() > match.start() else None
        if match is None or value is None or _is_no_time(text, match):
            # What begins with digits is one number: 99点 is not 9点.
            digits = _DIGITS.match(text, start.start())
            place = digits.end() if digits is not None else start.start() + 1
            continue
        yield Span(EntityType.TIME, value or match.group(), match.start(), match.end())
        place = match.end()


def _is_no_time(text: str, match: re.Match[str]) -> bool:
    """Words that only look like times: 一点点, 早上好, 3:2 as a score."""
    after = text[match.end() : match.end() + 1]
    found = match.groupdict()
    if "clock" not in found:
        return False
    if found["clock"] and after in {"点", "儿", "小", "间", "米", "厘"}:
        return True
    named = any(found[name] for name in ("rel", "rel2", "wd", "weekend", "month", "p6", "vague", "lastmonth"))
    if (
        not named
        and found["clock"]
        and found["hour"] in {"一", "有", "十", "两"}
        and not found["half"]
        and after not in ",。 "
    ):
        return "时" not in found["clock"] and "钟" not in found["clock"]
    return False


def _number(words: str) -> int:
    """1–4 digits, or Chinese numerals below one hundred."""
    if words.isdecimal():
        return int(words)
    tens, has_ten, ones = words.partition("十")
    if not has_ten:
        return int("".join(str(_DIGIT[char]) for char in words))
    return (_DIGIT[tens[-1]] if tens else 1) * 10 + (_DIGIT[ones[0]] if ones else 0)


def _ago(match: re.Match[str], now: datetime) -> str:
    """三天前, 半小时前, 两个月以后."""
    unit = match["unit"]
    amount = 0.5 if match["amount"] == "半" else float(_number(match["amount"]))
    if unit in {"月"} and not (match["count"] or "").startswith("个"):
        return match.group()
    if amount > 1000:
        return match.group()
    sign = -1 if "前" in match["way"] else 1
    if unit in {"分钟", "小时", "钟头"}:
        minutes = amount if unit == "分钟" else amount * 60
        return (now + sign * timedelta(minutes=minutes)).isoformat(timespec="minutes")
    return (now.date() + timedelta(days=round(sign * amount * _UNIT_DAYS[unit]))).isoformat()


def _resolve(match: re.Match[str], now: datetime) -> str | None:
    """The value of a match of `_TIME`; None when it is no possible time."""
    found = match.groupdict()
    try:
        day = _day(found, now)
    except ValueError:
        return None
    period = next((found[name] for name in ("p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8") if found[name]), None)
    zone = now.tzinfo
    if found["clock"] and (found["vague"] or found["until"] or match.group().startswith("每")):
        return match.group() if _number(found["hour"]) <= 24 else None
    if found["clock"]:
        hour = _number(found["hour"])
        minute = _minute(found)
        if hour > 24 or minute > 59:
            return None
        hour = _hour_of(hour, period)
        chosen = datetime.combine(day or now.date(), time(hour % 24, minute), zone)
        chosen += timedelta(days=hour // 24)
        return chosen.isoformat(timespec="minutes")
    if found["vague"] or match.group().startswith("每"):
        return match.group()
    if period is not None:
        if day is None:
            return None
        first, last = _PERIODS[period]
        begin = datetime.combine(day, time(first), zone)
        end = datetime.combine(day, time(0), zone) + timedelta(hours=last)
        return f"{begin.isoformat(timespec='minutes')}/{end.isoformat(timespec='minutes')}"
    return None if day is None else day.isoformat()


def _day(found: dict[str, str | None], now: datetime) -> date | None:
    """The day named, or None; ValueError for a day that does not exist."""
    today = now.date()
    near = found["rel"] or found["rel2"]
    if near:
        return today + timedelta(days=_DAYS[near])
    monday = today - timedelta(days=today.weekday())
    shift = {"上上": -14, "上": -7, "下": 7, "下下": 14}
    if found["wd"]:
        return monday + timedelta(days=_WEEKDAY[found["wd"]] + shift.get(found["week"] or "", 0))
    if found["weekend"]:
        return monday + timedelta(days=5 + shift.get(found["weekend"], 0))
    if found["lastmonth"]:
        months = today.year * 12 + today.month - 1 + {"上": -1, "下": 1}.get(found["lastmonth"], 0)
        return date(months // 12, months % 12 + 1, _number(str(found["mday"])))
    if found["month"] and found["day"]:
        named_year = found["year"] or found["year2"]
        year = int(named_year) if named_year else today.year
        return date(year, _number(found["month"]), _number(found["day"]))
    return None


def _minute(found: dict[str, str | None]) -> int:
    if found["half"]:
        return 30
    if found["quarter"]:
        return 15 if found["quarter"].startswith("一") else 45
    return _number(found["minute"]) if found["minute"] else 0


def _hour_of(hour: int, period: str | None) -> int:
    """八点 in the evening is twenty o'clock; twelve at night is the end of the day."""
    if period is None or hour > 12:
        return hour
    first, _ = _PERIODS[period]
    if period in {"半夜", "夜里", "深夜", "夜间"}:
        return hour + 12 if 7 <= hour <= 12 else hour
    if first >= 11 and hour < 12 and not (period == "中午" and hour >= 10):
        return hour + 12
    return 24 if first >= 18 and hour == 12 else hour
