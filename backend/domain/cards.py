"""When somebody is warned about a clock, who, and never twice.

| warning | when                 | who is told                                       |
|---------|----------------------|---------------------------------------------------|
| half    | 50 % of time is used | the one who has it                                |
| eighty  | 80 %                 | … and the responsible person                      |
| breach  | the due time         | … and the dispatcher                              |
| yellow  | 120 %                | … and the leader of the level that holds it (黄牌) |
| red     | 150 %                | … and the leader of the level above (红牌)         |

Time used counts as the limit does: working time for working limits, else all time; pauses never count. After
downtime only the gravest warning that has come due is given; the lesser ones are recorded as covered by it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from backend.domain.clock import Clock
from backend.domain.words import ClockName, LimitUnit, WarnLevel
from backend.domain.working_time import WorkingCalendar, add_working_hours, working_between


class Told(StrEnum):
    """Whom a warning reaches."""

    OWNER = "owner"
    RESPONSIBLE = "responsible"
    DISPATCHER = "dispatcher"
    LEADER = "leader"  # of the level that holds the case
    LEADER_ABOVE = "leader_above"


SHARE: Mapping[WarnLevel, float] = {
    WarnLevel.HALF: 0.5,
    WarnLevel.EIGHTY: 0.8,
    WarnLevel.BREACH: 1.0,
    WarnLevel.YELLOW: 1.2,
    WarnLevel.RED: 1.5,
}
WHO: Mapping[WarnLevel, tuple[Told, ...]] = {level: tuple(Told)[: level.rank + 1] for level in WarnLevel}

Key = tuple[ClockName, int, WarnLevel]  # clock, round, warning: the unique key of the row that says "told"


@dataclass(frozen=True, slots=True)
class WarningDue:
    """Give this warning; `covers` are lesser ones to be recorded with it but not sent."""

    key: Key
    at: datetime
    covers: tuple[Key, ...] = ()

    @property
    def who(self) -> tuple[Told, ...]:
        """Whom it reaches."""
        return WHO[self.key[2]]


def warnings_due(clock: Clock, told: Collection[Key], now: datetime) -> list[WarningDue]:
    """The warning to give now: none or one. `told` holds every key given or covered before."""
    if not clock.running:
        return []
    due = [(level, at) for level, at in clock.warn_at if at <= now]
    fresh = [(level, at) for level, at in due if (clock.name, clock.round, level) not in told]
    if not fresh:
        return []
    worst, at = max(fresh, key=lambda pair: pair[0].rank)
    if any((clock.name, clock.round, level) in told for level in WarnLevel if level.rank > worst.rank):
        return []  # a graver one was given already: nothing to add
    covers = tuple((clock.name, clock.round, level) for level, _ in fresh if level is not worst)
    return [WarningDue((clock.name, clock.round, worst), at, covers)]


def next_warning_at(clock: Clock, told: Collection[Key]) -> datetime | None:
    """When to look at this clock again (the `due_at` of its row); None when nothing is left to say."""
    if not clock.running:
        return None
    given = [level.rank for level in WarnLevel if (clock.name, clock.round, level) in told]
    return min((at for level, at in clock.warn_at if level.rank > max(given, default=-1)), default=None)


def moments(clock: Clock, calendar: WorkingCalendar, now: datetime) -> tuple[tuple[WarnLevel, datetime], ...]:
    """When each warning falls, in order of gravity; the breach is exactly the due time."""
    pauses = [(begin, end or now) for begin, end in clock.pauses if begin < clock.due_at]
    used = _span(clock, calendar, clock.started_at, clock.due_at)
    used -= sum((_span(clock, calendar, *pause) for pause in pauses), timedelta(0))
    found = []
    for level, share in SHARE.items():
        at = _forward(clock, calendar, clock.started_at, max(used, timedelta(0)) * share)
        for begin, end in pauses:
            if begin < at:
                at = _forward(clock, calendar, at, _span(clock, calendar, begin, end))
        found.append((level, _beside_due(at, clock.due_at, share)))
    return tuple(found)


def _beside_due(at: datetime, due: datetime, share: float) -> datetime:
    """Limits in days end with the day, so a share may fall a little off: keep it on its side of the due
    time."""
    if share == 1:
        return due
    return min(at, due) if share < 1 else max(at, due)


def _natural(clock: Clock) -> bool:
    return clock.limit.unit in (LimitUnit.HOURS, LimitUnit.DAYS)


def _span(clock: Clock, calendar: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    """Time between two moments as this clock counts it."""
    if _natural(clock):
        return max(timedelta(0), end.astimezone(UTC) - start.astimezone(UTC))
    return working_between(calendar, start, end)


def _forward(clock: Clock, calendar: WorkingCalendar, start: datetime, more: timedelta) -> datetime:
    if _natural(clock):
        return calendar.local(start.astimezone(UTC) + more)
    return add_working_hours(calendar, start, more / timedelta(hours=1))
