"""An invented city of any size: streets, communities and grids, who serves them, and residents; all from numbers.

Sizes as in real districts: 3,000 residents to a grid, four grids to a community, ten communities to a street; two
workers and a responsible person to a grid.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.areas.roster import staff_key
from backend.demo.cast import Cast, Citizen, Player
from backend.domain.case_view import Actor
from backend.domain.words import Role
from backend.people.residents import resident_key

PER_GRID, GRIDS, COMMUNITIES = 3000, 4, 10
OPERATORS = 20


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff to be; `id` counts from 1."""

    id: int
    name: str
    role: Role
    area: str
    duty: str = "A"
    unit: str | None = None


@dataclass(frozen=True)
class Town:
    """The lists of a city in one district code. `units` are the departments that stories name."""

    district: str
    residents: int
    units: tuple[str, ...]

    @property
    def grids(self) -> list[tuple[str, ...]]:
        """Paths of all grids: district, street, community, grid."""
        wanted = max(1, self.residents // PER_GRID)
        return [self._path(number) for number in range(wanted)]

    def _path(self, number: int) -> tuple[str, ...]:
        community, grid = divmod(number, GRIDS)
        street, within = divmod(community, COMMUNITIES)
        codes = (f"{self.district}{street:04d}", f"{within:02d}", f"{grid:02d}")
        return (self.district, codes[0], codes[0] + codes[1], "".join(codes))

    def areas(self) -> Iterator[dict[str, Any]]:
        """Rows of areas, parents first."""
        seen: set[str] = set()
        levels = ("district", "street", "community", "grid")
        for path in self.grids:
            for depth, code in enumerate(path):
                if code not in seen:
                    seen.add(code)
                    parent = path[depth - 1] if depth else None
                    yield {
                        "district_code": self.district,
                        "code": code,
                        "name": f"{code[-2:]}{('市', '街道', '社区', '网格')[depth]}",
                        "level": levels[depth],
                        "parent_code": parent,
                        "path": "".join(f"{one}/" for one in path[: depth + 1]),
                        "polygon": None,
                        "households": 0,
                        "is_demo": True,
                    }

    def people(self) -> list[Person]:
        """Everybody who serves, in the order of their ids."""
        wanted: list[tuple[Role, str, str, str | None]] = []
        wanted += [(Role.OPERATOR, self.district, "A", None)] * OPERATORS
        wanted += [(role, self.district, "A", None) for role in (Role.DISPATCHER, Role.LEADER)]
        wanted += [(Role.DEPARTMENT, self.district, "A", unit) for unit in self.units]
        streets = dict.fromkeys(path[1] for path in self.grids)
        wanted += [(r, code, "A", None) for code in streets for r in (Role.DISPATCHER, Role.VERIFIER, Role.LEADER)]
        wanted += [(Role.DISPATCHER, code, "A", None) for code in dict.fromkeys(path[2] for path in self.grids)]
        for path in self.grids:
            wanted += [(Role.WORKER, path[3], duty, None) for duty in "AB"]
            wanted.append((Role.RESPONSIBLE, path[3], "A", None))
        return [Person(n, f"演示{n:05d}", *one) for n, one in enumerate(wanted, start=1)]

    def cast(self, residents: int) -> Cast:
        """The same people as actors, with so many residents numbered from 1 (their keys are not needed here)."""
        staff: dict[tuple[str, str], list[Player]] = {}
        for one in self.people():
            actor = Actor(staff_key(one.id), one.role, (one.area,), one.unit)
            staff.setdefault((one.role.value, one.unit or one.area), []).append(Player(actor, one.name))
        citizens = [Citizen(n, b"", Player(Actor(resident_key(n), Role.RESIDENT), "")) for n in range(1, residents + 1)]
        return Cast(staff, citizens, [], {path[3]: path for path in self.grids})


def staff_rows(town: Town) -> Iterator[dict[str, Any]]:
    """Rows of staff with their ids."""
    for one in town.people():
        yield {
            "id": one.id,
            "district_code": town.district,
            "name": one.name,
            "role": one.role.value,
            "area_code": one.area,
            "duty": one.duty,
            "unit": one.unit,
            "on_duty": True,
            "is_active": True,
            "is_demo": True,
        }


def resident_rows(town: Town, count: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Rows of residents of whom nothing is known but that they reported."""
    for number in range(1, count + 1):
        yield {
            "id": number,
            "district_code": town.district,
            "language": "zh_CN",
            "large_text": False,
            "may_contact": True,
            "created_at": now,
        }
