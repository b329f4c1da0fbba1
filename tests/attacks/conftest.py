"""One house for all attacks: they must not hurt it, so that the next one still finds it whole."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.attacks.stand import Stand, standing


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stand(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stand]:
    """A house with every channel switched on; all tests share it and use people of their own."""
    patch = pytest.MonkeyPatch()
    async with standing(tmp_path_factory.mktemp("house"), patch) as built:
        yield built
    patch.undo()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Webhooks do not wait for an answer: nobody works the counter meanwhile."""
    monkeypatch.setattr("bot.channels.wechat.app.PASSIVE_SECONDS", 0.01)
