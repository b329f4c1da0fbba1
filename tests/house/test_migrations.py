"""The tables of the code and of a migrated database are the same, and an upgrade can be repeated."""

from pathlib import Path

from sqlalchemy import text

from backend.db.database import Database
from backend.db.migrate import drift, is_current, upgrade


async def test_a_migrated_database_has_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'office.db'}")
    assert not await is_current(database)
    await upgrade(database)
    assert await drift(database) == []
    assert await is_current(database)
    await database.close()


async def test_upgrading_again_changes_nothing_and_keeps_the_data(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'office.db'}")
    await upgrade(database)
    async with database.write() as session:
        await session.execute(
            text("INSERT INTO day_counter (district_code, day, last) VALUES ('990100', '20261123', 7)")
        )
    await upgrade(database)
    async with database.read() as session:
        assert (await session.execute(text("SELECT last FROM day_counter"))).scalar_one() == 7
    await database.close()


async def test_sqlite_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'office.db'}")
    async with database.read() as session:
        settings = {
            name: (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    await database.close()
