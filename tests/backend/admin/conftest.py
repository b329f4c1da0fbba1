"""The panel as a fixture."""

import pytest

from backend.office import Office
from tests.backend.admin.building import PanelUnderTest, build_panel


@pytest.fixture
async def panel(office: Office) -> PanelUnderTest:
    """A panel over a fresh tiny office."""
    return await build_panel(office)
