"""One suite for every store that the vendor edges lean on: tokens and nonces, in memory and in tables."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from backend.office import Office
from bot.channels.ports import NonceStore, StoredToken, TokenStore
from bot.stores import NonceTable, TokenTable
from tests.servers.stores import MemoryNonceStore, MemoryTokenStore

NOW = datetime(2026, 11, 5, 2, 0, tzinfo=UTC)
TOKEN_STORES: tuple[Callable[[Office], TokenStore], ...] = (lambda _office: MemoryTokenStore(), TokenTable)
NONCE_STORES: tuple[Callable[[Office], NonceStore], ...] = (lambda _office: MemoryNonceStore(), NonceTable)


@pytest.fixture(params=TOKEN_STORES, ids=("memory", "table"))
def tokens(request: pytest.FixtureRequest, either_office: Office) -> TokenStore:
    store: TokenStore = request.param(either_office)
    return store


@pytest.fixture(params=NONCE_STORES, ids=("memory", "table"))
def nonces(request: pytest.FixtureRequest, either_office: Office) -> NonceStore:
    store: NonceStore = request.param(either_office)
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
