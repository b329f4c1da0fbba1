"""One house per test module: attacks must not hurt it, so that the next test still finds it whole."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.attacks.stand import Stand, standing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stand]:
    """A house with every channel switched on; tests of a module share it and use people of their own."""
    patch = pytest.MonkeyPatch()
    patch.setattr("bot.channels.wechat.app.PASSIVE_SECONDS", 0.01)  # nobody works the counter meanwhile
    async with standing(tmp_path_factory.mktemp("house"), patch) as built:
        yield built
    patch.undo()
