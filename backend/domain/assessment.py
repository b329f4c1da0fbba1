"""How rates become a score, who is scored by whom, and what may be left out.

Staff sent down by a department are scored by the street for 60 % and by the department for 40 %; both figures
are
settings. A case is left out (剔除) only with a reason and the approval of somebody other than the one who
asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from backend.domain.rates import WEIGHTS, Flag, Flags, Rate
from backend.domain.refusals import AskerMayNotApprove, ReasonRequired

DUAL_WEIGHTS: tuple[float, float] = (60, 40)  # street, department


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Leave a case out of one rate, or of all (`rate` None). Counts only once approved."""

    case_id: str
    reason: str
    asked_by: str
    approved_by: str | None = None
    rate: Rate | None = None


def approve_exclusion(wanted: Exclusion, approver: str) -> Exclusion:
    """Raises `ReasonRequired` without a reason, `AskerMayNotApprove` when the asker approves."""
    if not wanted.reason.strip():
        raise ReasonRequired
    if approver == wanted.asked_by:
        raise AskerMayNotApprove
    return Exclusion(wanted.case_id, wanted.reason, wanted.asked_by, approver, wanted.rate)


def without_excluded(cases: Iterable[tuple[str, Flags]], exclusions: Iterable[Exclusion]) -> list[tuple[str, Flags]]:
    """The flags with the approved exclusions taken out, below and above the line."""
    out: set[tuple[str, Rate]] = set()
    for wanted in exclusions:
        if wanted.approved_by and wanted.reason.strip() and wanted.approved_by != wanted.asked_by:
            out |= {(wanted.case_id, rate) for rate in ([wanted.rate] if wanted.rate else Rate)}
    nothing = Flag(False, False)
    return [(i, {r: nothing if (i, r) in out else f for r, f in marks.items()}) for i, marks in cases]


class Valued(Protocol):
    """A figure that knows its value, 0..1, or None when nothing counts: a `Tally` with its cases, or mere sums."""

    @property
    def value(self) -> float | None: ...


def score(figures: Mapping[Rate, Valued], weights: Mapping[Rate, float] = WEIGHTS) -> float | None:
    """0–100, weighted over the rates that have anything to count; None when none has."""
    known = {rate: value for rate in weights if (value := figures[rate].value) is not None}
    total = sum(weights[rate] for rate in known)
    if not known or total <= 0:
        return None
    return round(100 * sum(weights[rate] * value for rate, value in known.items()) / total, 2)


@dataclass(frozen=True, slots=True)
class DualScore:
    """A joint score; `complete` is False when one of the two had not scored and the other counts alone."""

    value: float | None
    complete: bool


def dual(street: float | None, department: float | None, weights: tuple[float, float] = DUAL_WEIGHTS) -> DualScore:
    """Street and department together, e.g. 90 and 80 at 60/40 → 86."""
    given = [(s, w) for s, w in ((street, weights[0]), (department, weights[1])) if s is not None and w > 0]
    if not given:
        return DualScore(None, False)
    value = sum(s * w for s, w in given) / sum(w for _, w in given)
    return DualScore(round(value, 2), len(given) == sum(1 for w in weights if w > 0))
