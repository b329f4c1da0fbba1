"""Column types shared by all tables: aware UTC times, and the district code that every row carries.

SQLite has no time zones and PostgreSQL has; both give back aware UTC datetimes. The district code is on every table
so that a city can spread districts over several database nodes.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in, the same instant in UTC out. A naive value is refused: it would be a wrong time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite only counts up by itself on INTEGER PRIMARY KEY; everywhere else ids are 64 bits wide.
BigId = BigInteger().with_variant(Integer(), "sqlite")


def id_field() -> Any:
    """A 64-bit primary key given by the database."""
    return Field(default=None, primary_key=True, sa_type=BigId)


def time_field(*, index: bool = False, nullable: bool = False) -> Any:
    """A required (or, with `nullable`, optional) aware time."""
    if nullable:
        return Field(default=None, sa_type=UtcDateTime, index=index, nullable=True)
    return Field(sa_type=UtcDateTime, index=index, nullable=False)


def ref_field(*, index: bool = True, nullable: bool = False) -> Any:
    """A 64-bit reference to another row."""
    if nullable:
        return Field(default=None, sa_type=BigId, index=index, nullable=True)
    return Field(sa_type=BigId, index=index, nullable=False)


class InDistrict(SQLModel):
    """Every table carries the district it belongs to."""

    district_code: str = Field(max_length=12, index=True)
