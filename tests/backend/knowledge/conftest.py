"""The office of the answers' tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.office import Office
from tests.backend.items.loaded import office_with_catalogue


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A fresh office with the demonstration's catalogue and articles."""
    built = await office_with_catalogue(tmp_path)
    yield built
    await built.database.close()
