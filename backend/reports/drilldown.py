"""The cases behind a figure: numerator and denominator, page by page; every number in a report opens this list."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, extract
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area
from backend.cases.models import Case
from backend.domain.rates import Rate
from backend.domain.words import Level
from backend.office import Office
from backend.reports.models import CaseFlags
from backend.reports.scope import PLACES, GroupBy, scope_of

Part = Literal["accepted", "settled", "reported_up", "open"]
PAGE = 200


@dataclass(frozen=True, slots=True)
class CaseBehind:
    """One case of a list; pass the last `case_id` as `after_id` for the next page."""

    case_id: int
    number: str
    title: str
    category: str
    area_path: str
    state: str


async def cases_behind(
    session: AsyncSession,
    office: Office,
    start: date,
    end: date,
    area: str = "",
    *,
    rate: Rate,
    above: bool,
    by: GroupBy | None = None,
    key: str = "",
    after_id: int = 0,
    limit: int = PAGE,
) -> tuple[CaseBehind, ...]:
    """The cases that count above (or below) the line of a rate, of one group or of all, oldest first."""
    side = getattr(CaseFlags, f"{rate.value}_{'above' if above else 'below'}")
    conditions = [col(side) > 0, *(await _of_group(session, by, key))]
    return await _page(session, office, (start, end, area), conditions, after_id, limit)


async def ladder_cases(
    session: AsyncSession,
    office: Office,
    start: date,
    end: date,
    area: str = "",
    *,
    part: Part,
    top: Level = Level.STREET,
    after_id: int = 0,
    limit: int = PAGE,
) -> tuple[CaseBehind, ...]:
    """The cases behind one figure of the ladder table."""
    low = [level.value for level in Level if level.rank <= top.rank]
    conditions: list[ColumnElement[bool]] = [col(CaseFlags.cases) > 0]
    if part == "reported_up":
        conditions.append(col(CaseFlags.level).not_in(low))
    elif part in ("settled", "open"):
        conditions += [col(CaseFlags.level).in_(low), col(CaseFlags.ended) == int(part == "settled")]
    return await _page(session, office, (start, end, area), conditions, after_id, limit)


async def _of_group(session: AsyncSession, by: GroupBy | None, key: str) -> list[ColumnElement[bool]]:
    if by is None:
        return []
    if by is GroupBy.CATEGORY:
        return [col(CaseFlags.category) == key]
    if by is GroupBy.WORKER:
        return [col(CaseFlags.staff) == key]
    if by is GroupBy.DAY:
        return [col(CaseFlags.day) == date.fromisoformat(key)]
    if by is GroupBy.MONTH:
        year, month = key.split("-")
        day: Any = col(CaseFlags.day)
        return [extract("year", day) == int(year), extract("month", day) == int(month)]
    place = await session.get(Area, key) if key else None
    if place is not None:
        return [col(CaseFlags.area_path).startswith(place.path, autoescape=True)]
    shallow = "%/" * (PLACES[by] + 1)
    return [col(CaseFlags.area_path).not_like(shallow)]


async def _page(
    session: AsyncSession,
    office: Office,
    of: tuple[date, date, str],
    conditions: list[ColumnElement[bool]],
    after_id: int,
    limit: int,
) -> tuple[CaseBehind, ...]:
    scope = await scope_of(session, office, *of)
    found = await session.exec(
        select(Case)
        .join(CaseFlags, col(CaseFlags.case_id) == col(Case.id))
        .where(*scope.covers(CaseFlags), *conditions, col(Case.id) > after_id)
        .order_by(col(Case.id))
        .limit(limit)
    )
    return tuple(
        CaseBehind(case.id or 0, case.number, case.title, case.category_code, case.area_path, case.state)
        for case in found.all()
    )
