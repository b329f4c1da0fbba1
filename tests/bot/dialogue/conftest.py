"""The tiny office with a small catalogue and a few answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.office import Office
from tests.bot.dialogue.shelf import stock
from tests.office_builder import fresh_office


@pytest.fixture
async def stocked(tmp_path: Path) -> AsyncIterator[Office]:
    """An office with service items and articles; its database is closed afterwards."""
    office = await fresh_office(tmp_path)
    await stock(office)
    yield office
    await office.database.close()
