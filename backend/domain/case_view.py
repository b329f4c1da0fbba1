"""What the rules see of a case, of the person acting, and of what happened; and how the past makes the
present.

| word     | meaning                                                                            |
|----------|------------------------------------------------------------------------------------|
| owner    | who is answerable now: the assignee, else the unit, else the queue: never nobody    |
| level    | the rung that holds the case; it climbs by `hand_over`                              |
| doer     | who said "done" last; may not verify                                                |
| subjects | persons and units complained about; they never see or handle the case               |
| demands  | the evidence its category asks for before closing (e.g. `photo_after`)              |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.domain.words import ENDS, CaseState, Kind, Level, Role, Source, Urgency


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `areas` are the codes they are in charge of (all below included), `unit` their team or
    department."""

    id: str
    role: Role
    areas: tuple[str, ...] = ()
    unit: str | None = None

    def standing(self, area_path: tuple[str, ...]) -> int | None:
        """Highest place in the path (0 = district) that this person is in charge of, None when outside."""
        return next((place for place, code in enumerate(area_path) if code in self.areas), None)

    def covers(self, area_path: tuple[str, ...]) -> bool:
        """Whether the area lies in their charge."""
        return self.role is Role.SYSTEM or self.standing(area_path) is not None


SYSTEM = Actor("system", Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of history. `data` holds only JSON values; `to_state` is None when the state stayed."""

    case_id: str
    name: str
    at: datetime
    actor_id: str
    role: Role
    from_state: str | None = None
    to_state: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One unit's share of a joint case."""

    unit: str
    main: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the rules see it; `area_path` runs district → … → grid, as far down as is known."""

    id: str
    state: CaseState = CaseState.RECEIVED
    kind: Kind = Kind.COMPLAINT
    category: str = "other"
    urgency: Urgency = Urgency.NORMAL
    source: Source = Source.WEB
    area_path: tuple[str, ...] = ()
    level: Level = Level.GRID
    assignee: str | None = None
    unit: str | None = None
    queue: str | None = None
    reporters: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    doer: str | None = None
    demands: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    redo_count: int = 0
    transfer_count: int = 0  # passed on without an owner since somebody last settled or took it up
    hand_over_count: int = 0
    extension_asked_by: str | None = None
    pending_asked_by: str | None = None
    reopen_asked_by: str | None = None
    watchers: tuple[str, ...] = ()  # superiors who supervise
    parts: tuple[Part, ...] = ()
    merged_into: str | None = None
    rated: bool = False
    first_kind: Kind | None = None  # as filed: relabelling must not improve a rate
    first_category: str | None = None

    @property
    def owner(self) -> str | None:
        """Who is answerable now."""
        return self.assignee or self.unit or self.queue

    @property
    def ended(self) -> bool:
        """Whether the case has come to an end."""
        return self.state in ENDS

    @property
    def holding_place(self) -> int:
        """Place in `area_path` of the area that holds the case (0 = district)."""
        return max(0, min(3 - self.level.rank, len(self.area_path) - 1))

    @property
    def holding_area(self) -> str | None:
        """Code of the area that holds the case now."""
        return self.area_path[self.holding_place] if self.area_path else None
