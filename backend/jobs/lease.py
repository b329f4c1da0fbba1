"""Which process ticks: the one that holds the lease row, renewed at every tick; when it lapses another takes it."""

from datetime import datetime, timedelta

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.upserting import insert_of
from backend.notices.models import Lease

LEASE = timedelta(seconds=20)


async def hold(session: AsyncSession, district_code: str, name: str, holder: str, now: datetime) -> bool:
    """Takes or renews the lease; False when another process holds it."""
    insert = insert_of(session)
    statement = (
        insert(Lease)
        .values(district_code=district_code, name=name, holder=holder, until=now + LEASE)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "until": now + LEASE},
            where=(col(Lease.holder) == holder) | (col(Lease.until) < now),
        )
        .returning(col(Lease.name))
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None
