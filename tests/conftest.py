"""Fixtures every room shares."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from backend.office import Office
from bot.logs import set_up_logs
from tests.office_builder import fresh_office
from tests.postgres import ABSENT, find_programs
from tests.postgres import Server as PostgresServer

set_up_logs("json")  # plain lines: the pretty tracebacks cost a second each


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A fresh tiny office; its database is closed afterwards."""
    built = await fresh_office(tmp_path)
    yield built
    await built.database.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the whole run; skips with one plain sentence where there is none."""
    programs = find_programs()
    if programs is None:
        pytest.skip(ABSENT)
    server = PostgresServer(programs)
    server.start()
    print(f"PostgreSQL from {programs.origin}: {programs.folder}")
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def either_office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    """The tiny office over each of the two databases."""
    url = None
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgres").fresh_url()
    built = await fresh_office(tmp_path, url)
    yield built
    await built.database.close()
