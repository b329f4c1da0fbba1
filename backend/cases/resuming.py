"""What resumes by itself: a pending case whose time is over, and one that waited a week for the resident in vain."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.history import events_of
from backend.cases.models import Case, CaseEvent
from backend.cases.moving import move
from backend.domain.case_view import SYSTEM
from backend.domain.refusals import MoveRefused
from backend.domain.words import CaseState
from backend.office import Office

WAIT_DAYS = 7  # a week without an answer: the worker decides what can be done without it
LOOKED_AT = 500


async def resume_due(office: Office, now: datetime) -> int:
    """Ends what is over; how many cases went on. Both states are rare, so their cases are looked at one by one."""
    resumed = 0
    async with office.database.write() as session:
        for case in await _standing_still(session, office):
            assert case.id is not None
            history = await events_of(session, case.id)
            resumed += await _resume(session, office, case, history, now)
    return resumed


async def _standing_still(session: AsyncSession, office: Office) -> list[Case]:
    states = (CaseState.SUSPENDED.value, CaseState.WAITING.value)
    found = await session.exec(
        select(Case)
        .where(Case.district_code == office.district_code, col(Case.state).in_(states))
        .order_by(col(Case.updated_at))
        .limit(LOOKED_AT)
    )
    return list(found.all())


async def _resume(
    session: AsyncSession, office: Office, case: Case, history: Sequence[CaseEvent], now: datetime
) -> bool:
    if case.state == CaseState.SUSPENDED and _pending_is_over(office, history, now):
        name, reason = "end_pending", office.texts.say("notices.why.pending_over")
    elif case.state == CaseState.WAITING and _last(history, "wait_for_resident").at <= now - timedelta(days=WAIT_DAYS):
        name, reason = "resume", office.texts.say("notices.why.no_answer", days=WAIT_DAYS)
    else:
        return False
    try:
        await move(session, office, case, SYSTEM, name, {"reason": reason}, now)
    except MoveRefused:
        return False
    return True


def _last(history: Sequence[CaseEvent], name: str) -> CaseEvent:
    return next(row for row in reversed(history) if row.move == name)


def _pending_is_over(office: Office, history: Sequence[CaseEvent], now: datetime) -> bool:
    """`until` as approved, else as asked for: a date (that day included) or a moment; without one it has no end."""
    asked = next((row.facts for row in reversed(history) if row.move == "request_pending"), {})
    until = _last(history, "approve_pending").facts.get("until") or asked.get("until")
    if not until:
        return False
    try:
        end = datetime.fromisoformat(str(until))
    except ValueError:
        return False
    if len(str(until)) <= len("2026-11-23"):
        end += timedelta(days=1)
    return now >= (end if end.tzinfo else end.replace(tzinfo=office.zone))
