"""Open cases near a new one that may be the same event: ten reports of one water cut are one event."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.address_line import parse_address
from backend.cases.models import Case, CaseReporter
from backend.desk_facts import SimilarFacts
from backend.domain.clusters import Sighting, suggest
from backend.domain.words import LIVE
from backend.office import Office

MOST_COMPARED = 200  # open cases of one community in two days: far more than there ever are


def building_of(place: str) -> str | None:
    """The normal form of a place down to the building, the unit of "the same place"; None when none is named."""
    line = parse_address(place)
    named = line.estate or line.road
    number = line.building or line.number
    return f"{named}{number}" if named and number else None


def sighting(case: Case, reporters: int) -> Sighting:
    """A stored case as the rules of clusters see it."""
    point = (case.lat, case.lon) if case.lat is not None and case.lon is not None else None
    return Sighting(
        case.number,
        case.category_code,
        case.grid_code or case.area_code,
        case.created_at,
        case.description,
        building_of(case.place),
        point,
        reporters,
    )


async def similar_open(
    session: AsyncSession,
    office: Office,
    area_code: str,
    category: str,
    place: str,
    text: str,
    now: datetime,
    point: tuple[float, float] | None = None,
) -> list[SimilarFacts]:
    """The likeliest open cases, best first; none without a category or a place."""
    area = office.atlas.area(area_code)
    if area is None or not category:
        return []
    community = area.path[:3]
    new = Sighting("", category, area_code, now, text, building_of(place), point)
    rows = await _open_near(session, "".join(f"{code}/" for code in community), now)
    found = suggest(new, [sighting(case, count) for case, count in rows])
    by_number = {case.number: case for case, _ in rows}
    return [
        SimilarFacts(
            one.case_id,
            by_number[one.case_id].title,
            by_number[one.case_id].place,
            one.reporters,
            one.score,
            by_number[one.case_id].category_code,
        )
        for one in found
    ]


async def _open_near(session: AsyncSession, path: str, now: datetime) -> Sequence[tuple[Case, int]]:
    counted = (
        select(CaseReporter.case_id, func.count().label("reporters")).group_by(col(CaseReporter.case_id)).subquery()
    )
    found = await session.exec(
        select(Case, func.coalesce(counted.c.reporters, 0))
        .outerjoin(counted, counted.c.case_id == col(Case.id))
        .where(
            col(Case.area_path).startswith(path),
            col(Case.state).in_([state.value for state in LIVE]),
            Case.created_at > now - timedelta(hours=48),
        )
        .order_by(col(Case.id).desc())
        .limit(MOST_COMPARED)
    )
    return [(case, int(count)) for case, count in found.all()]
