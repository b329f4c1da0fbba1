"""A whole house for journeys and fault experiments: the real counter, sender and channel doors over a tiny district.

The vendors are stand-ins on loopback; the doors are called in this process; time is a clock that tests turn.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlmodel import select
from starlette.applications import Starlette

from backend.areas.models import Staff
from backend.cases.models import Case, CaseEvent
from backend.intake.models import InboxMessage
from backend.notices.courier import Courier
from backend.notices.letters import Channel
from backend.notices.mailbox import Mailbox
from backend.notices.models import ApprovedTemplate, Notice, NoticeTry
from backend.notices.sender import Sender
from backend.office import Office
from bot.channel_kit import build_channels
from bot.channel_parts import ChannelKit
from bot.counter import Counter
from bot.fail_points import nowhere
from bot.pacing import vendor_limits
from bot.reading_ahead import ReadingAhead
from bot.reception import Reception
from bot.settings import Settings
from bot.understanding import build_plain_reader
from nlu.engines.opening import open_linear
from nlu.entities.gazetteer import Gazetteer
from nlu.reader import Reader
from tests.office_builder import SECRET, fresh_office
from tests.servers.clock import TurnableClock
from tests.servers.sms import SmsServer
from tests.servers.telegram import TelegramServer
from tests.servers.wechat import WeChatServer
from tests.servers.wecom import WeComServer
from tests.servers.wired import AES_KEY, TOKEN

WEBHOOK_SECRET = "webhook-secret-0123456789"
NO_MODELS = Path("does-not-exist")


@dataclass
class LiveHouse:
    """Everything of one process, without its loops: tests run the steps, or `working()` runs them beside."""

    office: Office
    clock: TurnableClock
    kit: ChannelKit
    reception: Reception
    mailbox: Mailbox
    counter: Counter
    sender: Sender
    http: httpx.AsyncClient
    door: httpx.AsyncClient
    closers: list[Callable[[], object]] = field(default_factory=list)

    async def settle(self, rounds: int = 60) -> None:
        """Handles the inbox and sends the outbox until nothing is due at this moment."""
        for _ in range(rounds):
            handled = await self.counter.work_off()
            sent = await self.sender.work_off()
            if not handled and not sent:
                return

    async def pass_time(self, **span: float) -> None:
        """Turns the clock and lets what has fallen due happen."""
        self.clock.advance(**span)
        await self.settle()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """The counter works beside the test, as in a running process, so that webhooks can be answered at once."""

        async def loop() -> None:
            while True:
                heard = self.reception.arrived.heard
                if not await self.counter.work_off():
                    await self.reception.arrived.wait(heard, 0.05)

        task = asyncio.create_task(loop())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def all(self, table: type, *where: object) -> list:
        """Every row of a table, oldest first."""
        async with self.office.database.read() as session:
            return list((await session.exec(select(table).where(*where).order_by(table.id))).all())

    async def cases(self) -> list[Case]:
        return await self.all(Case)

    async def case(self) -> Case:
        """The only case there is."""
        (only,) = await self.cases()
        return only

    async def moves(self, case: Case) -> list[str]:
        return [row.move for row in await self.all(CaseEvent, CaseEvent.case_id == case.id)]

    async def notices(self, *where: object) -> list[Notice]:
        return await self.all(Notice, *where)

    async def tries(self) -> list[NoticeTry]:
        return await self.all(NoticeTry)

    async def inbox(self) -> list[InboxMessage]:
        return await self.all(InboxMessage)

    async def put_staff_on(self, channel: str, ids: Mapping[str, str]) -> None:
        """Gives members of staff, by name, another channel id."""
        async with self.office.database.write() as session:
            for staff in (await session.exec(select(Staff))).all():
                if staff.name in ids:
                    staff.channel, staff.channel_id = channel, ids[staff.name]

    async def approve(self, route: str, milestone: str, template_id: str, fields: dict, **more: object) -> None:
        """An approved template of a vendor."""
        async with self.office.database.write() as session:
            session.add(
                ApprovedTemplate(
                    district_code=self.office.district_code,
                    route=route,
                    milestone=milestone,
                    template_id=template_id,
                    fields=fields,
                    **more,
                )
            )

    async def close(self) -> None:
        await self.door.aclose()
        await self.kit.close()
        await self.http.aclose()
        await self.office.database.close()


def settings_for(
    wechat: WeChatServer | None = None,
    telegram: TelegramServer | None = None,
    wecom: WeComServer | None = None,
    sms: SmsServer | None = None,
    *,
    polling: bool = False,
) -> Settings:
    """Settings that point the real clients at the stand-ins that are given; other channels stay off."""
    given: dict[str, object] = {"secret_key": SECRET}
    if wechat is not None:
        given["wechat"] = {
            "app_id": wechat.app_id,
            "app_secret": wechat.app_secret,
            "token": TOKEN,
            "encoding_aes_key": AES_KEY,
            "api_base": wechat.base,
        }
    if wecom is not None:
        given["wecom"] = {
            "corp_id": wecom.corp_id,
            "agent_id": wecom.agent_id,
            "secret": wecom.secret,
            "token": TOKEN,
            "encoding_aes_key": AES_KEY,
            "api_base": wecom.base,
        }
    if telegram is not None:
        given["telegram"] = {
            "token": telegram.token,
            "api_base": telegram.base,
            "mode": "polling" if polling else "webhook",
            "webhook_secret": WEBHOOK_SECRET,
        }
    if sms is not None:
        given["sms"] = {"url": sms.base, "key": sms.key_id, "secret": sms.secret}
    return Settings(_env_file=None, **given)


async def live_house(
    folder: Path,
    settings: Settings,
    clock: TurnableClock,
    *,
    url: str | None = None,
    read: Callable | None = None,
    office: Office | None = None,
    owner: str = "house-1",
    more_couriers: Mapping[Channel, Courier] | None = None,
    reached: Callable[[str], None] = nowhere,
) -> LiveHouse:
    """A house over a fresh tiny district (or over `office`, as a second process)."""
    office = office or await fresh_office(folder, url)
    http = httpx.AsyncClient(follow_redirects=False, timeout=10.0)
    reception = Reception(office, clock, reached=reached)
    mailbox = Mailbox(office, clock)
    kit = build_channels(settings, office, reception, http, clock, owner)
    couriers = {Channel.WEB: mailbox, Channel.TERMINAL: mailbox, **kit.couriers, **(more_couriers or {})}
    names = Gazetteer(office.atlas.gazetteer.names.names())
    full = read or Reader(open_linear(NO_MODELS, b"k" * 32, office.taxonomy).engine, office.taxonomy, names).read
    return LiveHouse(
        office=office,
        clock=clock,
        kit=kit,
        reception=reception,
        mailbox=mailbox,
        counter=Counter(
            office,
            full,
            kit.sources,
            clock,
            owner,
            acknowledgers=kit.acknowledgers,
            ahead=ReadingAhead(full, build_plain_reader(office).read, patience=0.5),
            handled=reception.handled.ring,
            reached=reached,
        ),
        sender=Sender(
            office,
            couriers,
            clock,
            owner,
            limits=vendor_limits(),
            accounts=kit.accounts,
            reached=reached,
            settled=reception.arrived.set,
        ),
        http=http,
        door=httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=kit.routes)), base_url="http://linli.test", timeout=20
        ),
    )
