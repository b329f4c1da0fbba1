"""Tables of knowledge articles and unanswered questions."""

from datetime import UTC, date, datetime

from sqlalchemy import Column
from sqlmodel import Field

from backend.db.columns import InDistrict, UtcDateTime, id_field, ref_field, time_field


def _utc_now() -> datetime:
    """Only tells caches that a row changed; no rule reads it."""
    return datetime.now(UTC)


class Article(InDistrict, table=True):
    """A question people ask, other ways of asking it, and the answer; never shown after `valid_until`."""

    __tablename__ = "article"
    id: int | None = id_field()
    question: str = Field(max_length=200)
    variants: str = ""  # separated by ;
    answer: str
    area_code: str = Field(default="", max_length=20)  # "" = the whole district
    owner: str = Field(default="", max_length=60)
    valid_from: date | None = None
    valid_until: date | None = Field(default=None, index=True)
    is_active: bool = True
    helpful: int = 0
    unhelpful: int = 0
    updated_at: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime, default=_utc_now, onupdate=_utc_now, index=True)
    )
    is_demo: bool = False


class UnansweredQuestion(InDistrict, table=True):
    """A question without a good answer, for staff to write one; the text is masked."""

    __tablename__ = "unanswered_question"
    id: int | None = id_field()
    text: str
    core: str = Field(max_length=200, index=True)  # without politeness and filler: the same question counts up
    asked: int = 1
    first_at: datetime = time_field()
    last_at: datetime = time_field()
    article_id: int | None = ref_field(nullable=True)
    resolved_at: datetime | None = time_field(nullable=True)
