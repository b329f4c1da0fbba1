"""The district's map in memory: the gazetteer and the tree of areas, reloaded when the lists change.

The only long-lived thing in the office that is replaced while running; readers take `gazetteer` once per turn.
"""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.gazetteer import AddressRow, Gazetteer
from backend.areas.geometry import AreaRow
from backend.areas.models import Address, Area


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

    def __init__(self) -> None:
        self.gazetteer = Gazetteer.build([], [])
        self.version = 0
        self._areas: dict[str, AreaFacts] = {}
        self._stamp: tuple[int, ...] = ()

    async def reload(self, session: AsyncSession) -> None:
        """Reads areas and addresses again when their number or newest id changed since the last time."""
        stamp = await _stamp(session)
        if stamp == self._stamp:
            return
        await self.rebuild(session)
        self._stamp = stamp

    async def rebuild(self, session: AsyncSession) -> None:
        """Reads areas and addresses again whatever changed (after an import or an edit in the panel)."""
        areas = list((await session.exec(select(Area).where(col(Area.retired_at).is_(None)).order_by(Area.path))).all())
        addresses = (await session.exec(select(Address).order_by(col(Address.id)))).all()
        self._areas = {
            area.code: AreaFacts(
                area.code, area.name, area.level, area.parent_code, tuple(area.path.strip("/").split("/"))
            )
            for area in areas
        }
        self.gazetteer = Gazetteer.build(
            (AddressRow(row.id or 0, row.address, row.aliases, row.area_code, row.lat, row.lon) for row in addresses),
            [AreaRow(area.code, area.name, area.level, area.parent_code, area.polygon) for area in areas],
        )
        self._stamp = await _stamp(session)
        self.version += 1

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


async def _stamp(session: AsyncSession) -> tuple[int, ...]:
    areas = (await session.exec(select(func.count()).select_from(Area))).one()
    addresses, newest = (await session.exec(select(func.count(), func.max(Address.id)).select_from(Address))).one()
    return areas, addresses, newest or 0
