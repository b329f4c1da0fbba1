"""Alembic's entry: runs on the connection that `backend.db.migrate` hands over, on SQLite in batch mode."""

from alembic import context
from sqlmodel import SQLModel

import backend.db.tables
from backend.db.migrate import is_ours

assert backend.db.tables.ALL  # every table is known before comparing


def run() -> None:
    """Migrates on the given connection; one transaction per step, so that a killed upgrade can be resumed."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_object=is_ours,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
