"""Insert or replace one row by its key, in one statement that both databases know."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def upsert(session: AsyncSession, table: type[SQLModel], values: dict[str, Any], keys: list[str]) -> None:
    """Inserts `values`; when a row with the same `keys` is there, its other columns take these values."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    changed = {name: value for name, value in values.items() if name not in keys}
    await session.execute(insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=changed))
