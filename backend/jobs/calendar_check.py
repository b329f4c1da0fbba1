"""A calendar that does not know the holidays ahead: the district's dispatchers hear of it, once a month."""

from datetime import datetime

from sqlmodel import col, select

from backend.areas.models import Staff
from backend.areas.working_days import calendar_of
from backend.domain.working_time import unknown_years
from backend.notices.letters import Outgoing
from backend.notices.outbox import NORMAL, ToTell
from backend.office import Office

MONTHS_AHEAD = 3


async def warn_of_unknown_holidays(office: Office, now: datetime) -> int:
    """How many people were told. Limits go on being computed with plain weekends meanwhile."""
    today = office.local(now).date()
    told = 0
    async with office.database.write() as session:
        calendar = await calendar_of(session, office.district_code, office.zone)
        years = unknown_years(calendar, today, MONTHS_AHEAD)
        if not years:
            return 0
        people = await session.exec(
            select(Staff)
            .where(Staff.role == "dispatcher", col(Staff.is_active), Staff.area_code == office.district_code)
            .order_by(col(Staff.id))
        )
        text = office.texts.say("notices.chiefs.calendar_unknown", year="、".join(map(str, years)))
        for person in people.all():
            notice = ToTell(
                milestone="calendar_unknown",
                audience="staff",
                letter=Outgoing(text, template="chiefs.calendar_unknown"),
                dedupe_key=f"calendar:{today:%Y-%m}:s{person.id}",
                order_key=f"calendar:s{person.id}",
                lane=NORMAL,
                staff_id=person.id,
            )
            told += await office.outbox.write(session, notice, now) is not None
    return told
