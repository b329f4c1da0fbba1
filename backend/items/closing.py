"""Settled applications close by themselves: collected ones after a week in which nobody said "that was not me", refused
ones when the time to appeal is over.
"""

from datetime import datetime, timedelta

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.case_view import SYSTEM
from backend.items.applying import move_application
from backend.items.models import Application
from backend.office import Office

COLLECTED_DAYS = 7
REFUSED_DAYS = 60  # the usual term for asking for administrative reconsideration
AT_ONCE = 200  # one tick of the job


async def close_settled(session: AsyncSession, office: Office, now: datetime) -> int:
    """Closes what is due; how many. For the scheduled jobs."""
    found = await session.exec(
        select(Application)
        .where(
            or_(
                (col(Application.state) == "collected")
                & (col(Application.updated_at) <= now - timedelta(days=COLLECTED_DAYS)),
                (col(Application.state) == "refused")
                & (col(Application.updated_at) <= now - timedelta(days=REFUSED_DAYS)),
            )
        )
        .order_by(col(Application.id))
        .limit(AT_ONCE)
    )
    rows = found.all()
    for application in rows:
        await move_application(session, office, application, SYSTEM, "close", {}, now)
    return len(rows)
