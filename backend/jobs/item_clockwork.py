"""What happens to items and applications by the calendar: new forms start, settled applications close, the spans of
rotating desks are laid out, and the window's chiefs hear of applications that are nearly or already too late.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.telling import chiefs_of
from backend.items.appointments import lay_out
from backend.items.catalogue import start_new_forms
from backend.items.closing import close_settled
from backend.items.models import Application
from backend.notices.letters import Outgoing
from backend.notices.models import Notice
from backend.notices.outbox import URGENT, ToTell
from backend.office import Office

SOON = timedelta(days=1)
AT_ONCE = 200  # one tick of the job
RUNNING = ("received", "reviewing")


async def close_applications(office: Office, now: datetime) -> int:
    """Closes what was collected a week ago, or refused when the time to appeal is over; how many."""
    async with office.database.write() as session:
        return await close_settled(session, office, now)


async def start_item_forms(office: Office, now: datetime) -> int:
    """Puts admitted forms whose first day has come into force; how many."""
    async with office.database.write() as session:
        return await start_new_forms(session, office, now)


async def lay_out_desks(office: Office, now: datetime) -> int:
    """Writes the spans of every offered item's rotating desk for the four weeks ahead; how many are new."""
    written = 0
    async with office.database.write() as session:
        shelf = await office.library.shelf(session)
        for item in shelf.items.values():
            if item.offered and item.desk_days:
                written += await lay_out(session, office, item, now)
    return written


async def warn_of_late_applications(office: Office, now: datetime) -> int:
    """Tells the dispatchers of the place once a day before the statutory limit, and once when it has passed."""
    async with office.database.write() as session:
        told = await _warn(session, office, "application_overdue", now, now)
        return told + await _warn(session, office, "application_due_soon", now, now + SOON)


async def _warn(session: AsyncSession, office: Office, milestone: str, now: datetime, until: datetime) -> int:
    told_before = exists().where(
        col(Notice.application_id) == col(Application.id),
        col(Notice.milestone).in_((milestone, "application_overdue")),
    )
    found = await session.exec(
        select(Application)
        .where(col(Application.due_at) <= until, col(Application.state).in_(RUNNING), ~told_before)
        .order_by(col(Application.due_at), col(Application.id))
        .limit(AT_ONCE)
    )
    return sum([await _tell_chiefs(session, office, row, milestone, now) for row in found.all()])


async def _tell_chiefs(
    session: AsyncSession, office: Office, application: Application, milestone: str, now: datetime
) -> int:
    assert application.due_at is not None
    text = office.texts.say(
        f"items.chiefs.{milestone}",
        number=application.number,
        item=application.item_name,
        unit=application.unit,
        due=f"{office.local(application.due_at):%m-%d %H:%M}",
    )
    told = 0
    for person in await chiefs_of(session, application.area_path):
        notice = ToTell(
            milestone=milestone,
            audience="staff",
            letter=Outgoing(text, template=f"chiefs.{milestone}"),
            dedupe_key=f"application:{application.id}:{milestone}:s{person.id}",
            order_key=f"application:{application.id}:s{person.id}",
            lane=URGENT,
            application_id=application.id,
            staff_id=person.id,
        )
        told += await office.outbox.write(session, notice, now) is not None
    return told
