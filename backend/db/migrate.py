"""Brings a database to the newest tables, and tells where tables and code have drifted apart."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlmodel import SQLModel

from backend.db.database import Database
from backend.db.tables import ALL, INVERTED_INDEX

FOLDER = Path(__file__).parent / "migrations"

assert ALL


def is_ours(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Whether a table is compared: SQLite keeps its inverted index in tables of its own."""
    return not (kind == "table" and name is not None and name.startswith(INVERTED_INDEX))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> None:
    """Runs every migration that is missing. Safe to repeat and to resume after a kill."""
    async with database.exclusive() as connection:
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))


async def is_current(database: Database) -> bool:
    """Whether the database has the newest migration."""
    async with database.engine.connect() as connection:
        have = await connection.run_sync(_heads)
    return bool(have) and have == set(ScriptDirectory.from_config(_config()).get_heads())


def _heads(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


async def drift(database: Database) -> list[Any]:
    """Where the code's tables and the migrated database differ; empty when they are equal."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_differences)


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
    return list(compare_metadata(context, SQLModel.metadata))


async def write_revision(database: Database, message: str) -> None:
    """Writes a new migration file from the difference between the tables and this (migrated) database."""
    async with database.exclusive() as connection:
        await connection.run_sync(lambda sync: command.revision(_config(sync), message=message, autogenerate=True))
