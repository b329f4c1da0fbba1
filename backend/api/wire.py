"""What goes over the wire of /api/v1: declared here and nowhere else; unknown fields are refused (422)."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from backend.cases.models import Case, CaseEvent
from backend.domain.words import Kind, Urgency
from backend.items.models import Application
from backend.office import Office

HIGHEST_ID = 2**63 - 1
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _visible(text: str) -> str:
    """Without NUL, terminal commands and signs that turn the direction of writing; tabs and new lines stay."""
    return _INVISIBLE.sub("", text)


def _line(text: str) -> str:
    """On one line."""
    return " ".join(_visible(text).split())


Words = Annotated[str, AfterValidator(_visible)]
Line = Annotated[str, AfterValidator(_line)]


class Strict(BaseModel):
    """No field that is not declared."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewCaseIn(Strict):
    """A problem to file. Without `category` the text is classified; without `area_code` the address or pin decides."""

    text: Words = Field(min_length=1, max_length=4000)
    address: Line = Field(default="", max_length=200)
    area_code: str = Field(default="", max_length=20)
    category: str = Field(default="", max_length=60)
    kind: Kind = Kind.REPORT
    urgency: Urgency | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    phone: str = Field(default="", max_length=20, pattern=r"^(\+?[0-9][0-9-]{5,18}[0-9])?$")

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("empty")
        return text


class MoveIn(Strict):
    """A move on a case. `version` is the one the caller has seen: another in between is refused (409).

    `facts` holds the fields that `moves` of the case names, and no others; photos are added in the panel or by phone.
    """

    move: str = Field(max_length=40)
    version: int = Field(ge=0, le=HIGHEST_ID)
    facts: dict[Annotated[str, Field(max_length=40)], Annotated[Words, Field(max_length=4000)] | int | float] = Field(
        default_factory=dict, max_length=20
    )


class MeaningIn(Strict):
    """A text to understand."""

    text: Words = Field(max_length=20_000)


class CaseOut(BaseModel):
    """A case without anybody's identity."""

    number: str
    kind: str
    source: str
    state: str
    urgency: str
    category: str
    category_name: str
    title: str
    description: str
    place: str
    lat: float | None
    lon: float | None
    area_code: str
    area_name: str
    level: str
    queue: str
    assignee: str | None
    unit: str | None
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    version: int
    is_demo: bool

    @classmethod
    def of(cls, office: Office, case: Case) -> "CaseOut":
        """The row as outsiders see it."""
        fields = {name: getattr(case, name) for name in cls.model_fields if hasattr(case, name)}
        return cls(
            **fields,
            category=case.category_code,
            category_name=office.taxonomy.name_of(case.category_code),
            area_name=office.atlas.full_name(case.area_code),
        )


class EventOut(BaseModel):
    """One line of a case's history."""

    seq: int
    at: datetime
    move: str
    from_state: str | None
    to_state: str | None
    role: str
    reason: str

    @classmethod
    def of(cls, row: CaseEvent) -> "EventOut":
        """The row without names."""
        return cls(
            seq=row.seq,
            at=row.at,
            move=row.move,
            from_state=row.from_state,
            to_state=row.to_state,
            role=row.actor_role,
            reason=row.reason,
        )


class CasePage(BaseModel):
    """Cases, newest first; `next` continues the list, None at its end."""

    cases: list[CaseOut]
    next: int | None


class CaseWithHistory(BaseModel):
    """A case, its history, and the moves the caller may make now with the fields each takes."""

    case: CaseOut
    history: list[EventOut]
    moves: dict[str, list[str]]


class ApplicationOut(BaseModel):
    """An application without its applicant."""

    number: str
    item_name: str
    state: str
    area_code: str
    level: str
    missing: str
    created_at: datetime
    due_at: datetime | None
    ready_at: datetime | None

    @classmethod
    def of(cls, row: Application) -> "ApplicationOut":
        """The row as outsiders see it."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})
