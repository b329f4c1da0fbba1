"""WeChat's sending windows per person: opened by what they do, spent by what we send; rows, so all processes agree.

A message opens five messages in 48 hours; a menu click, a follow or a scan opens three in one minute.
"""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.models import SendWindow

WINDOWS: dict[str, tuple[int, timedelta]] = {
    "message": (5, timedelta(hours=48)),
    "event": (3, timedelta(minutes=1)),
}


async def open_window(
    session: AsyncSession, district_code: str, channel: str, account: str, person: str, kind: str, now: datetime
) -> None:
    """The person did something at `now`: their window of this kind starts anew, unless a later act opened it."""
    allowed, length = WINDOWS[kind]
    row = (
        await session.exec(
            select(SendWindow).where(
                SendWindow.channel == channel,
                SendWindow.account == account,
                SendWindow.person == person,
                SendWindow.kind == kind,
            )
        )
    ).first()
    if row is None:
        row = SendWindow(
            district_code=district_code,
            channel=channel,
            account=account,
            person=person,
            kind=kind,
            opened_at=now,
            closes_at=now + length,
            allowed=allowed,
        )
    elif row.opened_at > now:
        return
    row.opened_at, row.closes_at, row.allowed, row.spent = now, now + length, allowed, 0
    session.add(row)
    await session.flush()


async def spend(session: AsyncSession, channel: str, account: str, person: str, now: datetime) -> bool:
    """Takes one message from the window that closes first; False when none is open."""
    row = (
        await session.exec(
            select(SendWindow)
            .where(
                SendWindow.channel == channel,
                SendWindow.account == account,
                SendWindow.person == person,
                SendWindow.closes_at > now,
                col(SendWindow.spent) < col(SendWindow.allowed),
            )
            .order_by(col(SendWindow.closes_at))
            .with_for_update()
        )
    ).first()
    if row is None:
        return False
    row.spent += 1
    session.add(row)
    await session.flush()
    return True


async def close_windows(session: AsyncSession, channel: str, account: str, person: str, now: datetime) -> None:
    """The platform says the window is closed (45015, 45047): believe it over our own count."""
    rows = await session.exec(
        select(SendWindow).where(
            SendWindow.channel == channel, SendWindow.account == account, SendWindow.person == person
        )
    )
    for row in rows.all():
        row.spent = row.allowed
        session.add(row)
    await session.flush()
