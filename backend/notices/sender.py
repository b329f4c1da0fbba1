"""The sender: claims what is due, asks the planner for the way, hands it to the courier, writes down how it ended.

The claim, the send and the receipt are three steps in two transactions: a kill between send and receipt is the one
place where a duplicate can happen, and the ledger shows it as a second try. Nothing here ends silently.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.courier import Courier, Route
from backend.notices.letters import Channel, Outcome, Outgoing, SendResult
from backend.notices.models import ChannelHealth, Notice
from backend.notices.planner import Plan, plan
from backend.notices.reaching import person_of
from backend.notices.windows import close_windows, spend
from backend.office import Office
from backend.people.models import ChannelIdentity

log = structlog.get_logger()

SEND_TIMEOUT = 12.0  # seconds; well inside the lease of 50
MAX_TRIES = 8  # with the back-off below: about four hours of trying
BACK_OFF = (5, 15, 60, 300, 900, 1800, 3600, 7200)  # seconds after the 1st, 2nd … failed try
CHANNEL_STOP = timedelta(minutes=10)  # a channel that is down is looked at again


@dataclass(frozen=True, slots=True)
class Sender:
    """One per process; several may run side by side. `templates`: milestones WeChat has an approved template for."""

    office: Office
    couriers: Mapping[Channel, Courier]
    clock: Callable[[], datetime]
    owner: str
    templates: frozenset[str] = frozenset()

    async def work_off(self, limit: int = 20, only_resident: int | None = None) -> int:
        """Claims and sends what is due; how many notices were taken."""
        async with self.office.database.write() as session:
            claimed = await self.office.outbox.claim(
                session, self.owner, self.clock(), limit, only_resident=only_resident
            )
        if claimed:
            await asyncio.gather(*(self.send(notice) for notice in claimed))
        return len(claimed)

    async def send(self, notice: Notice) -> None:
        """One try for one notice, from plan to ledger."""
        now = self.clock()
        if notice.expires_at is not None and notice.expires_at <= now:
            await self._end(notice, "suppressed", "expired")
            return
        async with self.office.database.read() as session:
            planned = await self._plan(session, notice, now)
        notice.plan = {"why": list(planned.why)}
        if planned.wait_until is not None:
            await self._later(notice, planned.wait_until, "quiet_hours", counts=False)
        elif not planned.routes:
            await self._end(notice, "suppressed", "no_route: " + "; ".join(planned.why))
        else:
            await self._try(notice, planned.routes[0], self.office.outbox.letter(notice))

    async def _plan(self, session: AsyncSession, notice: Notice, now: datetime) -> Plan:
        stopped = await session.exec(select(ChannelHealth.account).where(col(ChannelHealth.stopped_until) > now))
        return plan(
            await person_of(session, notice, self.templates, now),
            lane=notice.lane,
            is_reply=notice.conversation_id is not None,
            now=now,
            zone=self.office.zone,
            tried=tuple(notice.routes_tried.split(",")),
            stopped=tuple(stopped.all()),
        )

    async def _try(self, notice: Notice, route: Route, letter: Outgoing) -> None:
        courier = self.couriers.get(route.channel)
        if courier is None:
            await self._settle(notice, route, SendResult(Outcome.OTHER_ROUTE, reason="channel is not switched on"))
            return
        letter = replace(letter, idempotency_key=f"n{notice.id}")
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                result = await courier.deliver(route, letter)
        except TimeoutError:
            result = SendResult(Outcome.RETRY, reason="timeout")
        except Exception as failure:  # a fault of ours must not take the other notices down
            log.error("courier_failed", notice=notice.id, route=route.kind, exc_info=failure)
            result = SendResult(Outcome.BUG, reason=repr(failure))
        await self._settle(notice, route, result)

    async def _settle(self, notice: Notice, route: Route, result: SendResult) -> None:
        now = self.clock()
        outbox = self.office.outbox
        assert notice.id is not None
        async with self.office.database.write() as session:
            await outbox.log_try(session, notice.id, route.channel, route.kind, result, now)
            if result.outcome is Outcome.SENT:
                await self._spend(session, route, now)
                await outbox.end(session, notice, self.owner, "delivered", now)
            elif result.outcome is Outcome.BUG:
                await outbox.end(session, notice, self.owner, "dead", now, result.reason)
            elif result.outcome is Outcome.RETRY:
                await self._retry(session, notice, result, now)
            else:
                await self._leave_route(session, notice, route, result, now)
        log.info("notice", id=notice.id, route=f"{route.channel}.{route.kind}", outcome=result.outcome.value)

    async def _spend(self, session: AsyncSession, route: Route, now: datetime) -> None:
        if route.channel is Channel.WECHAT and route.kind == "customer":
            await spend(session, route.channel.value, route.account, route.person, now)

    async def _retry(self, session: AsyncSession, notice: Notice, result: SendResult, now: datetime) -> None:
        if notice.tries >= MAX_TRIES:
            await self.office.outbox.end(session, notice, self.owner, "dead", now, result.reason)
            return
        wait = result.retry_after or BACK_OFF[min(notice.tries - 1, len(BACK_OFF) - 1)]
        await self.office.outbox.later(session, notice, self.owner, now + timedelta(seconds=wait), result.reason)

    async def _leave_route(
        self, session: AsyncSession, notice: Notice, route: Route, result: SendResult, now: datetime
    ) -> None:
        """This route is closed: remember why, and try the next one at once."""
        if result.outcome is Outcome.UNREACHABLE:
            await self._mark_unreachable(session, route, result.reason)
        elif result.outcome is Outcome.CHANNEL_DOWN:
            await self._stop_channel(session, route, result, now)
        elif route.channel is Channel.WECHAT and route.kind == "customer":
            await close_windows(session, route.channel.value, route.account, route.person, now)
        if result.outcome is not Outcome.CHANNEL_DOWN:
            notice.routes_tried = ",".join(filter(None, (notice.routes_tried, f"{route.channel}.{route.kind}")))
        await self.office.outbox.later(session, notice, self.owner, now, result.reason, counts=False)

    async def _mark_unreachable(self, session: AsyncSession, route: Route, reason: str) -> None:
        found = await session.exec(
            select(ChannelIdentity).where(
                ChannelIdentity.channel == route.channel.value, ChannelIdentity.external_id == route.person
            )
        )
        for identity in found.all():
            identity.unreachable = reason[:120] or "unreachable"
            session.add(identity)

    async def _stop_channel(self, session: AsyncSession, route: Route, result: SendResult, now: datetime) -> None:
        key = f"{route.channel}:{route.account}"
        row = await session.get(ChannelHealth, key) or ChannelHealth(
            district_code=self.office.district_code, account=key, updated_at=now
        )
        wait = timedelta(seconds=result.retry_after) if result.retry_after else CHANNEL_STOP
        row.stopped_until, row.reason, row.updated_at = now + wait, result.reason[:200], now
        session.add(row)
        log.error("channel_stopped", account=key, reason=result.reason)

    async def _end(self, notice: Notice, status: str, reason: str) -> None:
        async with self.office.database.write() as session:
            await self.office.outbox.end(session, notice, self.owner, status, self.clock(), reason)
        log.info("notice", id=notice.id, status=status, reason=reason)

    async def _later(self, notice: Notice, at: datetime, reason: str, *, counts: bool) -> None:
        async with self.office.database.write() as session:
            await self.office.outbox.later(session, notice, self.owner, at, reason, counts=counts)
