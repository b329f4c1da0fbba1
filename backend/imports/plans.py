"""How each list maps to its table: identity, columns, district, sealed phones."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Address, Area, Staff
from backend.imports.problems import NoDistrictForList
from backend.imports.records import AddressRecord, AreaRecord, ItemRecord, KnowledgeRecord, StaffRecord
from backend.imports.writing import Plan, Values, compare, existing_rows
from backend.items.models import ServiceItem
from backend.knowledge.models import Article
from backend.people.vault import Vault


class Places:
    """Areas in the system: code → level, and code → path from the district down."""

    def __init__(self, rows: Sequence[tuple[str, str, str]]) -> None:
        self.levels: Mapping[str, str] = {code: level for code, level, _ in rows}
        self.paths: Mapping[str, str] = {code: path for code, _, path in rows}

    @classmethod
    async def read(cls, session: AsyncSession) -> "Places":
        """All areas, from the database."""
        rows = (await session.exec(select(Area.code, Area.level, Area.path))).all()
        return cls([(code, level, path) for code, level, path in rows])

    def district(self, code: str) -> str:
        """The district an area belongs to: the first code of its path."""
        return self.paths[code].partition("/")[0]

    def only_district(self, default: str) -> str:
        """The one district in the system, else `default`. Raises NoDistrictForList when that is not in the system."""
        districts = [code for code, level in self.levels.items() if level == "district"]
        if len(districts) == 1:
            return districts[0]
        if default not in districts:
            raise NoDistrictForList
        return default


async def plan_areas(session: AsyncSession, records: Sequence[AreaRecord], places: Places, is_demo: bool) -> Plan:
    """Parents stand before children in `records`, so paths grow from the top. A retired area comes back."""
    paths = dict(places.paths)
    wanted: list[tuple[tuple[str, ...], Values]] = []
    for record in records:
        paths[record.code] = f"{paths[record.parent_code] if record.parent_code else ''}{record.code}/"
        values: Values = asdict(record)
        values |= {"path": paths[record.code], "district_code": paths[record.code].partition("/")[0]}
        wanted.append(((record.code,), values | {"is_demo": is_demo, "retired_at": None}))
    compared = ["name", "level", "parent_code", "path", "polygon", "households", "retired_at"]
    there = await existing_rows(session, Area, "code", compared, lambda row: (row["code"],))
    return compare(Area, "code", wanted, there)


async def plan_addresses(session: AsyncSession, records: Sequence[AddressRecord], places: Places) -> Plan:
    """The same address under two areas is two rows."""
    wanted = [
        ((r.address, r.area_code), {"address": r.address, "aliases": r.aliases, "area_code": r.area_code, "lat": r.lat,
                                    "lon": r.lon, "district_code": places.district(r.area_code)})
        for r in records
    ]  # fmt: skip
    compared = ["address", "aliases", "area_code", "lat", "lon"]
    there = await existing_rows(session, Address, "id", compared, lambda row: (row["address"], row["area_code"]))
    return compare(Address, "id", wanted, there)


async def plan_staff(
    session: AsyncSession, records: Sequence[StaffRecord], places: Places, vault: Vault, is_demo: bool
) -> Plan:
    """Phones are sealed under the office key; whether one changed is told by its blind index."""
    wanted: list[tuple[tuple[str, ...], Values]] = []
    for record in records:
        values: Values = asdict(record)
        phone = values.pop("phone")
        values |= {
            "channel": record.channel or None,
            "channel_id": record.channel_id or None,
            "unit": record.unit or None,
        }
        values |= {
            "phone_sealed": vault.seal_office(phone) if phone else None,
            "phone_index": vault.blind_index(phone) if phone else None,
            "district_code": places.district(record.area_code),
            "is_active": True,
            "is_demo": is_demo,
        }
        wanted.append(((record.name, record.role, record.area_code), values))
    compared = ["name", "role", "area_code", "duty", "phone_index", "channel", "channel_id", "unit", "is_active"]
    there = await existing_rows(
        session, Staff, "id", compared, lambda row: (row["name"], row["role"], row["area_code"])
    )
    return compare(Staff, "id", wanted, there)


async def plan_items(session: AsyncSession, records: Sequence[ItemRecord], district: str, is_demo: bool) -> Plan:
    """Items by code within the district."""
    wanted = [((r.code,), asdict(r) | {"district_code": district, "is_demo": is_demo}) for r in records]
    compared = list(asdict(records[0])) if records else ["code"]
    there = await existing_rows(session, ServiceItem, "id", compared, lambda row: (row["code"],))
    return compare(ServiceItem, "id", wanted, there)


async def plan_knowledge(
    session: AsyncSession, records: Sequence[KnowledgeRecord], district: str, now: datetime, is_demo: bool
) -> Plan:
    """Articles by their question."""
    wanted = [
        ((r.question,), asdict(r) | {"district_code": district, "updated_at": now, "is_demo": is_demo}) for r in records
    ]
    compared = ["question", "variants", "answer", "valid_until"]
    there = await existing_rows(session, Article, "id", compared, lambda row: (row["question"],))
    return compare(Article, "id", wanted, there)
