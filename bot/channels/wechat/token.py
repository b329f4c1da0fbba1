"""When an access token is fetched: rarely, by one at a time, and never in a loop.

A refused token is looked up again, fetched once, and, if the vendor still hands out the refused one, forced once.
Renewals are at least 30 s apart and forced ones at most 20 a day (both are the platform's own limits); beyond that
the caller gets TokenRefused without any call.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.ports import Clock, StoredToken, TokenStore
from bot.channels.wechat.errors import ApiRefused, TokenRefused

RENEWAL_GAP = timedelta(seconds=30)
FORCED_PER_DAY = 20
EARLY = timedelta(minutes=5)
_BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class FetchedToken:
    """A vendor's answer: the token and its life in seconds."""

    value: str
    expires_in: int


Fetch = Callable[[bool], Awaitable[FetchedToken]]
"""Asks the vendor for a token; True forces a new one where the vendor can."""


class TokenKeeper:
    """The one place of a process that gives out the token of one account."""

    def __init__(self, key: str, store: TokenStore, fetch: Fetch, clock: Clock, *, can_force: bool) -> None:
        self._key = key
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._can_force = can_force
        self._alone = asyncio.Lock()
        self._refusal: tuple[datetime, ApiRefused] | None = None

    async def current(self) -> str:
        """A token that should work. Many waiting callers cause one fetch."""
        stored = await self._store.get(self._key)
        if stored and self._lives(stored):
            return stored.value
        async with self._alone:
            stored = await self._store.get(self._key)
            if stored and self._lives(stored):
                return stored.value
            fetched = await self._ask(force=False)
            await self._keep(fetched, stored)
            return fetched.value

    async def renewed(self, refused: str, errcode: int) -> str:
        """Another token than the `refused` one, or TokenRefused."""
        async with self._alone:
            stored = await self._store.get(self._key)
            if stored and stored.value != refused and self._lives(stored):
                return stored.value
            now = self._clock()
            if stored and stored.renewed_at and now - stored.renewed_at < RENEWAL_GAP:
                raise TokenRefused(errcode, "renewed a moment ago and refused again")
            record = replace(stored or StoredToken("", now), renewed_at=now)
            fetched = await self._ask(force=False)
            if fetched.value == refused:
                fetched, record = await self._forced(record, errcode, now)
            await self._keep(fetched, record)
            return fetched.value

    async def _forced(self, record: StoredToken, errcode: int, now: datetime) -> tuple[FetchedToken, StoredToken]:
        today = now.astimezone(_BEIJING).date().isoformat()
        used = record.forced_count if record.forced_day == today else 0
        if not self._can_force or used >= FORCED_PER_DAY:
            await self._store.put(self._key, record)
            raise TokenRefused(errcode, "the vendor keeps giving the token that it refuses")
        record = replace(record, forced_day=today, forced_count=used + 1)
        await self._store.put(self._key, record)
        return await self._ask(force=True), record

    async def _ask(self, *, force: bool) -> FetchedToken:
        now = self._clock()
        if self._refusal and now - self._refusal[0] < RENEWAL_GAP:
            raise self._refusal[1]
        try:
            fetched = await self._fetch(force)
        except ApiRefused as error:
            self._refusal = (now, error)
            raise
        self._refusal = None
        return fetched

    async def _keep(self, fetched: FetchedToken, record: StoredToken | None) -> None:
        expires = self._clock() + timedelta(seconds=fetched.expires_in)
        kept = record or StoredToken("", expires)
        await self._store.put(self._key, replace(kept, value=fetched.value, expires_at=expires))

    def _lives(self, stored: StoredToken) -> bool:
        return bool(stored.value) and stored.expires_at - EARLY > self._clock()
