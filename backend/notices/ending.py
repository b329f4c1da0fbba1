"""How one try ends: delivered, tried again, sent by another way, or dead; and what the platform taught us by it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.consents import drop_consent, spend_consent
from backend.notices.courier import Route
from backend.notices.health import note_failure, note_success, stop
from backend.notices.letters import Channel, Outcome, SendResult
from backend.notices.models import Notice
from backend.notices.pace import count_today
from backend.notices.reaching import approved_templates, milestone_key
from backend.notices.windows import close_windows, spend
from backend.office import Office
from backend.people.models import ChannelIdentity

log = structlog.get_logger()

MAX_TRIES = 8  # with the back-off below: about four hours of trying
BACK_OFF = (5, 15, 60, 300, 900, 1800, 3600, 7200)  # seconds after the 1st, 2nd … failed try
COUNTED_PER_DAY = ("template",)  # routes with a quota per calendar day


@dataclass(frozen=True, slots=True)
class Ending:
    """Writes endings under one lease owner."""

    office: Office
    owner: str

    async def settle(
        self,
        session: AsyncSession,
        notice: Notice,
        route: Route,
        result: SendResult,
        now: datetime,
        *,
        lead: Notice | None = None,
    ) -> None:
        """One try into the ledger and the notice to its next state. `lead`: the notice whose message carried this."""
        outbox = self.office.outbox
        assert notice.id is not None
        rides_along = lead is not None and lead.id != notice.id
        if rides_along and lead is not None:
            result = SendResult(
                result.outcome, result.vendor_id, result.retry_after, f"with n{lead.id} {result.reason}"
            )
        await outbox.log_try(session, notice.id, route.channel, route.kind, result, now)
        if result.outcome is Outcome.SENT:
            if not rides_along:
                await self._spend(session, notice, route, now)
            await outbox.end(session, notice, self.owner, "delivered", now)
        elif result.outcome is Outcome.BUG:
            await outbox.end(session, notice, self.owner, "dead", now, result.reason)
        elif result.outcome is Outcome.RETRY:
            await self._retry(session, notice, route, result, now)
        else:
            await self._leave_route(session, notice, route, result, now)

    async def _spend(self, session: AsyncSession, notice: Notice, route: Route, now: datetime) -> None:
        await note_success(session, route, now)
        if route.channel is Channel.WECHAT and route.kind == "customer":
            await spend(session, route.channel.value, route.account, route.person, now)
        elif route.kind == "subscribe":
            template_id = (await approved_templates(session)).template("wechat.subscribe", milestone_key(notice))
            for identity in await self._identities(session, route):
                await spend_consent(session, identity, template_id)
        if route.kind in COUNTED_PER_DAY:
            await count_today(session, self.office.district_code, route, now)

    async def _retry(
        self, session: AsyncSession, notice: Notice, route: Route, result: SendResult, now: datetime
    ) -> None:
        """Again later; an account that fails again and again rests, so that its people get another way."""
        failing = not result.retry_after and await note_failure(
            session, self.office.district_code, route, result.reason, now
        )
        if failing:  # it is not this message's fault: it waits with all others, and no try is counted
            soon = now + timedelta(seconds=BACK_OFF[0])
            await self.office.outbox.later(session, notice, self.owner, soon, result.reason, counts=False)
            return
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
            for identity in await self._identities(session, route):
                identity.unreachable = result.reason[:120] or "unreachable"
                session.add(identity)
        elif result.outcome is Outcome.CHANNEL_DOWN:
            key = await stop(session, self.office.district_code, route, result, now)
            log.error("channel_stopped", account=key, reason=result.reason)
        elif route.channel is Channel.WECHAT and route.kind == "customer":
            await close_windows(session, route.channel.value, route.account, route.person, now)
        elif route.kind == "subscribe":
            template_id = (await approved_templates(session)).template("wechat.subscribe", milestone_key(notice))
            for identity in await self._identities(session, route):
                await drop_consent(session, identity, template_id)
        if result.outcome is not Outcome.CHANNEL_DOWN:
            notice.routes_tried = ",".join(filter(None, (notice.routes_tried, f"{route.channel}.{route.kind}")))[:200]
        await self.office.outbox.later(session, notice, self.owner, now, result.reason, counts=False)

    async def _identities(self, session: AsyncSession, route: Route) -> list[ChannelIdentity]:
        found = await session.exec(
            select(ChannelIdentity).where(
                ChannelIdentity.channel == route.channel.value, ChannelIdentity.external_id == route.person
            )
        )
        return list(found.all())
