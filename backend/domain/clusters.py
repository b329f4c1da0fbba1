"""Are these the same event? Same place, same kind, close in time and in wording → a suggestion, never a
decision.

| what      | full marks              | none                 | weight |
|-----------|-------------------------|----------------------|--------|
| category  | the same leaf           | another class        | 0.35   |
| place     | same building or 0 m    | 300 m or another grid| 0.35   |
| time      | now                     | 48 hours apart       | 0.15   |
| wording   | the same pairs of signs | none shared          | 0.15   |

Another class or a place too far away rules it out, whatever the rest. All figures are arguments.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one report says of an event. `building` is the normal form of the address down to the building."""

    case_id: str
    category: str
    area: str
    at: datetime
    text: str
    building: str | None = None
    point: tuple[float, float] | None = None  # latitude, longitude, WGS-84
    reporters: int = 1


@dataclass(frozen=True, slots=True)
class Measure:
    """Weights and reach."""

    category: float = 0.35
    place: float = 0.35
    time: float = 0.15
    words: float = 0.15
    metres: float = 300
    hours: float = 48
    threshold: float = 0.6


@dataclass(frozen=True, slots=True)
class Suggestion:
    """This open case may be the same event; `score` 0..1."""

    case_id: str
    score: float
    reporters: int


@dataclass(frozen=True, slots=True)
class HotSpot:
    """So many reports of one category in one area."""

    area: str
    category: str
    count: int
    case_ids: tuple[str, ...]


STANDARD = Measure()


def likeness(a: Sighting, b: Sighting, by: Measure = STANDARD) -> float:
    """0..1; symmetric."""
    category = _category(a.category, b.category)
    place = _place(a, b, by)
    apart = abs(a.at - b.at) / timedelta(hours=by.hours)
    if category == 0 or place == 0 or apart >= 1:
        return 0.0
    time, words = 1 - apart, _words(a.text, b.text)
    return round(by.category * category + by.place * place + by.time * time + by.words * words, 4)


def suggest(new: Sighting, open_cases: Iterable[Sighting], limit: int = 3, by: Measure = STANDARD) -> list[Suggestion]:
    """The likeliest open cases, best first; ties go to the one more people reported."""
    scored = ((likeness(new, other, by), other) for other in open_cases if other.case_id != new.case_id)
    found = [Suggestion(o.case_id, score, o.reporters) for score, o in scored if score >= by.threshold]
    return sorted(found, key=lambda s: (-s.score, -s.reporters, s.case_id))[:limit]


def hot_spots(reports: Iterable[Sighting], since: datetime, at_least: int = 3) -> list[HotSpot]:
    """Areas and categories with many reports since then, most first. Reports are people, not cases."""
    counts: Counter[tuple[str, str]] = Counter()
    ids: dict[tuple[str, str], list[str]] = {}
    for r in reports:
        if r.at >= since:
            counts[(r.area, r.category)] += r.reporters
            ids.setdefault((r.area, r.category), []).append(r.case_id)
    found = [HotSpot(area, cat, n, tuple(ids[(area, cat)])) for (area, cat), n in counts.items() if n >= at_least]
    return sorted(found, key=lambda h: (-h.count, h.area, h.category))


def _category(a: str, b: str) -> float:
    if a == b:
        return 1.0
    return 0.5 if a.partition(".")[0] == b.partition(".")[0] else 0.0


def _place(a: Sighting, b: Sighting, by: Measure) -> float:
    if a.building and b.building:
        return 1.0 if a.building == b.building else _near(a, b, by, otherwise=0.0)
    return _near(a, b, by, otherwise=0.5 if a.area == b.area else 0.0)


def _near(a: Sighting, b: Sighting, by: Measure, otherwise: float) -> float:
    if a.point is None or b.point is None:
        return otherwise
    return max(0.0, 1 - metres_between(a.point, b.point) / by.metres)


def metres_between(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between two WGS-84 points, in metres."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*a, *b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(h))


def _words(a: str, b: str) -> float:
    """Shared pairs of neighbouring signs (Jaccard): needs no word list and bears small slips."""
    one, two = _pairs(a), _pairs(b)
    return len(one & two) / len(one | two) if one and two else 0.0


def _pairs(text: str) -> set[str]:
    signs = re.sub(r"[\W_]+", "", text.lower())[:500]
    return {signs[i : i + 2] for i in range(len(signs) - 1)}
