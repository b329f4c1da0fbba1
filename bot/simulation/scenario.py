"""A scenario file: one action per line, in JSON. Every bad line is named; nothing is played unless all are good.

    {"at": "+0m",  "who": "王阿姨", "do": "file", "as": "lamp", "text": "灯不亮", "place": "…"}
    {"at": "+20m", "who": "李建国", "do": "accept", "case": "lamp"}
    {"at": "+3h",  "who": "李建国", "do": "done", "case": "lamp", "result": "换了灯泡", "photo": ["1"]}

`at` is a local time or `+2d3h15m` after the start. `who` names a member of staff (`姓名@area` where two share a name),
else a resident. Besides the moves there are `file`, `away`, `back`, `calendar`, `rule`, `merge` and `unmerge`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from backend.domain.moves import MOVES
from nlu.errors import LinliError

SPECIAL = frozenset({"file", "away", "back", "calendar", "rule", "merge", "unmerge"})
NO_CASE = frozenset({"file", "away", "back", "calendar", "rule"})
_AFTER = re.compile(r"\+(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")


class BadScenario(LinliError):
    """The scenario has lines that cannot be played."""

    code: ClassVar[str] = "bad_scenario"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Action:
    """Somebody does something at a moment. `case` is the label given with `as` when it was filed."""

    line: int
    at: datetime
    who: str
    do: str
    case: str
    facts: dict[str, Any]


def read_scenario(lines: Iterable[str], start: datetime, zone: ZoneInfo) -> list[Action]:
    """The actions in order of time (then of the file). Raises `BadScenario` naming every bad line."""
    actions, wrong = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            actions.append(_action(number, json.loads(line), start, zone))
        except (ValueError, TypeError, KeyError) as bad:
            wrong.append(f"line {number}: {bad}")
    if wrong:
        raise BadScenario("; ".join(wrong[:20]))
    return sorted(actions, key=lambda one: (one.at, one.line))


def _action(number: int, said: dict[str, Any], start: datetime, zone: ZoneInfo) -> Action:
    facts = dict(said)
    do, who = str(facts.pop("do")), str(facts.pop("who", "system"))
    if do not in SPECIAL and do not in MOVES:
        raise ValueError(f"nobody can do {do!r}")
    case = str(facts.pop("case", ""))
    if do not in NO_CASE and not case:
        raise ValueError("which case?")
    at = _moment(str(facts.pop("at", "+0m")), start, zone)
    if at < start:
        raise ValueError("before the start")
    return Action(number, at, who, do, case or str(facts.pop("as", f"line{number}")), facts)


def _moment(said: str, start: datetime, zone: ZoneInfo) -> datetime:
    after = _AFTER.fullmatch(said)
    if after is not None and said != "+":
        days, hours, minutes = (int(part or 0) for part in after.groups())
        return start + timedelta(days=days, hours=hours, minutes=minutes)
    moment = datetime.fromisoformat(said)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
