"""Tables of problems. History (`CaseEvent`) is appended and never edited; `Case` is its present, kept for lists."""

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, Column, Index, Text, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field

from backend.db.columns import BigId, InDistrict, id_field, ref_field, time_field

CASE_WORDS = "case_words"  # SQLite's inverted index of `CaseSearch`
WORDS_TABLE = (
    f"CREATE VIRTUAL TABLE {CASE_WORDS} USING fts5"
    "(words, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars '@#'\")"
)

_LEXEMES = TSVECTOR().with_variant(Text(), "sqlite")


def _while(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


LIVE_COLUMNS = (
    *("id", "area_path", "state", "queue", "category_code", "category_sure", "urgency", "kind", "due_at"),
    *("assignee", "claimed_by_id", "unit"),
)  # what lists filter by


class Case(InDistrict, table=True):
    """A problem as it stands now. `area_path` is that of the area responsible at this moment."""

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_open", "district_code", "state", "id"),
        Index("ix_case_path", "area_path", "id", "state", "urgency", "category_code", "kind", "closed_at"),
        Index("ix_case_assignee", "assignee", "state"),
        Index("ix_case_unit", "unit", "id"),
        Index("ix_case_category", "category_code", "id"),
        Index("ix_case_urgency", "urgency", "id"),
        Index("ix_case_closed", "closed_at", "id", **_while("closed_at IS NOT NULL")),
        # What is open is a small part of all: lists of open cases walk these and nothing else.
        Index("ix_case_live", *LIVE_COLUMNS, **_while("closed_at IS NULL")),
        Index("ix_case_live_path", "area_path", "id", *LIVE_COLUMNS[2:], "grid_code", **_while("closed_at IS NULL")),
        Index("ix_case_live_due", "due_at", "id", "area_path", **_while("closed_at IS NULL")),
        Index("ix_case_waiting", "id", "queue", "area_path", **_while("queue <> ''")),
    )
    id: int | None = id_field()
    number: str = Field(unique=True, max_length=20)
    kind: str = Field(max_length=20)  # complaint report repair help suggestion praise consultation
    source: str = Field(max_length=12)
    state: str = Field(max_length=20)
    urgency: str = Field(default="normal", max_length=12)
    category_code: str = Field(default="", max_length=60)  # "" = unclassified
    category_sure: bool = True  # False puts it into the operators' "unsure" queue
    title: str = Field(max_length=120)
    description: str  # phones, id cards and names already masked: this text may be seen by the worker
    description_sealed: bytes | None = None  # the resident's own words, under the resident's key
    place: str = Field(default="", max_length=200)
    lat: float | None = None  # WGS-84; one point, never a track
    lon: float | None = None
    grid_code: str | None = Field(default=None, max_length=20, index=True)  # where it happened
    area_code: str = Field(max_length=20)  # who answers for it now
    area_path: str = Field(max_length=90)
    level: str = Field(max_length=12)
    queue: str = Field(default="", max_length=60, index=True)  # "community:CODE", "boundary:CODE"; "" = taken
    assignee: str | None = Field(default=None, max_length=40)  # actor key: "staff:12" or "user:3"
    unit: str | None = Field(default=None, max_length=60)
    doer: str | None = Field(default=None, max_length=40)  # actor key of who reported it done: may not verify it
    against: str | None = Field(default=None, max_length=120)  # whom the complaint is about
    resident_id: int | None = ref_field(nullable=True)
    anonymous: bool = False
    identity_hidden: bool = True
    redo_count: int = 0
    transfer_count: int = 0
    parent_id: int | None = ref_field(nullable=True)  # a part of a joint case, or split from it
    merged_into_id: int | None = ref_field(nullable=True)
    cluster_id: int | None = ref_field(nullable=True)
    flags: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = time_field(index=True)
    updated_at: datetime = time_field()
    due_at: datetime | None = time_field(nullable=True)  # the next clock that runs out
    closed_at: datetime | None = time_field(nullable=True)
    claimed_by_id: int | None = ref_field(nullable=True, index=False)  # the operator who works on it in a queue
    version: int = 0  # rises with every event; a stale form is refused
    is_demo: bool = False


class CaseEvent(InDistrict, table=True):
    """One move or note in a case's history."""

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "seq", name="uq_case_event"),)
    id: int | None = id_field()
    case_id: int = ref_field(index=False)
    seq: int
    at: datetime = time_field(index=True)
    move: str = Field(max_length=30, index=True)
    from_state: str | None = Field(default=None, max_length=20)
    to_state: str | None = Field(default=None, max_length=20)  # None = the state stayed
    actor_role: str = Field(max_length=20)
    actor: str = Field(max_length=40)  # "resident:5", "staff:12", "user:3", "system"
    actor_name: str = Field(default="", max_length=60)
    reason: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    is_public: bool = True  # may the resident see this line


class CaseReporter(InDistrict, table=True):
    """Everyone who reported a case and keeps hearing of it: the first, the joiners, those of merged cases."""

    __tablename__ = "case_reporter"
    __table_args__ = (UniqueConstraint("case_id", "resident_id", name="uq_case_reporter"),)
    id: int | None = id_field()
    case_id: int = ref_field()
    resident_id: int = ref_field()
    joined_at: datetime = time_field()


class Attachment(InDistrict, table=True):
    """A stored file: `path` is a name of ours under the media folder, never the sender's."""

    __tablename__ = "attachment"
    id: int | None = id_field()
    case_id: int | None = ref_field(nullable=True)
    application_id: int | None = ref_field(nullable=True)
    conversation_id: int | None = ref_field(nullable=True)
    kind: str = Field(max_length=12)  # before | after | paper | voice | signature | other
    path: str = Field(max_length=120)
    mime: str = Field(max_length=60)
    size: int
    width: int = 0
    height: int = 0
    sha256: str = Field(max_length=64)
    by: str = Field(default="resident", max_length=20)
    created_at: datetime = time_field()


class PageLink(InDistrict, table=True):
    """A bearer link to a worker's task page or a resident's page; only the token's digest is kept."""

    __tablename__ = "page_link"
    token_digest: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=12)  # task | case | delivery | application
    case_id: int | None = ref_field(nullable=True)
    application_id: int | None = ref_field(nullable=True)
    staff_id: int | None = ref_field(nullable=True)
    resident_id: int | None = ref_field(nullable=True)
    expires_at: datetime = time_field()
    revoked_at: datetime | None = time_field(nullable=True)


class CaseClock(InDistrict, table=True):
    """The latest round of one clock of a case, recomputed from history. The sweep asks for `next_at <= now`."""

    __tablename__ = "case_clock"
    __table_args__ = (
        UniqueConstraint("case_id", "name", name="uq_case_clock"),
        Index("ix_case_clock_next", "next_at"),
    )
    id: int | None = id_field()
    case_id: int = ref_field(index=False)
    name: str = Field(max_length=16)  # accept first_contact resolve verify
    round: int = 1
    started_at: datetime = time_field()
    due_at: datetime = time_field()
    stopped_at: datetime | None = time_field(nullable=True)
    is_paused: bool = False
    limit_amount: float
    limit_unit: str = Field(max_length=16)
    next_at: datetime | None = time_field(nullable=True)  # when the next warning falls; None = nothing left to say
    reasons: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class CaseWarning(InDistrict, table=True):
    """A warning given about a clock, or covered by a graver one; the unique key is why nobody is warned twice."""

    __tablename__ = "case_warning"
    __table_args__ = (UniqueConstraint("case_id", "clock", "round", "level", name="uq_case_warning"),)
    id: int | None = id_field()
    case_id: int = ref_field(index=False)
    clock: str = Field(max_length=16)
    round: int
    level: str = Field(max_length=8)  # half eighty breach yellow red
    covered: bool = False
    at: datetime = time_field(index=True)


class CaseChange(InDistrict, table=True):
    """A case that changed since the reports last looked at it; written with every move, taken by the report job.

    `count` rises with each change, so that one made while the job looks is not taken for seen.
    """

    __tablename__ = "case_change"
    case_id: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    count: int = 1


class CaseSearch(InDistrict, table=True):
    """What can be found of a case: see `backend.cases.search`, which alone writes it."""

    __tablename__ = "case_search"
    __table_args__ = (
        Index("ix_case_search", "lexemes", postgresql_using="gin", sqlite_where=text("lexemes IS NOT NULL")),
    )
    case_id: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    words: str  # number, title, description, place: letters and digits only
    tags: str = Field(max_length=120)  # areas, and whether it is live
    lexemes: Any = Field(default=None, sa_type=_LEXEMES, nullable=True)  # PostgreSQL only


event.listen(
    CaseSearch.__table__,  # type: ignore[attr-defined]  # SQLModel hides it
    "after_create",
    DDL(WORDS_TABLE).execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]  # SQLAlchemy's own
)


class Correction(InDistrict, table=True):
    """An operator's correction of what the model thought; read by `linli nlu train --with-corrections`."""

    __tablename__ = "correction"
    id: int | None = id_field()
    text: str  # already masked
    old_category: str = Field(max_length=60)
    new_category: str = Field(max_length=60)
    old_intent: str = Field(default="", max_length=20)
    new_intent: str = Field(default="", max_length=20)
    model_version: str = Field(max_length=60)
    by_user_id: int | None = ref_field(nullable=True, index=False)
    at: datetime = time_field()
