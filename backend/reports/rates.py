"""Rates of a place and period, per worker, place, category, day or month, from the stored sums."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.rates import Rate
from backend.office import Office
from backend.reports.models import COUNTS, RATES, Rollup
from backend.reports.scope import PLACES, GroupBy, Scope, group_key, names_of, scope_of

TOTAL = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """So many above the line of so many below it."""

    below: int = 0
    above: int = 0

    @property
    def value(self) -> float | None:
        """0..1, or None when nothing counts."""
        return self.above / self.below if self.below else None


@dataclass(frozen=True, slots=True)
class RateLine:
    """The rates of one group."""

    key: str
    name: str
    cases: int
    figures: dict[Rate, Figure]


@dataclass(frozen=True, slots=True)
class RatesReport:
    """All groups and their total."""

    scope: Scope
    by: GroupBy
    total: RateLine
    lines: tuple[RateLine, ...]


@dataclass(slots=True)
class Sum:
    """Counts of one group while they are added up."""

    cases: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS[2:], 0))

    def add(self, cases: int, counts: dict[str, int], sign: int = 1) -> None:
        """Adds (or with −1 takes away) a row's counts."""
        self.cases += sign * cases
        for name, count in counts.items():
            self.counts[name] += sign * count

    def figures(self) -> dict[Rate, Figure]:
        """The rates."""
        return {Rate(name): Figure(self.counts[f"{name}_below"], self.counts[f"{name}_above"]) for name in RATES}


async def rates_report(
    session: AsyncSession,
    office: Office,
    start: date,
    end: date,
    area: str = "",
    by: GroupBy = GroupBy.COMMUNITY,
) -> RatesReport:
    """The rates of cases filed in the period. Raises `UnknownArea` or `PeriodBackwards`."""
    scope = await scope_of(session, office, start, end, area)
    sums = await sums_by(session, scope, by)
    total = Sum()
    for one in sums.values():
        total.add(one.cases, one.counts)
    names = await names_of(session, office, by, sums)
    lines = [RateLine(key, names[key], one.cases, one.figures()) for key, one in sorted(sums.items())]
    name = office.atlas.full_name(area or office.district_code)
    return RatesReport(scope, by, RateLine(TOTAL, name, total.cases, total.figures()), tuple(lines))


async def sums_by(session: AsyncSession, scope: Scope, by: GroupBy) -> dict[str, Sum]:
    """The counts of each group; groups in which nothing counts are left out."""
    dimension: Any = _dimension(by)
    asked = (
        select(dimension, *(func.sum(getattr(Rollup, name)) for name in COUNTS))
        .where(*scope.covers(Rollup))
        .group_by(dimension)
    )
    sums: dict[str, Sum] = {}
    for value, cases, _ended, *counts in (await session.exec(asked)).all():
        into = sums.setdefault(_key(by, value), Sum())
        into.add(int(cases), {name: int(count) for name, count in zip(COUNTS[2:], counts, strict=True)})
    return {key: one for key, one in sums.items() if one.cases or any(one.counts.values())}


def _dimension(by: GroupBy) -> Any:
    if by in PLACES:
        return col(Rollup.area_path)
    if by is GroupBy.CATEGORY:
        return col(Rollup.category)
    return col(Rollup.staff) if by is GroupBy.WORKER else col(Rollup.day)


def _key(by: GroupBy, value: Any) -> str:
    if isinstance(value, date):
        return group_key(by, value, "", "", "")
    return group_key(by, date.min, value, value, value)
