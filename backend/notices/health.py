"""Whether an account of a channel may be used now: stopped by its own refusals, or by failures in a row.

A used-up quota stops one route only (`wechat:APPID/template`); a refused account stops all of it. The panel shows
every stop as a banner until it ends or an operator resumes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.courier import Route
from backend.notices.letters import SendResult
from backend.notices.models import ChannelHealth
from backend.notices.pace import account_key

CHANNEL_STOP = timedelta(minutes=10)  # a channel that is down without saying for how long
FAILURES_IN_A_ROW = 5  # timeouts and server errors, before the account rests
REST_FIRST, REST_MOST = timedelta(seconds=30), timedelta(minutes=10)
QUOTA_CODES = ("45009", "quota")


@dataclass(frozen=True, slots=True)
class Banner:
    """What the panel shows: `kind` is quota or stopped, `until` when it is tried again."""

    account: str
    channel: str
    reason: str
    until: datetime
    kind: str


def is_quota(reason: str) -> bool:
    """Whether a refusal means that the day's quota of one route is used up."""
    return reason.startswith(QUOTA_CODES)


async def stops(session: AsyncSession, now: datetime) -> dict[str, datetime]:
    """Accounts and routes that are stopped now, with the end of the stop."""
    found = await session.exec(select(ChannelHealth).where(col(ChannelHealth.stopped_until) > now))
    return {row.account: row.stopped_until for row in found.all() if row.stopped_until is not None}


async def stop(session: AsyncSession, district_code: str, route: Route, result: SendResult, now: datetime) -> str:
    """Stops the account, or for a used-up quota only the route; the key that was stopped."""
    key = account_key(route) + (f"/{route.kind}" if is_quota(result.reason) else "")
    row = await _row(session, district_code, key, now)
    wait = timedelta(seconds=result.retry_after) if result.retry_after else CHANNEL_STOP
    row.stopped_until, row.reason, row.updated_at = now + wait, result.reason[:200], now
    session.add(row)
    await session.flush()
    return key


async def note_failure(session: AsyncSession, district_code: str, route: Route, reason: str, now: datetime) -> bool:
    """One more failure in a row; True when the account now rests because of them."""
    row = await _row(session, district_code, account_key(route), now)
    row.failures += 1
    row.updated_at = now
    resting = row.failures >= FAILURES_IN_A_ROW
    if resting and (row.stopped_until is None or row.stopped_until <= now):
        rests = min(REST_FIRST * 2 ** min(row.failures - FAILURES_IN_A_ROW, 6), REST_MOST)
        row.stopped_until, row.reason = now + rests, f"no answer: {reason}"[:200]
    session.add(row)
    await session.flush()
    return resting


async def on_probation(session: AsyncSession) -> set[str]:
    """Accounts that failed again and again: when their rest is over, one message at a time finds out."""
    found = await session.exec(select(ChannelHealth.account).where(ChannelHealth.failures >= FAILURES_IN_A_ROW))
    return set(found.all())


async def note_success(session: AsyncSession, route: Route, now: datetime) -> None:
    """The account works: failures start at none again."""
    row = await session.get(ChannelHealth, account_key(route))
    if row is not None and row.failures:
        row.failures, row.updated_at = 0, now
        session.add(row)
        await session.flush()


async def channel_banners(session: AsyncSession, now: datetime) -> list[Banner]:
    """Every stop of this moment, for the panel."""
    found = await session.exec(
        select(ChannelHealth).where(col(ChannelHealth.stopped_until) > now).order_by(col(ChannelHealth.account))
    )
    return [
        Banner(
            row.account,
            row.account.partition(":")[0],
            row.reason,
            row.stopped_until or now,
            "quota" if is_quota(row.reason) else "stopped",
        )
        for row in found.all()
    ]


async def resume_channel(session: AsyncSession, account: str) -> bool:
    """An operator says: try again now. False when there is no such account."""
    row = await session.get(ChannelHealth, account)
    if row is None:
        return False
    row.stopped_until, row.failures = None, 0
    session.add(row)
    await session.flush()
    return True


async def _row(session: AsyncSession, district_code: str, key: str, now: datetime) -> ChannelHealth:
    found = await session.get(ChannelHealth, key, with_for_update=True)
    return found or ChannelHealth(district_code=district_code, account=key, updated_at=now)
