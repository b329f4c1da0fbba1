"""Who gets a new task: never nobody, and never the one it is about.

| asked in this order                        | if so                                              |
|--------------------------------------------|----------------------------------------------------|
| the address matches two or more grids      | the street's boundary queue                        |
| no grid is known                           | the queue of the lowest level known, with an alarm |
| the A person is on duty                    | A                                                  |
| the B person is on duty                    | B, as substitute                                   |
| the responsible person is on duty          | the responsible person                             |
| nobody                                     | the community's queue, with an alarm               |

A person is passed over when the case is about them or about their team; if the community itself is the
subject, the
queue is the one above it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.domain.words import LADDER, Level, Role


class Duty(StrEnum):
    """A holds the grid, B stands in."""

    A = "A"
    B = "B"


@dataclass(frozen=True, slots=True)
class StaffOnRoster:
    """One person of a grid as the roster has them today. `unit` is their team."""

    id: str
    role: Role
    area: str
    on_duty: bool
    duty: Duty | None = None
    unit: str | None = None


class Why(StrEnum):
    """Why it went where it went."""

    A_ON_DUTY = "a_on_duty"
    B_STANDS_IN = "b_stands_in"
    RESPONSIBLE = "responsible"
    NOBODY_ON_DUTY = "nobody_on_duty"
    CONFLICT = "conflict_of_interest"
    BOUNDARY = "boundary"
    UNPLACED = "unplaced"


@dataclass(frozen=True, slots=True)
class Choice:
    """A person or a queue, never neither; with `alarm` the dispatcher is told at once."""

    why: Why
    assignee: str | None = None
    queue: str | None = None
    alarm: bool = False

    @property
    def substitute(self) -> bool:
        """Whether somebody stands in for A."""
        return self.why in (Why.B_STANDS_IN, Why.RESPONSIBLE)


def queue_name(level: Level, code: str) -> str:
    """`community:990101…`; the boundary queue is `boundary:<street>`."""
    return f"{level.value}:{code}"


def barred(roster: Iterable[StaffOnRoster], subjects: Collection[str]) -> frozenset[str]:
    """Everybody a case about `subjects` must not reach: the subjects, their teams, and all in those teams.

    Give this as the case's `subjects` when filing, so that every later move refuses them as well.
    """
    people = list(roster)
    teams = {p.unit for p in people if p.unit and (p.id in subjects or p.unit in subjects)}
    return frozenset(subjects) | teams | {p.id for p in people if p.unit in teams}


def who_gets_it(
    area_path: tuple[str, ...],
    roster: Sequence[StaffOnRoster],
    subjects: Collection[str] = (),
    other_grids: Sequence[str] = (),
) -> Choice:
    """The person or queue for a case here. `area_path` district → grid, as far as known; `other_grids` are
    further
    grids that match the address equally well; `roster` holds the people of the grid (more do no harm)."""
    if other_grids:
        street = area_path[1] if len(area_path) > 1 else area_path[0] if area_path else "-"
        return Choice(Why.BOUNDARY, queue=f"boundary:{street}")
    if len(area_path) < len(LADDER):
        return Choice(Why.UNPLACED, queue=_queue(area_path, Level.COMMUNITY, subjects), alarm=True)
    out = barred(roster, subjects)
    here = [p for p in roster if p.area == area_path[-1] and p.on_duty]
    fit = [p for p in here if p.id not in out and p.unit not in out]
    for why, person in _in_order(fit):
        return Choice(why, assignee=person.id)
    passed_over = len(fit) < len(here)
    queue = _queue(area_path, Level.COMMUNITY, out)
    return Choice(Why.CONFLICT if passed_over else Why.NOBODY_ON_DUTY, queue=queue, alarm=True)


def _in_order(people: Iterable[StaffOnRoster]) -> list[tuple[Why, StaffOnRoster]]:
    rows: list[tuple[int, str, Why, StaffOnRoster]] = []
    for p in people:
        if p.role is Role.WORKER:
            why = Why.B_STANDS_IN if p.duty is Duty.B else Why.A_ON_DUTY
            rows.append((1 if why is Why.B_STANDS_IN else 0, p.id, why, p))
        elif p.role is Role.RESPONSIBLE:
            rows.append((2, p.id, Why.RESPONSIBLE, p))
    return [(why, p) for _, _, why, p in sorted(rows, key=lambda row: row[:2])]


def _queue(area_path: tuple[str, ...], lowest: Level, out: Collection[str]) -> str:
    """The queue of the lowest level from `lowest` up whose area is known and is not itself the subject."""
    for level in LADDER[lowest.rank :]:
        place = 3 - level.rank
        if place < len(area_path) and area_path[place] not in out:
            return queue_name(level, area_path[place])
    return queue_name(Level.DISTRICT, area_path[0] if area_path else "-")
