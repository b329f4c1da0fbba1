"""An empty office over a database made for one measurement."""

from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

from backend.areas.atlas import Atlas
from backend.db import tables
from backend.db.database import Database
from backend.intake.inbox import Inbox
from backend.knowledge.library import Library
from backend.notices.outbox import Outbox
from backend.office import Office
from backend.people.audit import Auditor
from backend.people.masked import Secret
from backend.people.vault import Vault
from backend.texts import Texts
from nlu.taxonomy import load_taxonomy

DISTRICT = "990100"
KEY = "only-for-measurements-0123456789-abcdefgh"


async def empty_office(folder: Path, url: str = "") -> Office:
    """Tables and nothing in them: SQLite in `folder`, or the empty database of `url`."""
    assert tables.ALL
    database = Database(url or f"sqlite+aiosqlite:///{folder / 'bench.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    vault = Vault(Secret(KEY))
    return Office(
        district_code=DISTRICT,
        zone=ZoneInfo("Asia/Shanghai"),
        database=database,
        vault=vault,
        auditor=Auditor(vault.subkey("audit-chain"), DISTRICT),
        inbox=Inbox(vault, DISTRICT),
        outbox=Outbox(vault, DISTRICT),
        texts=Texts.load(),
        taxonomy=load_taxonomy(),
        atlas=Atlas(),
        media_folder=folder / "media",
        public_url="http://127.0.0.1:8000",
        library=Library(),
    )
