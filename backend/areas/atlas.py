"""The district's map in memory: the gazetteer and the tree of areas, reloaded when the lists change.

The only long-lived thing in the office that is replaced while running; readers take `gazetteer` once per turn.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import String, func
from sqlalchemy import cast as sql_cast
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.gazetteer import AddressRow, Gazetteer, GazetteerMaker
from backend.areas.geometry import AreaRow
from backend.areas.models import Address, Area

PORTION = 5000
LONG_LIST = 50_000  # below, making the index anew takes a second or two
FORMAT = 1  # of the files on the shelf


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """What is said of an area without asking the database again."""

    code: str
    name: str
    level: str
    parent_code: str | None
    path: tuple[str, ...]


class Atlas:
    """The map of one district. `version` changes whenever it was reloaded."""

    def __init__(self, shelf: Path | None = None) -> None:
        """`shelf`: a folder where the index of a long address list is kept between starts."""
        self.gazetteer = Gazetteer.build([], [])
        self.version = 0
        self._shelf = shelf
        self._areas: dict[str, AreaFacts] = {}
        self._stamp = ""

    async def reload(self, session: AsyncSession) -> None:
        """Reads areas and addresses again when they are not what they were the last time."""
        stamp = await _stamp(session)
        if stamp == self._stamp:
            return
        areas = await self._read_areas(session)
        kept = await asyncio.to_thread(Gazetteer.open, self._shelf, areas, stamp) if self._shelf else None
        self._replace(kept or await self._made(session, areas, stamp), stamp)

    async def rebuild(self, session: AsyncSession) -> None:
        """Reads areas and addresses again whatever changed (after an import or an edit in the panel)."""
        stamp = await _stamp(session)
        self._replace(await self._made(session, await self._read_areas(session), stamp), stamp)

    def _replace(self, gazetteer: Gazetteer, stamp: str) -> None:
        self.gazetteer, self._stamp = gazetteer, stamp
        self.version += 1

    async def _read_areas(self, session: AsyncSession) -> list[AreaRow]:
        wanted = select(Area).where(col(Area.retired_at).is_(None)).order_by(Area.path)
        areas = (await session.exec(wanted)).all()
        self._areas = {
            area.code: AreaFacts(
                area.code, area.name, area.level, area.parent_code, tuple(area.path.strip("/").split("/"))
            )
            for area in areas
        }
        return [AreaRow(area.code, area.name, area.level, area.parent_code, area.polygon) for area in areas]

    async def _made(self, session: AsyncSession, areas: list[AreaRow], stamp: str) -> Gazetteer:
        """The index, made in portions beside the event loop; a long list is put on the shelf."""
        making = GazetteerMaker()
        columns = (Address.id, Address.address, Address.aliases, Address.area_code, Address.lat, Address.lon)
        wanted = sql_select(*(col(column) for column in columns)).order_by(col(Address.id))
        found = await session.stream(wanted, execution_options={"yield_per": PORTION})
        count = 0
        async for rows in found.partitions():
            count += len(rows)
            await asyncio.to_thread(making.add, [AddressRow._make(row) for row in rows])
        gazetteer = await asyncio.to_thread(making.finish, areas)
        if self._shelf is not None and count >= LONG_LIST:
            await asyncio.to_thread(gazetteer.save, self._shelf, stamp)
        return gazetteer

    def area(self, code: str) -> AreaFacts | None:
        """An area's facts; None when there is no such area."""
        return self._areas.get(code)

    def name(self, code: str) -> str:
        """An area's own name, or its code when unknown."""
        facts = self._areas.get(code)
        return facts.name if facts is not None else code

    def full_name(self, code: str) -> str:
        """Street, community and grid in a row, as people say it; the district goes without saying."""
        facts = self._areas.get(code)
        if facts is None:
            return code
        named = [self.name(one) for one in facts.path[1:]] or [facts.name]
        return "".join(named)

    def codes(self, level: str) -> list[str]:
        """All areas of a level, in order of their path."""
        return [code for code, facts in self._areas.items() if facts.level == level]


async def _stamp(session: AsyncSession) -> str:
    """A fingerprint of both lists: numbers, newest id, lengths of what is written, sums of the coordinates."""
    written = (
        func.length(Area.name) + func.length(Area.path) + func.coalesce(func.length(sql_cast(Area.polygon, String)), 0)
    )
    areas = (await session.exec(select(func.count(), func.sum(written), func.count(col(Area.retired_at))))).one()
    told = func.length(Address.address) + 3 * func.length(Address.aliases)
    places = func.sum(func.coalesce(Address.lat, 0) + 2 * func.coalesce(Address.lon, 0))
    addresses = await session.exec(select(func.count(), func.max(Address.id), func.sum(told), func.round(places)))
    return f"{FORMAT}:{tuple(areas)}:{tuple(addresses.one())}"
