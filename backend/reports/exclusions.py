"""Leaving a case out of the assessment (剔除): asked with a reason, decided by somebody else, kept for all to see."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import Case
from backend.domain import assessment as rules
from backend.domain.rates import Rate
from backend.domain.refusals import AlreadyAsked, NothingAsked, ReasonRequired
from backend.office import Office
from backend.reports.models import CaseExclusion
from nlu.errors import LinliError


class UnknownCase(LinliError):
    """There is no case of this number."""

    code: ClassVar[str] = "unknown_case"
    status: ClassVar[int] = 404


async def ask_exclusion(
    session: AsyncSession, office: Office, number: str, reason: str, by: str, now: datetime, rate: Rate | None = None
) -> CaseExclusion:
    """Asks to leave a case out of one rate, or of all. Raises `UnknownCase`, `ReasonRequired`, `AlreadyAsked`.

    A refused request may be asked again; it starts anew.
    """
    if not reason.strip():
        raise ReasonRequired
    case = (await session.exec(select(Case).where(Case.number == number))).first()
    if case is None or case.id is None:
        raise UnknownCase
    which = rate.value if rate else ""
    found = await session.exec(
        select(CaseExclusion).where(CaseExclusion.case_id == case.id, CaseExclusion.rate == which)
    )
    row = found.first()
    if row is not None and row.status != "refused":
        raise AlreadyAsked
    if row is None:
        row = CaseExclusion(
            district_code=office.district_code, case_id=case.id, rate=which, reason="", asked_by=by, asked_at=now
        )
    row.reason, row.asked_by, row.asked_at, row.status = reason.strip()[:300], by, now, "asked"
    row.decided_by = row.decided_at = None
    session.add(row)
    await session.flush()
    return row


async def decide_exclusion(
    session: AsyncSession, office: Office, exclusion_id: int, by: str, approve: bool, now: datetime
) -> CaseExclusion:
    """Approves or refuses a request. Raises `NothingAsked` or `AskerMayNotApprove`."""
    row = await session.get(CaseExclusion, exclusion_id)
    if row is None or row.status != "asked" or row.district_code != office.district_code:
        raise NothingAsked
    if approve:
        rules.approve_exclusion(as_rules_see(row), by)
    row.status, row.decided_by, row.decided_at = ("approved" if approve else "refused"), by, now
    session.add(row)
    await session.flush()
    return row


async def exclusions_of(
    session: AsyncSession, office: Office, status: str | None = None, limit: int = 500
) -> Sequence[tuple[CaseExclusion, str]]:
    """Requests with their case numbers, newest first."""
    asked = (
        select(CaseExclusion, Case.number)
        .join(Case, col(Case.id) == col(CaseExclusion.case_id))
        .where(CaseExclusion.district_code == office.district_code)
    )
    if status is not None:
        asked = asked.where(CaseExclusion.status == status)
    return (await session.exec(asked.order_by(col(CaseExclusion.id).desc()).limit(limit))).all()


def as_rules_see(row: CaseExclusion) -> rules.Exclusion:
    """A row as the rules of assessment see it."""
    rate = Rate(row.rate) if row.rate else None
    approved = row.decided_by if row.status == "approved" else None
    return rules.Exclusion(str(row.case_id), row.reason, row.asked_by, approved, rate)
