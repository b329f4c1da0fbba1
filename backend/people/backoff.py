"""The back-off of failed logins, by account and by address, for names that exist and names that do not alike.

| key          | free tries | then waits                        |
|--------------|-----------:|-----------------------------------|
| user:NAME    |          5 | 2 s, 4 s, 8 s … at most 15 minutes |
| from:ADDRESS |         20 | 2 s, 4 s, 8 s … at most 15 minutes |

A count is forgotten 30 minutes after its last failure; a good login clears the account's count, never the address's.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.people.models import LoginFailure

FREE_TRIES = {"user": 5, "from": 20}
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(minutes=30)


def keys_for(username: str, address: str) -> tuple[str, str]:
    """The two keys a login counts against."""
    return f"user:{username.strip().lower()[:60]}", f"from:{address[:60]}"


def wait_after(key: str, failures: int) -> timedelta:
    """How long the next try must wait after so many failures."""
    beyond = failures - FREE_TRIES[key.split(":", 1)[0]]
    if beyond <= 0:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(beyond, 20)), LONGEST_WAIT)


async def blocked_until(session: AsyncSession, keys: Sequence[str], now: datetime) -> datetime | None:
    """The moment from which these keys may try again; None when they may now."""
    rows = await session.exec(select(LoginFailure).where(col(LoginFailure.key).in_(keys)))
    waits = [row.until for row in rows.all() if row.until is not None and row.until > now]
    return max(waits) if waits else None


async def count_failure(session: AsyncSession, district_code: str, keys: Sequence[str], now: datetime) -> None:
    """Counts a failed try against every key."""
    await session.execute(delete(LoginFailure).where(col(LoginFailure.last_at) < now - FORGOTTEN_AFTER))
    for key in keys:
        row = await session.get(LoginFailure, key)
        if row is None:
            row = LoginFailure(district_code=district_code, key=key, count=0, last_at=now)
        row.count += 1
        row.last_at = now
        wait = wait_after(key, row.count)
        row.until = now + wait if wait else None
        session.add(row)
    await session.flush()


async def forgive(session: AsyncSession, key: str) -> None:
    """A good login clears its account."""
    await session.execute(delete(LoginFailure).where(col(LoginFailure.key) == key))
