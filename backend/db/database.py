"""One door to the database: `read()` for looking, `write()` for one transaction committed at the edge.

SQLite before 3.51.3 can lose commits in WAL mode when several connections write or checkpoint at once. So all
writing goes through one connection per process, and an operating-system lock on `<file>.writer` keeps the writers of
several processes (server, `linli import`, `linli chat`) one after the other. PostgreSQL needs none of that.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

SQLITE_BUSY_SECONDS = 15


def _tune_sqlite(connection: Any, _record: Any) -> None:
    """WAL with full sync: NORMAL lost acknowledged rows in simulated power cuts, FULL lost none."""
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_immediate
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={SQLITE_BUSY_SECONDS * 1000}",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    """Take the write lock at once: a transaction that upgrades later can fail half-way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


class WriterLock:
    """An advisory lock on a file beside the SQLite database, held for the length of one write transaction."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._gate = asyncio.Lock()
        self._file: int | None = None

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Waits for its turn without blocking the event loop; other tasks of this process queue first-in, first-out."""
        async with self._gate:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.to_thread(fcntl.flock, self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Database:
    """The engine pair of one database URL (`sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer, self._reader = self._sqlite_engines(url)
            path = make_url(url).database or ":memory:"
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._lock: WriterLock | None = WriterLock(f"{path}.writer")
        else:
            self._writer = create_async_engine(
                url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True
            )
            self._reader = self._writer
            self._lock = None

    @staticmethod
    def _sqlite_engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
        writer = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=60, hide_parameters=True)
        reader = create_async_engine(url, pool_size=4, max_overflow=4, hide_parameters=True)
        for engine, begin in ((writer, _begin_immediate), (reader, _begin_deferred)):
            event.listen(engine.sync_engine, "connect", _tune_sqlite)
            event.listen(engine.sync_engine, "begin", begin)
        return writer, reader

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return make_url(self.url).get_backend_name()

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine, for migrations and bulk loads."""
        return self._writer

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        if self._lock is None:
            async with AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
            return
        async with (
            self._lock.held(),
            AsyncSession(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[AsyncConnection]:
        """A bare writing connection for migrations, which begin and commit by themselves."""
        if self._lock is None:
            async with self._writer.connect() as connection:
                yield connection
            return
        async with self._lock.held(), self._writer.connect() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for looking; what it changes is rolled back."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    async def close(self) -> None:
        """Ends all connections; SQLite's WAL is folded into the file by the last one."""
        await self._reader.dispose()
        await self._writer.dispose()
        if self._lock is not None:
            self._lock.close()
