"""The assessment: rates become a score, approved exclusions are taken out, and whoever a department sent down is scored
by the street and by the department together (60/40 unless the district set other weights)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import Case
from backend.domain.assessment import dual, score
from backend.domain.rates import Rate
from backend.office import Office
from backend.reports.models import COUNTS, CaseExclusion, CaseFlags
from backend.reports.rates import Figure, Sum, sums_by
from backend.reports.scope import GroupBy, Scope, group_key, names_of, scope_of
from backend.reports.weights import department_scores, weights_of


@dataclass(frozen=True, slots=True)
class ExcludedCase:
    """A case left out, of one rate or (None) of all; who asked, who approved, and why."""

    number: str
    rate: Rate | None
    reason: str
    asked_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class AssessmentLine:
    """One group. `score` joins street and department; `complete` is False when one of the two is missing."""

    key: str
    name: str
    cases: int
    figures: dict[Rate, Figure]
    street_score: float | None
    department_score: float | None
    score: float | None
    complete: bool


@dataclass(frozen=True, slots=True)
class AssessmentReport:
    """All groups, best first; with the weights used and everything that was left out."""

    scope: Scope
    by: GroupBy
    weights: dict[Rate, float]
    dual_weights: tuple[float, float]
    lines: tuple[AssessmentLine, ...]
    excluded: tuple[ExcludedCase, ...]


async def assessment_report(
    session: AsyncSession, office: Office, start: date, end: date, area: str = "", by: GroupBy = GroupBy.WORKER
) -> AssessmentReport:
    """Scores of cases filed in the period. Raises `UnknownArea` or `PeriodBackwards`."""
    scope = await scope_of(session, office, start, end, area)
    weights, dual_weights = await weights_of(session, office)
    sums = await sums_by(session, scope, by)
    excluded = await _take_out(session, scope, by, sums)
    names = await names_of(session, office, by, sums)
    departments = await department_scores(session, office, f"{start:%Y-%m}", f"{end:%Y-%m}")
    lines = []
    for key, one in sums.items():
        street, given = score(one.figures(), weights), departments.get(key)
        both = dual(street, given, dual_weights) if given is not None else None
        total, complete = (both.value, both.complete) if both else (street, True)
        lines.append(AssessmentLine(key, names[key], one.cases, one.figures(), street, given, total, complete))
    lines.sort(key=lambda line: (line.score is None, -(line.score or 0), line.key))
    return AssessmentReport(scope, by, weights, dual_weights, tuple(lines), excluded)


async def _take_out(session: AsyncSession, scope: Scope, by: GroupBy, sums: dict[str, Sum]) -> tuple[ExcludedCase, ...]:
    """Takes what the excluded cases count out of the sums; each rate of a case at most once."""
    found = await session.exec(
        select(CaseExclusion, CaseFlags, Case.number)
        .join(CaseFlags, col(CaseFlags.case_id) == col(CaseExclusion.case_id))
        .join(Case, col(Case.id) == col(CaseExclusion.case_id))
        .where(*scope.covers(CaseFlags), CaseExclusion.status == "approved")
        .order_by(col(CaseExclusion.id))
    )
    listed, done = [], set()
    for wanted, flags, number in found.all():
        rate = Rate(wanted.rate) if wanted.rate else None
        listed.append(ExcludedCase(number, rate, wanted.reason, wanted.asked_by, wanted.decided_by or ""))
        into = sums.get(group_key(by, flags.day, flags.area_path, flags.category, flags.staff))
        for each in [rate] if rate else list(Rate):
            if into is not None and (flags.case_id, each) not in done:
                done.add((flags.case_id, each))
                into.add(0, {name: getattr(flags, name) for name in COUNTS if name.startswith(f"{each.value}_")}, -1)
    return tuple(listed)
