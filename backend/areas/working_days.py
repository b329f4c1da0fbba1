"""The district's working calendar: public holidays and make-up weekends, then the district's own days over them."""

from datetime import date
from zoneinfo import ZoneInfo

import chinese_calendar
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import CalendarDay
from backend.domain.working_time import Override, PublicDay, WorkingCalendar


def public_day(when: date) -> PublicDay | None:
    """What the State Council's notice says of a date: (is it worked, the holiday's name); None when not out yet."""
    try:
        is_holiday, name = chinese_calendar.get_holiday_detail(when)
    except NotImplementedError:
        return None
    return not is_holiday, name or ""


async def calendar_of(session: AsyncSession, district_code: str, zone: ZoneInfo) -> WorkingCalendar:
    """The calendar of a district, with its override rows as they stand now; read once per session, since a sweep asks
    for every clock."""
    key = ("calendar", district_code, str(zone))
    if key not in session.info:
        rows = await session.exec(select(CalendarDay).where(CalendarDay.district_code == district_code))
        overrides = {row.day: Override(row.is_working, row.reason) for row in rows.all()}
        session.info[key] = WorkingCalendar(zone=zone, public=public_day, overrides=overrides)
    calendar: WorkingCalendar = session.info[key]
    return calendar
