"""Rates of a place and period, per worker, place, category, day or month, from the stored sums."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, literal
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.rates import Rate
from backend.office import Office
from backend.reports.models import COUNTS, RATES, CaseFlags, Rollup
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
    total = await total_of(session, scope)
    names = await names_of(session, office, by, sums)
    lines = [RateLine(key, names[key], one.cases, one.figures()) for key, one in sorted(sums.items())]
    name = office.atlas.full_name(area or office.district_code)
    return RatesReport(scope, by, RateLine(TOTAL, name, total.cases, total.figures()), tuple(lines))


async def total_of(session: AsyncSession, scope: Scope) -> Sum:
    """The counts of the place as a whole."""
    found = await _grouped(session, Rollup, literal(""), [*scope.sums("all"), col(Rollup.path) == scope.root])
    return found.get("", Sum())


async def sums_by(session: AsyncSession, scope: Scope, by: GroupBy) -> dict[str, Sum]:
    """The counts of each group; what belongs to none (not placed so deep) is under "", groups without any count are
    left out."""
    if by in PLACES:
        sums = await _by_place(session, scope, PLACES[by])
    elif by in (GroupBy.DAY, GroupBy.MONTH):
        rows = await _grouped(session, Rollup, col(Rollup.day), [*scope.sums("all"), col(Rollup.path) == scope.root])
        sums = {}
        for day, one in rows.items():
            sums.setdefault(group_key(by, day, "", "", ""), Sum()).add(one.cases, one.counts)
    elif scope.depth > 1:  # few cases: counted one by one
        column = col(CaseFlags.category) if by is GroupBy.CATEGORY else col(CaseFlags.staff)
        sums = await _grouped(session, CaseFlags, column, scope.covers(CaseFlags))
    elif by is GroupBy.CATEGORY:
        own = col(Rollup.path) == scope.root
        sums = await _grouped(session, Rollup, col(Rollup.key), [*scope.sums("category"), own])
    else:
        inside = col(Rollup.path).startswith(scope.root, autoescape=True)
        sums = await _grouped(session, Rollup, col(Rollup.key), [*scope.sums("worker"), inside])
    return {key: one for key, one in sums.items() if one.cases or any(one.counts.values())}


async def _by_place(session: AsyncSession, scope: Scope, depth: int) -> dict[str, Sum]:
    """One group per area of this depth inside the place; above the place itself there is only the one it lies in."""
    total = await total_of(session, scope)
    codes = scope.root.strip("/").split("/")
    if depth <= scope.depth:
        return {codes[depth]: total}
    inside = [col(Rollup.depth) == depth, col(Rollup.path).startswith(scope.root, autoescape=True)]
    rows = await _grouped(session, Rollup, col(Rollup.path), [*scope.sums("all"), *inside])
    sums = {path.strip("/").rpartition("/")[2]: one for path, one in rows.items()}
    rest = Sum()
    rest.add(total.cases, total.counts)
    for one in sums.values():
        rest.add(one.cases, one.counts, -1)
    return sums | {"": rest}


async def _grouped(session: AsyncSession, table: Any, dimension: Any, where: Sequence[Any]) -> dict[Any, Sum]:
    columns = [func.coalesce(func.sum(getattr(table, name)), 0) for name in COUNTS]
    found = await session.exec(select(dimension, *columns).where(*where).group_by(dimension))
    sums: dict[Any, Sum] = {}
    for value, cases, _ended, *counts in found.all():
        sums[value] = Sum()
        sums[value].add(int(cases), {name: int(count) for name, count in zip(COUNTS[2:], counts, strict=True)})
    return sums
