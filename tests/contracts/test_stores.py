"""One suite for every store that the vendor edges lean on: tokens and nonces. A real store adds its builder here."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.ports import NonceStore, StoredToken, TokenStore
from tests.servers.stores import MemoryNonceStore, MemoryTokenStore

NOW = datetime(2026, 11, 5, 2, 0, tzinfo=UTC)
TOKEN_STORES: tuple[Callable[[], TokenStore], ...] = (MemoryTokenStore,)
NONCE_STORES: tuple[Callable[[], NonceStore], ...] = (MemoryNonceStore,)


@pytest.fixture(params=TOKEN_STORES)
def tokens(request: pytest.FixtureRequest) -> TokenStore:
    store: TokenStore = request.param()
    return store


@pytest.fixture(params=NONCE_STORES)
def nonces(request: pytest.FixtureRequest) -> NonceStore:
    store: NonceStore = request.param()
    return store


async def test_a_token_comes_back_as_it_was_put_and_only_under_its_key(tokens: TokenStore) -> None:
    kept = StoredToken("t-1", NOW + timedelta(hours=2), renewed_at=NOW, forced_day="2026-11-05", forced_count=3)
    assert await tokens.get("wechat:a") is None
    await tokens.put("wechat:a", StoredToken("t-0", NOW))
    await tokens.put("wechat:a", kept)
    assert await tokens.get("wechat:a") == kept
    assert await tokens.get("wechat:b") is None


async def test_a_nonce_belongs_to_its_first_content_and_its_account(nonces: NonceStore) -> None:
    assert await nonces.claim("a", "1:n", "digest-1", NOW)
    assert await nonces.claim("a", "1:n", "digest-1", NOW + timedelta(seconds=10))
    assert not await nonces.claim("a", "1:n", "digest-2", NOW + timedelta(seconds=20))
    assert await nonces.claim("b", "1:n", "digest-2", NOW)
    assert await nonces.claim("a", "2:n", "digest-2", NOW)
