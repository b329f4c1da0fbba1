"""How fast we may send: one row per account and per person says when the next message may go, for all processes.

A limit of `count` per `seconds` with a burst of b becomes b messages at once and then one every
`seconds / (count - b)`; so no window of that length ever holds more than `count`. A little is kept in hand, because
messages reach the vendor less evenly than they leave us.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.upserting import upsert
from backend.notices.courier import Route
from backend.notices.letters import Channel
from backend.notices.models import DayQuota, SendBucket

IN_HAND = 1.015  # one and a half percent slower than allowed
AHEAD = timedelta(milliseconds=1500)  # slots are given out this far ahead; a sender waits for its slot
DAY = 86_400
NO_LIMIT = 1_000
_BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages per `seconds`; `scope` is person, group or account; `burst` may go at once."""

    scope: str
    count: int
    seconds: int
    burst: int = 1
    routes: tuple[str, ...] = ()  # empty: all routes of the channel

    @property
    def spacing(self) -> timedelta:
        """Between two messages once the burst is used up."""
        steady = self.count - self.burst if self.burst > 1 else self.count
        return timedelta(seconds=self.seconds / max(steady, 1) * IN_HAND)

    @property
    def is_daily_quota(self) -> bool:
        """Counted per calendar day of the platform instead of spread evenly."""
        return self.scope == "account" and self.seconds >= DAY


Limits = Mapping[Channel, Sequence[Limit]]


@dataclass(frozen=True, slots=True)
class Slot:
    """When a message may go, if it was `taken`. `full`: the account has no room soon, so its notices wait together."""

    at: datetime
    taken: bool
    full: str = ""


def spacing_of(limits: Limits, channel: Channel) -> float:
    """Seconds between two messages of an account; 0 when nothing limits it."""
    return max(
        (
            one.spacing.total_seconds()
            for one in limits.get(channel, ())
            if one.scope == "account" and not one.is_daily_quota
        ),
        default=0.0,
    )


def account_key(route: Route) -> str:
    """The account of a route, as buckets and health name it."""
    return f"{route.channel}:{route.account}"


def _key(route: Route, limit: Limit) -> str:
    if limit.scope == "account":
        return account_key(route)
    who = route.chat or route.person
    return f"{account_key(route)}:p:{who}:{limit.seconds}"[:200]


def _applies(route: Route, limit: Limit) -> bool:
    in_group = route.channel is Channel.TELEGRAM and route.chat.startswith("-")
    if limit.routes and route.kind not in limit.routes:
        return False
    return limit.scope == "account" or (limit.scope == "group") == in_group


class Pace:
    """The buckets one batch of notices needs, read once and written once."""

    def __init__(self, limits: Limits, now: datetime) -> None:
        self._limits = limits
        self._now = now
        self._next: dict[str, datetime] = {}
        self._touched: set[str] = set()

    def _limits_of(self, route: Route) -> list[Limit]:
        known = self._limits.get(route.channel, ())
        return [one for one in known if _applies(route, one) and not one.is_daily_quota]

    async def read(self, session: AsyncSession, routes: Sequence[Route]) -> None:
        """Reads the buckets of these routes."""
        keys = sorted({_key(route, limit) for route in routes for limit in self._limits_of(route)})
        if keys:
            found = await session.exec(select(SendBucket).where(col(SendBucket.key).in_(keys)).with_for_update())
            self._next = {row.key: row.next_at for row in found.all()}

    def take(self, route: Route, ahead: timedelta = AHEAD) -> Slot:
        """The slot of one message, now or within `ahead`; else when there would be one."""
        limits = self._limits_of(route)
        at, blocked_by = self._now, ""
        for limit in limits:
            free = self._free_at(_key(route, limit), limit)
            if free > at:
                at = free
                blocked_by = account_key(route) if limit.scope == "account" else ""
        if at > self._now + ahead:
            return Slot(at, False, blocked_by)
        for limit in limits:
            key = _key(route, limit)
            self._next[key] = max(self._next.get(key, self._now), self._now) + limit.spacing
            self._touched.add(key)
        return Slot(at, True)

    def _free_at(self, key: str, limit: Limit) -> datetime:
        """When the next message of this bucket may go: its own time, less the burst that is still unspent."""
        return self._next.get(key, self._now) - limit.spacing * (limit.burst - 1)

    async def write(self, session: AsyncSession, district_code: str) -> None:
        """Stores the buckets that changed, in a fixed order so that two senders never wait for each other."""
        for key in sorted(self._touched):
            await upsert(
                session, SendBucket, {"district_code": district_code, "key": key, "next_at": self._next[key]}, ["key"]
            )


async def rooms(session: AsyncSession, limits: Limits, now: datetime) -> dict[str, int]:
    """How many messages each known account may still send within `AHEAD`; accounts with no room are 0."""
    pacing = {
        str(channel): limit
        for channel, several in limits.items()
        for limit in several
        if limit.scope == "account" and not limit.is_daily_quota
    }
    found = await session.exec(select(SendBucket).where(~col(SendBucket.key).contains(":p:")))
    room: dict[str, int] = {}
    for row in found.all():
        limit = pacing.get(row.key.partition(":")[0])
        if limit is None:
            room[row.key] = NO_LIMIT  # its limit was taken away: what still waits for it may go
        else:
            ahead = (now + AHEAD - max(row.next_at, now)) / limit.spacing
            room[row.key] = max(int(ahead) + 1, 0) if ahead >= 0 else 0
    return room


def quota_key(route: Route, now: datetime) -> str:
    """The row that counts this route today."""
    return f"{account_key(route)}/{route.kind}:{now.astimezone(_BEIJING).date().isoformat()}"[:120]


def quota_of(limits: Limits, route: Route) -> int:
    """The daily quota of a route, 0 when it has none."""
    for limit in limits.get(route.channel, ()):
        if limit.is_daily_quota and (not limit.routes or route.kind in limit.routes):
            return limit.count
    return 0


async def count_today(session: AsyncSession, district_code: str, route: Route, now: datetime) -> int:
    """One more message on this route today; the count with it."""
    key = quota_key(route, now)
    row = await session.get(DayQuota, key, with_for_update=True)
    if row is None:
        row = DayQuota(district_code=district_code, key=key, updated_at=now)
    row.used += 1
    row.updated_at = now
    session.add(row)
    await session.flush()
    return row.used
