"""The statutory clock of an application: working days as promised at filing, standing still while papers are missing.

Recomputed from the history after every step; the reasons say why the due time is what it is.
"""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.working_days import calendar_of
from backend.domain.application_moves import STEPS
from backend.domain.case_view import Event
from backend.domain.deadlines import clocks, current
from backend.domain.limits import Limit
from backend.domain.reasons import say
from backend.domain.words import ClockName, LimitUnit
from backend.items.models import Application
from backend.office import Office


async def recompute_due(
    session: AsyncSession, office: Office, application: Application, history: Sequence[Event]
) -> None:
    """Sets `due_at` (None once decided, and while papers are missing) and the reasons for it."""
    calendar = await calendar_of(session, office.district_code, office.zone)
    limits = {ClockName.RESOLVE: Limit(application.limit_working_days, LimitUnit.WORKING_DAYS)}
    clock = current(clocks(history, limits, calendar, history[-1].at, STEPS)).get(ClockName.RESOLVE)
    application.due_at = clock.due_at if clock is not None and clock.running else None
    application.due_reasons = [say(reason) for reason in clock.reasons] if clock is not None else []
    session.add(application)
    await session.flush()
