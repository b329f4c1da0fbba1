"""The sender: claims what is due, asks the planner for the way, keeps the pace, hands it to the courier.

How a try ends is `backend/notices/ending.py`. A kill between send and receipt is the one place where a duplicate can
happen, and the ledger shows it as a second try. Nothing here ends silently.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.settling import Settling
from backend.notices.courier import Courier, Route
from backend.notices.ending import Ending
from backend.notices.health import on_probation, stops
from backend.notices.letters import Channel, Outcome, Outgoing, SendResult
from backend.notices.models import Notice
from backend.notices.outbox import BULK, URGENT, Recipient
from backend.notices.pace import AHEAD, Limits, Pace, account_key, rooms, spacing_of
from backend.notices.planner import News, Plan, Weather, plan
from backend.notices.reaching import Approved, Known, approved_templates, know, person_of
from backend.notices.turns import Turns
from backend.notices.worth import PATIENCE, STALE_AFTER, is_own_matter
from backend.office import Office

log = structlog.get_logger()

SEND_TIMEOUT = 12.0  # seconds; well inside the lease of 50
IN_FLIGHT = 150
IN_FLIGHT_PER_CHANNEL = 60  # a channel that hangs leaves room for the others
PROBE_WAIT = timedelta(seconds=15)  # while one message finds out whether a failing account works again
CARRIES_SEVERAL = ("chat", "customer")  # routes on which several pieces of bulk news fit into one message


def _nothing(_step: str) -> None:
    """No fail point is armed."""


@dataclass(slots=True)
class Errand:
    """One notice on its way, with the bulk news that rides along; `at`: its slot."""

    notice: Notice
    route: Route
    at: datetime
    along: list[Notice] = field(default_factory=list)


@dataclass
class Flight:
    """What is on its way in this process."""

    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    by_channel: Counter[Channel] = field(default_factory=Counter)
    turns: dict[Channel, Turns] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sender:
    """One per process; several may run side by side. `limits`: what the vendors permit, `accounts`: ours there."""

    office: Office
    couriers: Mapping[Channel, Courier]
    clock: Callable[[], datetime]
    owner: str
    limits: Limits = field(default_factory=dict)
    accounts: Mapping[Channel, str] = field(default_factory=dict)
    reached: Callable[[str], None] = _nothing
    settled: Callable[[], None] = lambda: None
    _flight: Flight = field(default_factory=Flight)
    _shared: list[Settling] = field(default_factory=list)

    @property
    def _settling(self) -> Settling:
        if not self._shared:
            self._shared.append(Settling(self.office.database))
        return self._shared[0]

    async def work_off(self, limit: int = 20, only: Recipient | None = None) -> int:
        """Claims and sends what is due, and waits until it has ended; how many notices were taken."""
        claimed, errands = await self._take(limit, only)
        await asyncio.gather(*(self._send(errand) for errand in errands))
        return claimed

    async def stream(self) -> int:
        """Claims what is due and lets it fly, without waiting for slow channels; how many notices were taken."""
        free = IN_FLIGHT - len(self._flight.tasks)
        if free <= 0:
            await asyncio.wait(self._flight.tasks, return_when=asyncio.FIRST_COMPLETED)
            return 1
        claimed, errands = await self._take(min(free, 40), None)
        for errand in errands:
            task = asyncio.create_task(self._send(errand))
            self._flight.tasks.add(task)
            task.add_done_callback(self._landed)
        return claimed

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flight.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("send_failed", exc_info=task.exception())  # its lease brings it back
        self.settled()

    async def drain(self, seconds: float = SEND_TIMEOUT) -> None:
        """Waits for what is on its way; what does not end in time comes back by its lease."""
        if self._flight.tasks:
            await asyncio.wait(self._flight.tasks, timeout=seconds)

    # ── before the send ──────────────────────────────────────────────────────────────────────────────────
    async def _take(self, limit: int, only: Recipient | None) -> tuple[int, list[Errand]]:
        now = self.clock()
        async with self.office.database.write() as session:
            room = await rooms(session, self.limits, now)
            claimed = await self.office.outbox.claim(session, self.owner, now, limit, rooms=room, only=only)
        if not claimed:
            return 0, []
        async with self.office.database.read() as session:
            approved = await approved_templates(session)
            weather = Weather(now, self.office.zone, await stops(session, now), frozenset(self.couriers))
            known = await know(session, claimed, now)
            probation = await on_probation(session)
        plans = [(notice, self._plan(known, notice, approved, weather)) for notice in claimed]
        async with self.office.database.write() as session:
            errands = await self._set_out(session, plans, probation, self.clock())
        self._flight.by_channel.update(errand.route.channel for errand in errands)
        return len(claimed), errands

    def _plan(self, known: Known, notice: Notice, approved: Approved, weather: Weather) -> Plan:
        if _is_stale(notice, weather.now):
            return Plan((), ("stale",))
        news = News(
            lane=notice.lane,
            is_reply=notice.conversation_id is not None,
            patient_until=notice.created_at + PATIENCE.get(notice.lane, timedelta()),
            tried=tuple(notice.routes_tried.split(",")),
            is_own=is_own_matter(
                notice.milestone,
                has_subject=any((notice.case_id, notice.application_id, notice.conversation_id, notice.staff_id)),
            ),
        )
        planned = plan(person_of(known, notice, approved, weather.now), news, weather)
        return replace(planned, routes=tuple(self._with_account(route) for route in planned.routes))

    def _with_account(self, route: Route) -> Route:
        """A member of the staff list who never spoke to us has no account yet: it is ours on that channel."""
        return route if route.account else replace(route, account=self.accounts.get(route.channel, ""))

    async def _set_out(
        self, session: AsyncSession, plans: Sequence[tuple[Notice, Plan]], probation: set[str], now: datetime
    ) -> list[Errand]:
        """Gives every planned notice its slot, or puts it back or to its end; what may fly now."""
        outbox, pace = self.office.outbox, Pace(self.limits, now)
        await pace.read(session, [planned.routes[0] for _, planned in plans if planned.routes])
        errands: list[Errand] = []
        parked: dict[str, list[Notice]] = {}
        flying = Counter(self._flight.by_channel)
        for notice, planned in plans:
            notice.plan = {"why": list(planned.why)}
            if planned.wait_until is not None:
                await outbox.later(session, notice, self.owner, planned.wait_until, planned.why[-1], counts=False)
            elif not planned.routes:
                why = "expired" if planned.why == ("stale",) else "no_route: " + "; ".join(planned.why)
                await outbox.end(session, notice, self.owner, "suppressed", now, why)
            elif not _joins(errands, notice, planned.routes[0]):
                errand = await self._board(session, notice, planned.routes[0], pace, flying, probation, parked, now)
                if errand is not None:
                    errands.append(errand)
                    flying[errand.route.channel] += 1
        for account, waiting in parked.items():
            await outbox.park(session, waiting, self.owner, account)
        await self._gather_along(session, errands, now)
        await pace.write(session, self.office.district_code)
        return errands

    async def _board(
        self,
        session: AsyncSession,
        notice: Notice,
        route: Route,
        pace: Pace,
        flying: Counter[Channel],
        probation: set[str],
        parked: dict[str, list[Notice]],
        now: datetime,
    ) -> Errand | None:
        outbox = self.office.outbox
        if flying[route.channel] >= IN_FLIGHT_PER_CHANNEL:
            await outbox.later(session, notice, self.owner, now + timedelta(seconds=1), "busy", counts=False)
            return None
        account = account_key(route)
        if account in probation and flying[route.channel]:
            await outbox.later(session, notice, self.owner, now + PROBE_WAIT, "probing", counts=False)
            return None
        slot = pace.take(route, AHEAD * 2 if notice.lane == URGENT else AHEAD)
        if slot.full:
            parked.setdefault(slot.full, []).append(notice)
            return None
        if not slot.taken:
            await outbox.later(session, notice, self.owner, slot.at, "pace", counts=False)
            return None
        return Errand(notice, route, slot.at)

    async def _gather_along(self, session: AsyncSession, errands: list[Errand], now: datetime) -> None:
        """Other bulk news that is due for the same residents rides along."""
        room = {one.notice.resident_id: one for one in errands if _carries(one.notice, one.route)}
        residents = [number for number in room if number is not None]
        if residents:
            for notice in await self.office.outbox.claim_companions(session, self.owner, now, residents):
                room[notice.resident_id].along.append(notice)

    # ── the send ─────────────────────────────────────────────────────────────────────────────────────────
    async def _send(self, errand: Errand) -> None:
        await self._keep_pace(errand)
        try:
            result = await self._deliver(errand.notice, errand.route, self._letter(errand))
        finally:
            self._flight.by_channel[errand.route.channel] -= 1
        self.reached("send")
        ending = Ending(self.office, self.owner)

        async def settle(session: AsyncSession) -> None:
            for notice in (errand.notice, *errand.along):
                await ending.settle(session, notice, errand.route, result, self.clock(), lead=errand.notice)

        await self._settling.do(settle)
        self.reached("receipt")
        log.info(
            "notice",
            id=errand.notice.id,
            along=len(errand.along),
            route=f"{errand.route.channel}.{errand.route.kind}",
            outcome=result.outcome.value,
        )

    async def _keep_pace(self, errand: Errand) -> None:
        """Waits for a slot; on a paced channel the most urgent message gets the next one."""
        wait = max((errand.at - self.clock()).total_seconds(), 0.0)
        channel, gap = errand.route.channel, spacing_of(self.limits, errand.route.channel)
        if gap:
            turns = self._flight.turns.setdefault(channel, Turns(gap))
            await turns.turn(errand.notice.lane, asyncio.get_running_loop().time() + wait)
        elif wait > 0:
            await asyncio.sleep(wait)

    def _letter(self, errand: Errand) -> Outgoing:
        letter = replace(self.office.outbox.letter(errand.notice), idempotency_key=f"n{errand.notice.id}")
        if not errand.along:
            return letter
        texts = [letter.text, *(self.office.outbox.letter(one).text for one in errand.along)]
        return replace(letter, text="\n\n".join(texts), choices=(), link=None)

    async def _deliver(self, notice: Notice, route: Route, letter: Outgoing) -> SendResult:
        courier = self.couriers.get(route.channel)
        if courier is None:
            return SendResult(Outcome.OTHER_ROUTE, reason="channel is not switched on")
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                return await courier.deliver(route, letter)
        except TimeoutError:
            return SendResult(Outcome.RETRY, reason="uncertain: timeout")
        except Exception as failure:  # a fault of ours must not take the other notices down
            log.error("courier_failed", notice=notice.id, route=route.kind, exc_info=failure)
            return SendResult(Outcome.BUG, reason=repr(failure))


def _carries(notice: Notice, route: Route) -> bool:
    """Whether other bulk news may ride along with this."""
    is_bulk = notice.lane == BULK and notice.resident_id is not None and notice.conversation_id is None
    return is_bulk and route.kind in CARRIES_SEVERAL


def _joins(errands: list[Errand], notice: Notice, route: Route) -> bool:
    """Puts bulk news into the message that the same resident gets anyway; False when there is none."""
    if not _carries(notice, route):
        return False
    for errand in errands:
        same = errand.notice.resident_id == notice.resident_id and errand.route == route
        if same and _carries(errand.notice, errand.route):
            errand.along.append(notice)
            return True
    return False


def _is_stale(notice: Notice, now: datetime) -> bool:
    """Worse late than never: expired by its own word, or by the table of `worth.py`."""
    if notice.expires_at is not None and notice.expires_at <= now:
        return True
    keeps = STALE_AFTER.get(notice.milestone)
    return keeps is not None and notice.created_at + keeps <= now
