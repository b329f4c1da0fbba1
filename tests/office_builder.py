"""A tiny office for tests: one district, two streets, two communities, three grids, their staff and addresses.

Fixed people and places, a fixed secret, a fixed moment; nothing random. `fresh_office(tmp_path)` gives a new database.

    990100 云溪区
      990101 云桥街道 ─ 990101001 清泉社区 ─ 99010100101 第一网格 (李建国 A, 赵小梅 B, 网格长 孙立), …102 第二网格
      990102 河湾街道 ─ 990102001 柳荫社区 ─ 99010200101 第一网格
"""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

import backend.db.tables
from backend.areas.atlas import Atlas
from backend.areas.models import Address, Area, Staff
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

__all__ = ["AREAS", "MONDAY", "SECRET", "fresh_office", "seed"]

assert backend.db.tables.ALL  # every table is known before create_all
SECRET = "tests-only-0123456789-abcdefghij-KLMNOP"
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 10:00 in Shanghai
DISTRICT = "990100"
TEXTS = Texts.load()  # immutable; reading them takes longer than everything else together


def square(west: float, south: float, side: float = 0.01) -> dict[str, object]:
    """A square polygon as GeoJSON, WGS-84 degrees."""
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


AREAS = (
    ("990100", "云溪区", "district", None, "990100/", None),
    ("990101", "云桥街道", "street", "990100", "990100/990101/", None),
    ("990102", "河湾街道", "street", "990100", "990100/990102/", None),
    ("990101001", "清泉社区", "community", "990101", "990100/990101/990101001/", None),
    ("990102001", "柳荫社区", "community", "990102", "990100/990102/990102001/", None),
    ("99010100101", "第一网格", "grid", "990101001", "990100/990101/990101001/99010100101/", square(120.00, 30.00)),
    ("99010100102", "第二网格", "grid", "990101001", "990100/990101/990101001/99010100102/", square(120.01, 30.00)),
    ("99010200101", "第一网格", "grid", "990102001", "990100/990102/990102001/99010200101/", square(120.00, 30.01)),
)
ADDRESSES = (
    ("幸福里小区1号楼", "幸福里1栋", "99010100101", 30.004, 120.003),
    ("幸福里小区2号楼", "幸福里2栋", "99010100101", 30.005, 120.004),
    ("幸福里小区3号楼", "幸福里3栋", "99010100102", 30.005, 120.014),
    ("解放路1-99号单号", "", "99010100101", None, None),
    ("解放路2-98号双号", "", "99010100102", None, None),
    ("河湾新村5号楼", "新村5栋", "99010200101", 30.014, 120.004),
    ("清泉菜场", "菜场;菜市场", "99010100101", 30.006, 120.006),
    ("槐树巷", "", "99010100101", None, None),
    ("槐树巷", "", "99010100102", None, None),
)
STAFF = (
    ("李建国", "worker", "99010100101", "A", None, "telegram", "7001"),
    ("赵小梅", "worker", "99010100101", "B", None, "telegram", "7002"),
    ("孙立", "responsible", "99010100101", "A", None, "telegram", "7003"),
    ("王芳", "worker", "99010100102", "A", None, "telegram", "7004"),
    ("周强", "worker", "99010200101", "A", None, "wechat", "openid-zhou"),
    ("吴敏", "dispatcher", "990101", "A", None, "telegram", "7010"),
    ("郑涛", "dispatcher", "990100", "A", None, "telegram", "7011"),
    ("钱进", "verifier", "990101", "A", None, None, None),
    ("何晓", "leader", "990101", "A", None, "telegram", "7012"),
    ("综合执法队值班", "department", "990100", "A", "综合执法队", "telegram", "7020"),
)


async def fresh_office(folder: Path, url: str | None = None, *, seeded: bool = True) -> Office:
    """A new office over an empty SQLite file in `folder` (or over `url`), with tables and the tiny district."""
    database = Database(url or f"sqlite+aiosqlite:///{folder / 'linli.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    vault = Vault(Secret(SECRET))
    atlas = Atlas()
    office = Office(
        district_code=DISTRICT,
        zone=ZoneInfo("Asia/Shanghai"),
        database=database,
        vault=vault,
        auditor=Auditor(vault.subkey("audit-chain"), DISTRICT),
        inbox=Inbox(vault, DISTRICT),
        outbox=Outbox(vault, DISTRICT),
        texts=TEXTS,
        taxonomy=load_taxonomy(),
        atlas=atlas,
        library=Library(),
        media_folder=folder / "media",
        public_url="http://127.0.0.1:8000",
    )
    if seeded:
        async with database.write() as session:
            await seed(session)
            await session.flush()
            await atlas.rebuild(session)
    return office


async def seed(session: AsyncSession) -> None:
    """Adds the tiny district's areas, addresses and staff."""
    for code, name, level, parent, path, polygon in AREAS:
        session.add(
            Area(
                district_code=DISTRICT,
                code=code,
                name=name,
                level=level,
                parent_code=parent,
                path=path,
                polygon=polygon,
            )
        )
    for address, aliases, area, lat, lon in ADDRESSES:
        session.add(Address(district_code=DISTRICT, address=address, aliases=aliases, area_code=area, lat=lat, lon=lon))
    for name, role, area, duty, unit, channel, channel_id in STAFF:
        session.add(
            Staff(
                district_code=DISTRICT,
                name=name,
                role=role,
                area_code=area,
                duty=duty,
                unit=unit,
                channel=channel,
                channel_id=channel_id,
            )
        )
