"""Writes a migration from the difference between the tables and a freshly migrated database."""

import asyncio
import sys
import tempfile
from pathlib import Path

from backend.db.database import Database
from backend.db.migrate import upgrade, write_revision


async def main(message: str) -> None:
    """`make migration MESSAGE="…"`."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'empty.db'}")
        await upgrade(database)
        await write_revision(database, message)
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
