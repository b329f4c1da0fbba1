"""Hot spots: where many people reported the same kind of thing. People are counted, not cases."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import Case, CaseReporter
from backend.office import Office
from backend.reports.scope import scope_of

MOST_SPOTS = 50
MOST_NUMBERS = 200


@dataclass(frozen=True, slots=True)
class HotSpotLine:
    """So many people reported this category in this area; `numbers` are the cases, newest first."""

    area_code: str
    area_name: str
    category: str
    category_name: str
    count: int
    numbers: tuple[str, ...]


async def hot_spots(
    session: AsyncSession, office: Office, start: date, end: date, area: str = "", at_least: int = 3
) -> tuple[HotSpotLine, ...]:
    """The fifty hottest, most people first. An anonymous or telephone report without a resident counts as one."""
    scope = await scope_of(session, office, start, end, area)
    begins = datetime.combine(start, time(0), office.zone)
    ends = datetime.combine(end + timedelta(days=1), time(0), office.zone)
    inside: list[Any] = [
        Case.district_code == office.district_code,
        Case.created_at >= begins,
        Case.created_at < ends,
        Case.category_code != "",
        col(Case.state) != "merged",  # its reporters are counted with the case it was merged into
    ]
    if scope.path:
        inside.append(col(Case.area_path).startswith(scope.path, autoescape=True))
    place: Any = func.coalesce(Case.grid_code, Case.area_code)
    reporters = (
        select(CaseReporter.case_id, func.count().label("people")).group_by(col(CaseReporter.case_id)).subquery()
    )
    people: Any = func.sum(func.coalesce(reporters.c.people, 1))
    found = await session.exec(
        select(place, Case.category_code, people)
        .outerjoin(reporters, reporters.c.case_id == col(Case.id))
        .where(*inside)
        .group_by(place, col(Case.category_code))
        .having(people >= at_least)
        .order_by(people.desc(), place, col(Case.category_code))
        .limit(MOST_SPOTS)
    )
    lines = []
    for code, category, count in found.all():
        numbers = await session.exec(
            select(Case.number)
            .where(*inside, place == code, Case.category_code == category)
            .order_by(col(Case.id).desc())
            .limit(MOST_NUMBERS)
        )
        names = office.atlas.full_name(code), office.taxonomy.name_of(category)
        lines.append(HotSpotLine(code, names[0], category, names[1], int(count), tuple(numbers.all())))
    return tuple(lines)
