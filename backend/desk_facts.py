"""What the desk tells the counter: plain facts, without rows and without identities."""

from dataclasses import dataclass
from datetime import datetime

from backend.people.masked import Masked


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person who speaks."""

    resident_id: int
    phone: Masked
    language: str
    large_text: bool
    has_consented: bool
    staff_id: int | None
    staff_name: str
    home_area_code: str | None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as it may be told to the people who reported it."""

    number: str
    title: str
    description: str
    state: str
    kind: str
    category_code: str
    category_name: str
    urgency: str
    place: str
    area_code: str
    area_name: str
    holder_surname: str
    holder_role: str
    unit: str
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    has_owner: bool
    page: str = ""  # the address of their own page of it, when it was just filed


@dataclass(frozen=True, slots=True)
class SimilarFacts:
    """An open case that may be the same event; `reporters` counts the neighbours who reported it."""

    number: str
    title: str
    place: str
    reporters: int
    score: float
    category_code: str = ""
