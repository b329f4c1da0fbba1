"""Fixtures every room shares."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.office import Office
from tests.office_builder import fresh_office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A fresh tiny office; its database is closed afterwards."""
    built = await fresh_office(tmp_path)
    yield built
    await built.database.close()
