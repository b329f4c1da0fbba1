"""The ladder table: accepted, settled on the spot, reported up, still open: 4,011 accepted, 2,904 settled, 986 up.

Small problems stay in the grid, ordinary ones in the community, outstanding ones in the street: what a level at or
below `top` settled is settled, what a level above holds was reported up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.rates import LadderTable
from backend.domain.words import Level
from backend.office import Office
from backend.reports.models import Rollup
from backend.reports.scope import Scope, scope_of

Row = tuple[str, str, int, int]  # path, level, cases, ended


@dataclass(frozen=True, slots=True)
class LadderLine:
    """The table of one area."""

    code: str
    name: str
    table: LadderTable


@dataclass(frozen=True, slots=True)
class LadderReport:
    """The table of a place and period, and a line for each area directly below."""

    scope: Scope
    name: str
    top: Level
    table: LadderTable
    lines: tuple[LadderLine, ...]

    @property
    def accepted(self) -> int:
        """Cases taken on (void, merged, rejected and moved-out ones do not count)."""
        return self.table.accepted

    @property
    def settled(self) -> int:
        """Settled at `top` or below."""
        return self.table.settled

    @property
    def reported_up(self) -> int:
        """Held above `top`, settled or not."""
        return self.table.reported_up

    @property
    def open(self) -> int:
        """Still being worked on at `top` or below."""
        return self.table.open

    def share(self, count: int) -> float:
        """Per cent of accepted, one decimal."""
        return self.table.share(count)


async def ladder_report(
    session: AsyncSession, office: Office, start: date, end: date, area: str = "", top: Level = Level.STREET
) -> LadderReport:
    """The ladder table from the stored sums. Raises `UnknownArea` or `PeriodBackwards`."""
    scope = await scope_of(session, office, start, end, area)
    own = await _rows(session, scope, col(Rollup.path) == scope.root)
    inside = (col(Rollup.depth) == scope.depth + 1) & col(Rollup.path).startswith(scope.root, autoescape=True)
    below: dict[str, list[Row]] = {}
    for row in await _rows(session, scope, inside):
        below.setdefault(row[0].strip("/").rpartition("/")[2], []).append(row)
    lines = [LadderLine(code, office.atlas.full_name(code), _table(mine, top)) for code, mine in sorted(below.items())]
    name = office.atlas.full_name(area or office.district_code)
    return LadderReport(scope, name, top, _table(own, top), tuple(lines))


async def _rows(session: AsyncSession, scope: Scope, where: ColumnElement[bool]) -> list[Row]:
    found = await session.exec(
        select(Rollup.path, Rollup.level, func.sum(Rollup.cases), func.sum(Rollup.ended))
        .where(*scope.sums("all"), where)
        .group_by(col(Rollup.path), col(Rollup.level))
    )
    return [(path, level, int(cases), int(ended)) for path, level, cases, ended in found.all()]


def _table(rows: Iterable[Row], top: Level) -> LadderTable:
    accepted = settled = up = 0
    by_level = dict.fromkeys(Level, 0)
    for _, level_code, cases, ended in rows:
        level = Level(level_code)
        accepted += cases
        by_level[level] += ended
        if level.rank > top.rank:
            up += cases
        else:
            settled += ended
    return LadderTable(accepted, settled, up, accepted - settled - up, by_level)
