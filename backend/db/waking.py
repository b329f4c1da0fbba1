"""Waking the other processes: on PostgreSQL a NOTIFY that leaves with the commit; SQLite has one process to wake."""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel.ext.asyncio.session import AsyncSession

log = structlog.get_logger()

CHANNEL = "linli_work"
RECONNECT_AFTER = 2.0


async def wake(session: AsyncSession) -> None:
    """Tells listening processes, once this transaction is committed, that there is work."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(f"SELECT pg_notify('{CHANNEL}', '')"))


async def listen(url: str, on_work: Callable[[], None]) -> None:
    """Calls `on_work` at every wake-up until cancelled; a lost connection is opened again, and counts as a wake-up."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            connection = await asyncpg.connect(plain)
        except (OSError, asyncpg.PostgresError) as away:
            log.warning("wake_up_connection_away", error=type(away).__name__)
            await asyncio.sleep(RECONNECT_AFTER)
            continue
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection, lost=lost: lost.set())
        try:
            await connection.add_listener(CHANNEL, lambda *_told: on_work())
            on_work()
            await lost.wait()
        finally:
            await connection.close(timeout=1)
