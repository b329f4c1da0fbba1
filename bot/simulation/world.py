"""The scratch office a scenario is played in: the demonstration district, or a copy of this district's own lists."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import SQLModel, select

from backend.areas.atlas import Atlas
from backend.areas.models import Address, Area, CalendarDay, DutyShift, RoutingRule, Staff
from backend.db.database import Database
from backend.db.tables import ALL
from backend.demo.loading import lists
from backend.demo.plan import DISTRICT
from backend.imports.run import plan_records
from backend.imports.writing import write_plan
from backend.intake.inbox import Inbox
from backend.knowledge.library import Library
from backend.notices.outbox import Outbox
from backend.office import Office
from backend.people.audit import Auditor
from backend.people.masked import Secret
from backend.people.vault import Vault
from backend.texts import Texts
from bot.settings import Settings
from nlu.taxonomy import load_taxonomy

COPIED = (Area, Address, Staff, DutyShift, CalendarDay, RoutingRule)
SCRATCH_SECRET = "scratch: thrown away with the simulation, opens nothing else"  # noqa: S105 it guards invented people
assert ALL


def scratch_office(database: Database, district: str, settings: Settings, folder: Path) -> Office:
    """An office of its own over `database`; nothing in it leaves the scratch folder."""
    vault = Vault(Secret(SCRATCH_SECRET))
    return Office(
        district_code=district,
        zone=ZoneInfo(settings.zone),
        database=database,
        vault=vault,
        auditor=Auditor(vault.subkey("audit-chain"), district),
        inbox=Inbox(vault, district),
        outbox=Outbox(vault, district),
        texts=Texts.load(),
        taxonomy=load_taxonomy(),
        atlas=Atlas(),
        library=Library(),
        media_folder=folder / "media",
        public_url="http://127.0.0.1",
        is_demo=True,
    )


@asynccontextmanager
async def scratch(
    settings: Settings,
    start: datetime,
    source: Office | None = None,
    file: Path | None = None,
    *,
    is_empty: bool = False,
) -> AsyncIterator[Office]:
    """An office with the demonstration's places and people, with those of `source`, or with none. Gone afterwards,
    unless `file` says where to keep it."""
    with TemporaryDirectory(prefix="linli-simulate-") as temporary:
        folder = Path(temporary)
        database = Database(f"sqlite+aiosqlite:///{file or folder / 'scratch.db'}")
        async with database.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        district = source.district_code if source is not None else DISTRICT[0]
        office = scratch_office(database, district, settings, folder)
        try:
            if not is_empty:
                await (_copy(source, office) if source is not None else _load_demo(office, start))
            async with database.read() as session:
                await office.atlas.rebuild(session)
            yield office
        finally:
            await database.close()


async def _load_demo(office: Office, start: datetime) -> None:
    async with office.database.write() as session:
        for kind, records in lists():
            plan = await plan_records(session, kind, records, office.vault, office.district_code, start, is_demo=True)
            await write_plan(session, plan)


async def _copy(source: Office, office: Office) -> None:
    """Places, people, shifts, calendar and rules; no resident, no case, no telephone number."""
    async with source.database.read() as here, office.database.write() as there:
        for table in COPIED:
            rows = (await here.exec(select(table).where(table.district_code == source.district_code))).all()
            values = [row.model_dump(exclude={"phone_sealed", "phone_index"}) for row in rows]
            if values:
                await there.execute(insert(table), values)
