"""What the desk tells the counter about items and applications: plain facts, without rows and identities."""

from dataclasses import dataclass
from datetime import date, datetime

OFFERED = ("admitted", "adjusted")  # an adjusted item is in force in its newer form


@dataclass(frozen=True, slots=True)
class Material:
    """One paper to bring; `by_photo`: a photograph of it is enough."""

    name: str
    by_photo: bool


@dataclass(frozen=True, slots=True)
class DeskDay:
    """A department sits here only on these weekdays (0 = Monday)."""

    weekdays: tuple[int, ...]
    place: str
    unit: str
    text: str  # as the catalogue writes it


@dataclass(frozen=True, slots=True)
class DeskVisit:
    """The next date on which a rotating desk is there."""

    day: date
    place: str
    unit: str


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """A service item as it may be told to anybody. `score` 0..1 and `sure` are about the words it was found by."""

    code: str
    name: str
    materials: tuple[Material, ...]
    limit_working_days: int  # 0 = decided on the spot
    fee: str
    place: str
    hours: str
    phone: str
    desk_days: tuple[DeskDay, ...]
    next_desk_day: DeskVisit | None
    deliverable: bool
    state: str
    cancelled_reason: str
    unit: str
    level: str
    appeal: str
    area_code: str
    score: float = 1.0
    sure: bool = True

    @property
    def offered(self) -> bool:
        """Whether it can be applied for now."""
        return self.state in OFFERED

    @property
    def cancelled(self) -> bool:
        """Nobody needs it any more; `cancelled_reason` says why."""
        return self.state == "cancelled"


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which it can be brought home; `id` is what the button carries."""

    id: str
    label: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """An application as it may be told to its applicant. `door_code` only to the applicant, while on the way home."""

    number: str
    item_code: str
    item_name: str
    state: str
    missing: tuple[str, ...]
    decision_reason: str
    appeal: str
    place: str
    hours: str
    deliverable: bool
    delivery_wanted: bool
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    ready_at: datetime | None
    limit_working_days: int
    slot: str = ""  # as people say it; "" = none chosen
    door_code: str = ""
    courier_surname: str = ""
    courier_role: str = ""
    delivery_area_name: str = ""
    delivery_tries: int = 0
    proxy: str = ""  # masked name


@dataclass(frozen=True, slots=True)
class DoorResult:
    """What came of an identity check at the door: handed over, or so many tries left."""

    handed_over: bool
    tries_left: int
    application: ApplicationFacts
