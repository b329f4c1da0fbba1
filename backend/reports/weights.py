"""The weights of the assessment and the departments' scores: the published ones, unless the district set its own."""

import re
from datetime import datetime
from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.assessment import DUAL_WEIGHTS
from backend.domain.rates import WEIGHTS, Rate
from backend.office import Office
from backend.reports.models import AssessmentWeight, DepartmentScore
from nlu.errors import LinliError

NAMES = (*(f"rate.{rate.value}" for rate in Rate), "dual.street", "dual.department")


class BadWeight(LinliError):
    """A weight has a known name and lies between 0 and 100; a score too, for a month such as 2026-11."""

    code: ClassVar[str] = "bad_weight"
    status: ClassVar[int] = 422


async def weights_of(session: AsyncSession, office: Office) -> tuple[dict[Rate, float], tuple[float, float]]:
    """Weights of the rates, and of street and department."""
    found = await session.exec(select(AssessmentWeight).where(AssessmentWeight.district_code == office.district_code))
    own = {row.name: row.value for row in found.all()}
    rates = {rate: own.get(f"rate.{rate.value}", WEIGHTS.get(rate, 0.0)) for rate in Rate}
    street, department = DUAL_WEIGHTS
    return (
        {rate: weight for rate, weight in rates.items() if weight > 0},
        (own.get("dual.street", street), own.get("dual.department", department)),
    )


async def set_weight(session: AsyncSession, office: Office, name: str, value: float, by: str, now: datetime) -> None:
    """Sets one weight (`rate.solved`, `dual.street`, …). Raises `BadWeight`."""
    if name not in NAMES or not 0 <= value <= 100:
        raise BadWeight
    row = AssessmentWeight(district_code=office.district_code, name=name, value=value, set_by=by, set_at=now)
    await session.merge(row)
    await session.flush()


async def give_score(
    session: AsyncSession, office: Office, staff: str, month: str, score: float, by: str, now: datetime
) -> None:
    """A department's score (0–100) for its own person in a month; given again it replaces. Raises `BadWeight`."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) or not 0 <= score <= 100:
        raise BadWeight
    found = await session.exec(
        select(DepartmentScore).where(DepartmentScore.staff == staff, DepartmentScore.month == month)
    )
    row = found.first() or DepartmentScore(
        district_code=office.district_code, staff=staff, month=month, score=score, given_by=by, given_at=now
    )
    row.score, row.given_by, row.given_at = score, by, now
    session.add(row)
    await session.flush()


async def department_scores(session: AsyncSession, office: Office, first: str, last: str) -> dict[str, float]:
    """Each person's mean score over the months `first`–`last`."""
    found = await session.exec(
        select(DepartmentScore)
        .where(
            DepartmentScore.district_code == office.district_code,
            DepartmentScore.month >= first,
            DepartmentScore.month <= last,
        )
        .order_by(col(DepartmentScore.id))
    )
    given: dict[str, list[float]] = {}
    for row in found.all():
        given.setdefault(row.staff, []).append(row.score)
    return {staff: sum(scores) / len(scores) for staff, scores in given.items()}
