"""Tables of the reports: every case's flags, their sums per place, day, category and person, and what assessments need.

A flag says whether a case counts below the line of a rate and above it. Sums are kept by the same transaction that
changes the flags, so they cannot drift; a nightly job compares them with the slow way all the same.
"""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.db.columns import BigId, InDistrict, id_field, ref_field, time_field

RATES = ("response", "solved", "satisfied", "on_time", "send_back", "redo")
COUNTS = ("cases", "ended", *(f"{rate}_{side}" for rate in RATES for side in ("below", "above")))


class CaseFlags(InDistrict, table=True):
    """How one case counts now. `cases` is 0 for what is out of count (void, merged, rejected, moved out)."""

    __tablename__ = "case_flags"
    __table_args__ = (Index("ix_case_flags_day", "day", "area_path"), Index("ix_case_flags_next", "next_at"))
    case_id: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    day: date  # the local day of filing
    area_path: str = Field(max_length=90)
    category: str = Field(max_length=60)
    staff: str = Field(default="", max_length=70)  # who did it, else who has it: "staff:12", "unit:…", ""
    level: str = Field(max_length=12)
    next_at: datetime | None = time_field(nullable=True)  # when time alone may change a flag
    cases: int = 0
    ended: int = 0
    response_below: int = 0
    response_above: int = 0
    solved_below: int = 0
    solved_above: int = 0
    satisfied_below: int = 0
    satisfied_above: int = 0
    on_time_below: int = 0
    on_time_above: int = 0
    send_back_below: int = 0
    send_back_above: int = 0
    redo_below: int = 0
    redo_above: int = 0


class Rollup(InDistrict, table=True):
    """Sums of `CaseFlags` for one local day. Every case is counted in several rows, so that a report reads few:

    | kind     | path                                    | key       | for                                         |
    |----------|-----------------------------------------|-----------|---------------------------------------------|
    | all      | each area it lies in, district to grid  | ""        | ladder table, rates per place, day, month   |
    | category | its district and its street             | category  | rates per category                          |
    | worker   | its street                              | who       | rates and assessment per person             |

    What lies deeper (categories of one community) is few cases and is read from `CaseFlags` itself.
    """

    __tablename__ = "rollup"
    __table_args__ = (
        UniqueConstraint("kind", "path", "day", "key", "level", name="uq_rollup"),
        Index("ix_rollup_depth", "kind", "depth", "day"),
    )
    id: int | None = id_field()
    day: date
    kind: str = Field(max_length=10)
    path: str = Field(max_length=90)
    depth: int  # of the path: 0 district … 3 grid
    key: str = Field(default="", max_length=70)
    level: str = Field(default="", max_length=12)  # which rung holds them, for the ladder table
    cases: int = 0
    ended: int = 0
    response_below: int = 0
    response_above: int = 0
    solved_below: int = 0
    solved_above: int = 0
    satisfied_below: int = 0
    satisfied_above: int = 0
    on_time_below: int = 0
    on_time_above: int = 0
    send_back_below: int = 0
    send_back_above: int = 0
    redo_below: int = 0
    redo_above: int = 0


class CaseExclusion(InDistrict, table=True):
    """A case to be left out of one rate ("" = all) of the assessment; counts only once somebody else approved."""

    __tablename__ = "case_exclusion"
    __table_args__ = (UniqueConstraint("case_id", "rate", name="uq_case_exclusion"),)
    id: int | None = id_field()
    case_id: int = ref_field(index=False)
    rate: str = Field(default="", max_length=12)
    reason: str = Field(max_length=300)
    asked_by: str = Field(max_length=40)
    asked_at: datetime = time_field()
    status: str = Field(default="asked", max_length=10)  # asked | approved | refused
    decided_by: str | None = Field(default=None, max_length=40)
    decided_at: datetime | None = time_field(nullable=True)


class AssessmentWeight(InDistrict, table=True):
    """A weight that differs from the published ones: `rate.solved`, `dual.street`, `dual.department`."""

    __tablename__ = "assessment_weight"
    district_code: str = Field(primary_key=True, max_length=12)
    name: str = Field(primary_key=True, max_length=30)
    value: float
    set_by: str = Field(max_length=40)
    set_at: datetime = time_field()


class DepartmentScore(InDistrict, table=True):
    """What a department gave the member of staff it sent down, for one month (0–100)."""

    __tablename__ = "department_score"
    __table_args__ = (UniqueConstraint("staff", "month", name="uq_department_score"),)
    id: int | None = id_field()
    staff: str = Field(max_length=40)
    month: str = Field(max_length=7)  # "2026-11"
    score: float
    given_by: str = Field(max_length=40)
    given_at: datetime = time_field()
