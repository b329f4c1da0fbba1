"""Insert or replace one row by its key, in one statement that both databases know."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


def insert_of(session: AsyncSession) -> Callable[..., Any]:
    """The INSERT of this session's database, which knows ON CONFLICT; both have it, each under its own name."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


async def upsert(session: AsyncSession, table: type[SQLModel], values: dict[str, Any], keys: list[str]) -> None:
    """Inserts `values`; when a row with the same `keys` is there, its other columns take these values."""
    insert = insert_of(session)
    changed = {name: value for name, value in values.items() if name not in keys}
    await session.execute(insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=changed))
