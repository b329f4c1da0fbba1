"""Who plays in the invented history: staff as actors of the rules, and sixty residents with sealed made-up phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Address, Area, Staff
from backend.areas.roster import staff_key
from backend.demo.people import name_of
from backend.domain.case_view import Actor
from backend.domain.words import Role
from backend.office import Office
from backend.people.residents import new_resident, remember, resident_key, wrapped_key

RESIDENTS = 60
T = TypeVar("T")


class Dice:
    """A small counter-driven number source (a 64-bit linear congruence): the same history on every machine."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, limit: int) -> int:
        """A number from 0 to limit − 1."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % limit

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.below(len(choices))]


@dataclass(frozen=True, slots=True)
class Player:
    """Someone who acts, with the name written into the history."""

    actor: Actor
    name: str


@dataclass(frozen=True, slots=True)
class Citizen:
    """A resident of the history."""

    id: int
    wrapped_key: bytes
    player: Player


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone and every place of the history."""

    staff: Mapping[tuple[str, str], list[Player]]  # (role, area or unit) → people, A before B
    residents: list[Citizen]
    addresses: list[Address]
    paths: Mapping[str, tuple[str, ...]]

    def one(self, role: Role, place: str) -> Player:
        """The first person of a role in an area or unit."""
        return self.staff[role.value, place][0]


async def read_cast(session: AsyncSession, office: Office, now: datetime) -> Cast:
    """Reads what was just loaded and makes the residents."""
    staff: dict[tuple[str, str], list[Player]] = {}
    rows = (await session.exec(select(Staff))).all()
    for row in sorted(rows, key=lambda one: (one.duty, one.id or 0)):
        actor = Actor(staff_key(row.id), Role(row.role), (row.area_code,), row.unit)
        staff.setdefault((row.role, row.unit or row.area_code), []).append(Player(actor, row.name))
    areas = (await session.exec(select(Area))).all()
    addresses = (await session.exec(select(Address))).all()
    return Cast(
        staff,
        [await _citizen(session, office, number, now) for number in range(RESIDENTS)],
        sorted((one for one in addresses if one.lat is not None), key=lambda one: one.id or 0),
        {area.code: tuple(area.path.strip("/").split("/")) for area in areas},
    )


async def _citizen(session: AsyncSession, office: Office, number: int, now: datetime) -> Citizen:
    """Phones begin with 100, which no mobile number does."""
    resident = await new_resident(session, office, now)
    assert resident.id is not None
    name = name_of(number + 400)
    await remember(session, office, resident, phone=f"1000000{number:04d}", name=name)
    key = await wrapped_key(session, resident.id)
    player = Player(Actor(resident_key(resident.id), Role.RESIDENT), "")
    return Citizen(resident.id, key, player)
