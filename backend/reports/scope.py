"""What every report asks first: which place, which days; and what a group is called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area, Staff
from backend.office import Office
from backend.reports.models import Rollup
from nlu.errors import LinliError


class UnknownArea(LinliError):
    """There is no such area."""

    code: ClassVar[str] = "unknown_area"
    status: ClassVar[int] = 404


class PeriodBackwards(LinliError):
    """The period ends before it begins."""

    code: ClassVar[str] = "period_backwards"
    status: ClassVar[int] = 422


class GroupBy(StrEnum):
    """What a report has one line for."""

    WORKER = "worker"
    GRID = "grid"
    COMMUNITY = "community"
    STREET = "street"
    CATEGORY = "category"
    DAY = "day"
    MONTH = "month"


PLACES = {GroupBy.STREET: 1, GroupBy.COMMUNITY: 2, GroupBy.GRID: 3}  # place in the area path, 0 = district


@dataclass(frozen=True, slots=True)
class Scope:
    """Days `start`–`end` (local, both included) in the area whose path this is ("" = the whole district)."""

    district_code: str
    start: date
    end: date
    area: str
    path: str

    @property
    def root(self) -> str:
        """The path of the place itself, the district's own where nothing was asked."""
        return self.path or f"{self.district_code}/"

    @property
    def depth(self) -> int:
        """0 for the district … 3 for a grid."""
        return self.root.count("/") - 1

    def sums(self, kind: str) -> list[ColumnElement[bool]]:
        """The conditions on sums of this kind on the days asked for."""
        return [
            col(Rollup.district_code) == self.district_code,
            col(Rollup.kind) == kind,
            col(Rollup.day) >= self.start,
            col(Rollup.day) <= self.end,
        ]

    def covers(self, table: Any) -> list[ColumnElement[bool]]:
        """The conditions on a table with `district_code`, `day` and `area_path`."""
        conditions = [
            col(table.district_code) == self.district_code,
            col(table.day) >= self.start,
            col(table.day) <= self.end,
        ]
        return [*conditions, col(table.area_path).startswith(self.path, autoescape=True)] if self.path else conditions


async def scope_of(session: AsyncSession, office: Office, start: date, end: date, area: str) -> Scope:
    """Raises `UnknownArea` or `PeriodBackwards`."""
    if end < start:
        raise PeriodBackwards
    if not area or area == office.district_code:
        return Scope(office.district_code, start, end, area, "")
    row = await session.get(Area, area)
    if row is None or row.district_code != office.district_code:
        raise UnknownArea
    return Scope(office.district_code, start, end, area, row.path)


def group_key(by: GroupBy, day: date, path: str, category: str, staff: str) -> str:
    """The group a row belongs to; "" when it belongs to none (no owner yet, not placed so deep)."""
    if by is GroupBy.DAY:
        return day.isoformat()
    if by is GroupBy.MONTH:
        return f"{day:%Y-%m}"
    if by is GroupBy.CATEGORY:
        return category
    if by is GroupBy.WORKER:
        return staff
    codes = path.strip("/").split("/")
    return codes[PLACES[by]] if len(codes) > PLACES[by] else ""


async def names_of(session: AsyncSession, office: Office, by: GroupBy, keys: Iterable[str]) -> dict[str, str]:
    """What people call the groups."""
    wanted = sorted(set(keys))
    nobody = office.texts.say("reports.nobody")
    if by in PLACES:
        return {key: office.atlas.full_name(key) if key else nobody for key in wanted}
    if by is GroupBy.CATEGORY:
        return {key: office.taxonomy.name_of(key) if "." in key else nobody for key in wanted}
    if by is not GroupBy.WORKER:
        return {key: key for key in wanted}
    ids = [int(key.removeprefix("staff:")) for key in wanted if key.startswith("staff:")]
    people = {
        f"staff:{one.id}": one.name for one in (await session.exec(select(Staff).where(col(Staff.id).in_(ids)))).all()
    }
    return {key: people.get(key, key.removeprefix("unit:")) or nobody for key in wanted}
