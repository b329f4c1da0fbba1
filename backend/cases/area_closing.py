"""An area may be retired only when no case of it is open: the refusal names the cases."""

from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area
from backend.cases.models import Case
from backend.domain.words import LIVE
from nlu.errors import LinliError

MOST_NAMED = 200


class AreaHasOpenCases(LinliError):
    """This area still has open cases; close or move them first."""

    code: ClassVar[str] = "area_has_open_cases"
    status: ClassVar[int] = 409


async def open_cases_in(session: AsyncSession, area_code: str, limit: int = MOST_NAMED) -> list[str]:
    """Numbers of the open cases in an area and everything below it, oldest first."""
    area = await session.get(Area, area_code)
    if area is None:
        return []
    found = await session.exec(
        select(Case.number)
        .where(col(Case.area_path).startswith(area.path), col(Case.state).in_([state.value for state in LIVE]))
        .order_by(col(Case.id))
        .limit(limit)
    )
    return list(found.all())


async def check_area_may_go(session: AsyncSession, area_code: str) -> None:
    """Raises `AreaHasOpenCases` with `facts["numbers"]` and `facts["count"]` (at most 200) when cases are open."""
    numbers = await open_cases_in(session, area_code)
    if numbers:
        shown = ", ".join(numbers[:20])
        raise AreaHasOpenCases(f"{AreaHasOpenCases.__doc__} ({shown})", numbers=shown, count=len(numbers))
