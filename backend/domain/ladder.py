"""How a case climbs the ladder: one rung at a time, why it may jump, and what pushes it up.

| pushed up by                     | what happens                                                    |
|----------------------------------|-----------------------------------------------------------------|
| the accept limit broken          | inform: the level above now watches, the owner stays            |
| the resolve limit broken         | inform                                                          |
| a red card on the resolve clock  | hand over: the level above becomes responsible                  |
| three redos                      | hand over                                                       |
| a third pass without an owner    | hand over (the third pass itself is refused)                    |
| an unhappy resident              | inform                                                          |
| a person                         | either, by the moves `inform`, `supervise` and `hand_over`      |

Every push happens once: it is stored with the event as `trigger` and does not fire again until a reopening.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from backend.domain.case_view import CaseView, Event
from backend.domain.words import ClockName, Kind, Level, Urgency, WarnLevel

REDO_LIMIT = 3
PASS_LIMIT = 3


class Push(StrEnum):
    """What pushes a case up."""

    NOT_ACCEPTED = "not_accepted"
    OVERDUE = "overdue"
    RED_CARD = "red_card"
    REDOS = "redos"
    PASSES = "passes"
    UNHAPPY = "unhappy"


class Upward(StrEnum):
    """The two different moves up; the value is the name of the move."""

    INFORM = "inform"
    HAND_OVER = "hand_over"


RESPONSE: dict[Push, Upward] = {
    Push.NOT_ACCEPTED: Upward.INFORM,
    Push.OVERDUE: Upward.INFORM,
    Push.RED_CARD: Upward.HAND_OVER,
    Push.REDOS: Upward.HAND_OVER,
    Push.PASSES: Upward.HAND_OVER,
    Push.UNHAPPY: Upward.INFORM,
}


@dataclass(frozen=True, slots=True)
class SkipRule:
    """Allows a jump over rungs; empty sets mean "any". Works in both directions between the two levels."""

    name: str
    low: Level
    high: Level
    kinds: frozenset[Kind] = frozenset()
    urgencies: frozenset[Urgency] = frozenset()

    def allows(self, kind: Kind, urgency: Urgency, start: Level, to: Level) -> bool:
        """Whether this rule covers the jump."""
        fits = (not self.kinds or kind in self.kinds) and (not self.urgencies or urgency in self.urgencies)
        low, high = sorted((start.rank, to.rank))
        return fits and self.low.rank <= low and high <= self.high.rank


SKIP_RULES: tuple[SkipRule, ...] = (
    SkipRule("emergency_at_once", Level.GRID, Level.DISTRICT, urgencies=frozenset({Urgency.EMERGENCY})),
    SkipRule("urgent_to_street", Level.GRID, Level.STREET, urgencies=frozenset({Urgency.URGENT})),
)


def is_next_rung(start: Level, to: Level) -> bool:
    """Direct child, direct parent, or the same level."""
    return abs(start.rank - to.rank) <= 1


def jump_rule(case: CaseView, to: Level, rules: Iterable[SkipRule] = SKIP_RULES) -> str | None:
    """Name of the first rule that allows going straight to this level (give it as `skip_rule`), or None."""
    allowed = (r.name for r in rules if r.allows(case.kind, case.urgency, case.level, to))
    return next(allowed, None)


@dataclass(frozen=True, slots=True)
class Signals:
    """What the desk has noticed. `warned`: gravest warning per clock; `refused_pass`: a TransferLoop just
    now."""

    warned: tuple[tuple[ClockName, WarnLevel], ...] = ()
    refused_pass: bool = False
    unhappy: bool = False

    def reached(self, clock: ClockName, level: WarnLevel) -> bool:
        """Whether this clock has warned so gravely."""
        return any(name is clock and w.rank >= level.rank for name, w in self.warned)


@dataclass(frozen=True, slots=True)
class Escalation:
    """Do this once. `covers` are pushes that hold as well and are settled by the same move."""

    push: Push
    move: Upward
    to_level: Level
    covers: tuple[Push, ...] = ()

    @property
    def key(self) -> str:
        """The `trigger` to give with the move; `fired` reads it back from history."""
        return ",".join((self.push, *self.covers))


def fired(history: Iterable[Event]) -> set[str]:
    """The pushes that have had their effect since filing or the last reopening."""
    keys: set[str] = set()
    for event in history:
        if event.name == "reopen":
            keys.clear()
        keys |= {key for key in str(event.data.get("trigger", "")).split(",") if key}
    return keys


def pushes(case: CaseView, signals: Signals) -> list[Push]:
    """All that pushes this case up now, gravest last."""
    checks = (
        (Push.NOT_ACCEPTED, signals.reached(ClockName.ACCEPT, WarnLevel.BREACH)),
        (Push.OVERDUE, signals.reached(ClockName.RESOLVE, WarnLevel.BREACH)),
        (Push.UNHAPPY, signals.unhappy),
        (Push.RED_CARD, signals.reached(ClockName.RESOLVE, WarnLevel.RED)),
        (Push.REDOS, case.redo_count >= REDO_LIMIT),
        (Push.PASSES, signals.refused_pass or case.transfer_count >= PASS_LIMIT),
    )
    return [push for push, holds in checks if holds]


def escalations(case: CaseView, signals: Signals, already: Collection[str]) -> list[Escalation]:
    """What to do now; `already` is `fired(history)`. Each push once, and one hand-over settles all that hold now,
    so that two pushes at once do not climb two rungs. Nothing above the district or after the end."""
    above = case.level.parent
    if above is None or case.ended:
        return []
    found = [p for p in pushes(case, signals) if p.value not in already]
    handing = [p for p in found if RESPONSE[p] is Upward.HAND_OVER]
    if not handing:
        return [Escalation(p, RESPONSE[p], above) for p in found]
    lead = handing[-1]
    return [Escalation(lead, Upward.HAND_OVER, above, tuple(p for p in found if p is not lead))]
