"""The lists a form may choose from; what a form sends back is looked up in the very same list."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.admin.who import Who
from backend.areas.models import Staff
from backend.areas.roster import roster_of, staff_key
from backend.cases.models import Case
from backend.office import Office

MOST_STAFF = 400  # staff of one street: more than any select can show well


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff who may be chosen. `away`: not on duty at this moment."""

    key: str
    name: str
    role: str
    area: str
    unit: str | None
    duty: str
    away: bool = False
    near: bool = False  # serves the case's own grid


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything the forms of one case may choose from."""

    people: tuple[Person, ...]
    units: tuple[str, ...]
    areas: tuple[tuple[str, str], ...]
    categories: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

    def person(self, key: str) -> Person | None:
        """The person of this key, if offered."""
        return next((one for one in self.people if one.key == key), None)


async def choices_for(session: AsyncSession, office: Office, who: Who, case: Case | None, now: datetime) -> Choices:
    """People of the case's own grid first (A, B, responsible person), then the rest of the reader's area."""
    near = [
        _person(office, row.staff, away=not row.on_duty, near=True)
        for row in (await roster_of(session, case.grid_code, now) if case is not None and case.grid_code else [])
    ]
    known = {one.key for one in near}
    rest = [one for one in await _staff_in(session, office, who, case) if one.key not in known]
    return Choices(
        people=(*near, *rest),
        units=tuple(sorted({one.unit for one in rest if one.unit} | set(await _units(session)))),
        areas=areas_below(office, who.area_path),
        categories=categories_of(office),
    )


async def _staff_in(session: AsyncSession, office: Office, who: Who, case: Case | None) -> list[Person]:
    """Active staff of the case's community, of everything above it, and of the reader's own area as far as it fits."""
    path = case.area_path.strip("/").split("/") if case is not None else []
    community = path[2] if len(path) > 2 else (path[-1] if path else who.area_code)
    codes = {*path, *(code for code, _ in areas_below(office, _path_of(office, community)))}
    found = await session.exec(
        select(Staff)
        .where(col(Staff.is_active), col(Staff.area_code).in_(codes))
        .order_by(col(Staff.area_code).desc(), col(Staff.role), col(Staff.id))
        .limit(MOST_STAFF)
    )
    return [_person(office, person) for person in found.all()]


async def _units(session: AsyncSession) -> list[str]:
    found = await session.exec(select(Staff.unit).where(col(Staff.unit).is_not(None), col(Staff.is_active)).distinct())
    return [unit for unit in found.all() if unit]


def _person(office: Office, staff: Staff, *, away: bool = False, near: bool = False) -> Person:
    duty = staff.duty if staff.role == "worker" else ""
    return Person(
        staff_key(staff.id),
        staff.name,
        staff.role,
        office.atlas.name(staff.area_code),
        staff.unit,
        duty,
        away or not staff.on_duty,
        near,
    )


def _path_of(office: Office, code: str) -> str:
    area = office.atlas.area(code)
    return "".join(f"{one}/" for one in area.path) if area is not None else "-"


def areas_below(office: Office, prefix: str) -> tuple[tuple[str, str], ...]:
    """Codes and full names of an area and of everything below it."""
    found = []
    for level in ("district", "street", "community", "grid"):
        for code in office.atlas.codes(level):
            path = _path_of(office, code)
            if path.startswith(prefix):
                found.append((path, code))
    return tuple((code, office.atlas.full_name(code)) for _, code in sorted(found))


def categories_of(office: Office) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Classes with their leaves, as (name, ((code, name), …))."""
    taxonomy = office.taxonomy
    return tuple(
        (name, tuple((leaf.code, leaf.name) for leaf in taxonomy.leaves_of(code)))
        for code, name in taxonomy.classes.items()
    )
