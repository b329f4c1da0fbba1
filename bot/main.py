"""The composition root: the only place that reads settings and builds adapters."""

import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import httpx
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.atlas import Atlas
from backend.areas.models import Area
from backend.db.database import Database
from backend.intake.inbox import Inbox
from backend.knowledge.library import Library
from backend.notices.courier import Courier
from backend.notices.letters import Channel
from backend.notices.mailbox import Mailbox
from backend.notices.outbox import Outbox
from backend.notices.sender import Sender
from backend.office import Office
from backend.people.audit import Auditor
from backend.people.masked import Secret
from backend.people.vault import Vault
from backend.texts import Texts
from bot.bells import Alarm
from bot.channel_kit import ChannelKit, build_channels
from bot.counter import Counter
from bot.fail_points import armed
from bot.metrics import OfficeCollector
from bot.pacing import vendor_limits
from bot.reading_ahead import ReadingAhead
from bot.reception import Reception
from bot.settings import Settings
from bot.understanding import build_plain_reader, build_reader
from nlu.errors import LinliError
from nlu.reader import Reader
from nlu.taxonomy import load_taxonomy

SECRET_FILE = Path("var/secret_key")
MODEL_KEY = "models"
Clock = Callable[[], datetime]


class NoDistrictYet(LinliError):
    """There is no district in the database yet: run `linli demo`, or `linli import areas.geojson`."""

    code: ClassVar[str] = "no_district_yet"
    status: ClassVar[int] = 503


def utc_now() -> datetime:
    """The machine's clock, aware."""
    return datetime.now(UTC)


@dataclass
class House:
    """Everything one process needs, put together."""

    settings: Settings
    office: Office
    reader: Reader
    reception: Reception
    mailbox: Mailbox
    counter: Counter
    sender: Sender
    channels: ChannelKit
    http: httpx.AsyncClient
    clock: Clock
    owner: str
    awake: Alarm  # set when something arrived or was written: the loops look at once
    collector: OfficeCollector

    async def close(self) -> None:
        """Ends connections in the order in which nothing is lost."""
        await self.channels.close()
        await self.http.aclose()
        await self.office.database.close()


def master_secret(settings: Settings, file: Path = SECRET_FILE) -> Secret:
    """The master secret: from the setting, else from a file that is made on the first start (owner-readable only)."""
    given = settings.secret_key.get_secret_value()
    if given:
        return Secret(given)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return Secret(file.read_text(encoding="utf-8").strip())


async def district_of(session: AsyncSession, wanted: str) -> str:
    """The district this process serves: the setting, else the only one there is. Raises `NoDistrictYet`."""
    if wanted:
        return wanted
    found = (await session.exec(select(Area.code).where(Area.level == "district"))).all()
    if len(found) != 1:
        raise NoDistrictYet(
            f"{len(found)} districts in the database; set LINLI_DISTRICT to one of them" if found else ""
        )
    return found[0]


async def open_office(settings: Settings, district_code: str | None = None) -> Office:
    """The office over its database, which must be migrated. Without `district_code` it is found there."""
    database = Database(settings.database.url)
    vault = Vault(master_secret(settings))
    async with database.read() as session:
        code = district_code or await district_of(session, settings.district)
        area = await session.get(Area, code)
        atlas = Atlas(settings.media_folder.parent / "places")
        await atlas.reload(session)
    settings.media_folder.mkdir(parents=True, exist_ok=True)
    return Office(
        district_code=code,
        zone=ZoneInfo(settings.zone),
        database=database,
        vault=vault,
        auditor=Auditor(vault.subkey("audit-chain"), code, settings.audit_days),
        inbox=Inbox(vault, code),
        outbox=Outbox(vault, code),
        texts=Texts.load(),
        taxonomy=load_taxonomy(),
        atlas=atlas,
        library=Library(),
        media_folder=settings.media_folder,
        public_url=settings.public_url.rstrip("/"),
        is_demo=area is not None and area.is_demo,
    )


async def open_house(settings: Settings, clock: Clock = utc_now) -> House:
    """Builds everything for this process; nothing runs yet."""
    office = await open_office(settings)
    owner = f"{socket.gethostname()}:{secrets.token_hex(4)}"
    http = httpx.AsyncClient(follow_redirects=False, timeout=10.0)
    reached = armed(settings.fail_point)
    reception = Reception(office, clock, reached=reached)
    mailbox = Mailbox(office, clock)
    reader = build_reader(settings.nlu, office, office.vault.subkey(MODEL_KEY))
    channels = build_channels(settings, office, reception, http, clock, owner)
    couriers: dict[Channel, Courier] = {Channel.WEB: mailbox, Channel.TERMINAL: mailbox, **channels.couriers}
    return House(
        settings=settings,
        office=office,
        reader=reader,
        reception=reception,
        mailbox=mailbox,
        counter=Counter(
            office,
            reader.read,
            channels.sources,
            clock,
            owner,
            acknowledgers=channels.acknowledgers,
            ahead=ReadingAhead(reader.read, build_plain_reader(office).read),
            handled=reception.handled.ring,
            reached=reached,
        ),
        sender=Sender(
            office,
            couriers,
            clock,
            owner,
            limits=vendor_limits(),
            accounts=channels.accounts,
            reached=reached,
            settled=reception.arrived.set,
        ),
        channels=channels,
        http=http,
        clock=clock,
        owner=owner,
        awake=reception.arrived,
        collector=OfficeCollector(office),
    )
