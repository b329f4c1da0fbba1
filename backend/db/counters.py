"""Case and application numbers: `YYYYMMDD-NNNNN`, counted per district and local day without gaps or doubles."""

from datetime import date

from sqlalchemy import text
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.columns import InDistrict


class DayCounter(InDistrict, table=True):
    """The last number given out on one local day."""

    __tablename__ = "day_counter"
    district_code: str = Field(max_length=12, primary_key=True)
    day: str = Field(max_length=8, primary_key=True)
    last: int = 0


async def next_number(session: AsyncSession, district_code: str, local_day: date) -> str:
    """The next free number of `local_day` (the district's own date), taken inside the caller's transaction."""
    statement = text(
        "INSERT INTO day_counter (district_code, day, last) VALUES (:district, :day, 1) "
        "ON CONFLICT (district_code, day) DO UPDATE SET last = day_counter.last + 1 RETURNING last"
    )
    day = local_day.strftime("%Y%m%d")
    result = await session.execute(statement, {"district": district_code, "day": day})
    return f"{day}-{result.scalar_one():05d}"
