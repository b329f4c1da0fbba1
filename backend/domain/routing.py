"""Which unit or person a case goes to by rule, before the ladder is asked: ordered rules, the first that fits
wins.

A rule whose target is gone (unit closed, person left) is passed over and reported, so that it is switched off
and
somebody hears of it; the case takes the next rule. `dry_run` shows what a set of rules would do, changing
nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from backend.domain.case_view import CaseView
from backend.domain.words import Kind, Source, Urgency


class TargetKind(StrEnum):
    """What a rule sends to."""

    PERSON = "person"
    UNIT = "unit"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to."""

    kind: TargetKind
    id: str


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """One row; empty conditions mean "any". `categories` are leaves or whole classes (`urban`)."""

    id: str
    order: int
    target: Target
    categories: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    urgencies: tuple[Urgency, ...] = ()
    areas: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    enabled: bool = True

    def fits(self, case: CaseView) -> bool:
        """Whether every condition holds."""
        in_category = any(case.category == c or case.category.startswith(f"{c}.") for c in self.categories)
        return (
            self.enabled
            and (not self.categories or in_category)
            and (not self.kinds or case.kind in self.kinds)
            and (not self.urgencies or case.urgency in self.urgencies)
            and (not self.areas or any(code in self.areas for code in case.area_path))
            and (not self.sources or case.source in self.sources)
        )


@dataclass(frozen=True, slots=True)
class Route:
    """The rule that won (None: ask the ladder) and the rules to switch off because their target is gone."""

    rule: RoutingRule | None = None
    gone: tuple[str, ...] = ()


@dataclass(slots=True)
class DryRun:
    """What a set of rules would have done to these cases."""

    cases_by_rule: dict[str, list[str]] = field(default_factory=dict)
    by_ladder: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


Alive = Callable[[Target], bool]


def route(rules: Iterable[RoutingRule], case: CaseView, is_alive: Alive) -> Route:
    """First enabled rule, by `order` then id, that fits, has a living target and is not about that target."""
    gone: list[str] = []
    for rule in sorted(rules, key=lambda r: (r.order, r.id)):
        if not rule.fits(case) or rule.target.id in case.subjects:
            continue
        if is_alive(rule.target):
            return Route(rule, tuple(gone))
        gone.append(rule.id)
    return Route(None, tuple(gone))


def dry_run(rules: Sequence[RoutingRule], cases: Iterable[CaseView], is_alive: Alive) -> DryRun:
    """Try the rules on past cases. Rules that win nothing appear with an empty list."""
    result = DryRun({rule.id: [] for rule in sorted(rules, key=lambda r: (r.order, r.id))})
    gone: set[str] = set()
    for case in cases:
        found = route(rules, case, is_alive)
        gone.update(found.gone)
        (result.by_ladder if found.rule is None else result.cases_by_rule[found.rule.id]).append(case.id)
    result.gone = sorted(gone)
    return result
