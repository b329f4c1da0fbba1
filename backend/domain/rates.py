"""The rates a street is judged by. Each case carries a flag per rate: does it count below the line, and above
it.

| rate      | below the line                                       | above the line                              |
|-----------|------------------------------------------------------|---------------------------------------------|
| response  | the first contact was made, or its time ran out       | … it was made in time                       |
| solved    | the work was said to be done at least once            | … verified, and no request to reopen stands |
| satisfied | the resident gave a score                             | … of 4 or 5                                 |
| on_time   | the work ended, or its time ran out                   | … it ended in time                          |
| send_back | it was given to somebody                              | … who returned it                           |
| redo      | the work was said to be done at least once            | … and had to be done again                  |

Nothing counts for cases that were void, merged, rejected, moved out or withdrawn before any work, nor for
praise
and consultations. What a case is, is what it was *filed* as: relabelling a complaint as a consultation
changes no
line, and a longer limit gained by relabelling does not make it on time. Small is good for send_back and redo.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.domain.case_view import CaseView, Event
from backend.domain.clock import Clock
from backend.domain.feedback import HAPPY_FROM
from backend.domain.words import CaseState, ClockName, Kind, Level


class Rate(StrEnum):
    """The rates, with the Chinese word."""

    RESPONSE = "response"  # 响应率
    SOLVED = "solved"  # 解决率
    SATISFIED = "satisfied"  # 满意率
    ON_TIME = "on_time"  # 按时办结率
    SEND_BACK = "send_back"  # 退回率
    REDO = "redo"  # 返工率


@dataclass(frozen=True, slots=True)
class Flag:
    """Whether a case counts below the line and above it (never above without below)."""

    below: bool
    above: bool


OUT_OF_COUNT = (CaseState.VOID, CaseState.MERGED, CaseState.REJECTED, CaseState.TRANSFERRED_OUT)
NOT_JUDGED = (Kind.CONSULTATION, Kind.PRAISE)
PASSED = (CaseState.VERIFIED, CaseState.CLOSED)
# a published weighting; a setting
WEIGHTS: Mapping[Rate, float] = {Rate.RESPONSE: 30, Rate.SOLVED: 35, Rate.SATISFIED: 35}

Flags = dict[Rate, Flag]


def flags(
    case: CaseView,
    history: Sequence[Event],
    found: Iterable[Clock],
    now: datetime,
    as_filed: Iterable[Clock] = (),
) -> Flags:
    """All flags of one case at `now`. `found` are its clocks; `as_filed` its clocks under the limits of the
    kind
    it was filed as: when the kind was changed, both must be in time."""
    done = any(e.name in ("done", "settle", "answer") for e in history)
    if not _counts(case, done):
        return dict.fromkeys(Rate, Flag(False, False))
    every = [*found, *as_filed]
    names = {e.name for e in history}
    scores = [int(e.data["score"]) for e in history if e.name == "feedback"]
    given = bool(names & {"dispatch", "claim", "transfer"})
    solved = case.state in PASSED and case.reopen_asked_by is None
    return {
        Rate.RESPONSE: _in_time(every, ClockName.FIRST_CONTACT, now),
        Rate.SOLVED: Flag(done, done and solved),
        Rate.SATISFIED: Flag(bool(scores), bool(scores) and scores[-1] >= HAPPY_FROM),
        Rate.ON_TIME: _in_time(every, ClockName.RESOLVE, now),
        Rate.SEND_BACK: Flag(given, given and "return_" in names),
        Rate.REDO: Flag(done, done and case.redo_count > 0),
    }


def _counts(case: CaseView, done: bool) -> bool:
    if case.state in OUT_OF_COUNT or (case.state is CaseState.WITHDRAWN and not done):
        return False
    return (case.first_kind or case.kind) not in NOT_JUDGED


def _in_time(found: Iterable[Clock], name: ClockName, now: datetime) -> Flag:
    """Decided once every round has stopped, or one has run out; every round must have been in time."""
    mine = [clock for clock in found if clock.name is name]
    late = any(clock.is_overdue(now) for clock in mine)
    decided = late or (bool(mine) and all(clock.stopped_at is not None for clock in mine))
    return Flag(decided, decided and not late)


@dataclass(slots=True)
class Tally:
    """A figure that can open its own list: ids below and above the line."""

    below: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)

    @property
    def value(self) -> float | None:
        """0..1, or None when nothing counts."""
        return len(self.above) / len(self.below) if self.below else None


def tally(cases: Iterable[tuple[str, Flags]]) -> dict[Rate, Tally]:
    """Figures over many cases, each with the cases behind it."""
    sums = {rate: Tally() for rate in Rate}
    for case_id, marks in cases:
        for rate, flag in marks.items():
            if flag.below:
                sums[rate].below.append(case_id)
            if flag.above:
                sums[rate].above.append(case_id)
    return sums


@dataclass(frozen=True, slots=True)
class LadderTable:
    """Accepted, settled on the spot, reported up, still open; shares are of accepted, in per cent, one
    decimal."""

    accepted: int
    settled: int
    reported_up: int
    open: int
    by_level: Mapping[Level, int]  # settled per level

    def share(self, count: int) -> float:
        """Per cent of accepted."""
        return round(100 * count / self.accepted, 1) if self.accepted else 0.0


def ladder_table(cases: Iterable[CaseView], top: Level = Level.STREET) -> LadderTable:
    """Who settled what: cases at or below `top` that are done count as settled, those above it as reported
    up."""
    accepted = settled = up = still = 0
    by_level = dict.fromkeys(Level, 0)
    for case in cases:
        if case.state in OUT_OF_COUNT:
            continue
        accepted += 1
        ended = case.state in (*PASSED, CaseState.DONE)
        by_level[case.level] += ended
        if case.level.rank > top.rank:
            up += 1
        elif ended:
            settled += 1
        else:
            still += 1
    return LadderTable(accepted, settled, up, still, by_level)
