"""The ports of the vendor edges, kept in memory for tests; each records what was asked of it."""

from dataclasses import replace
from datetime import datetime

from bot.channels.ports import StoredToken, TemplateSpec


class MemoryTokenStore:
    """A TokenStore."""

    def __init__(self) -> None:
        self.tokens: dict[str, StoredToken] = {}

    async def get(self, key: str) -> StoredToken | None:
        """The stored token."""
        return self.tokens.get(key)

    async def put(self, key: str, token: StoredToken) -> None:
        """Replace it."""
        self.tokens[key] = token

    def spoil(self, key: str, value: str) -> None:
        """Put a token that the vendor does not know."""
        self.tokens[key] = replace(self.tokens[key], value=value)


class MemoryNonceStore:
    """A NonceStore."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], str] = {}

    async def claim(self, account: str, nonce: str, content: str, _at: datetime) -> bool:
        """First content wins."""
        return self.seen.setdefault((account, nonce), content) == content


class FixedTemplateBook:
    """A TemplateBook."""

    def __init__(self, specs: dict[tuple[str, str], TemplateSpec]) -> None:
        self._specs = specs

    async def find(self, route: str, milestone: str) -> TemplateSpec | None:
        """The approved template."""
        return self._specs.get((route, milestone))
