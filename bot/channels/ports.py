"""What the vendor edges need from the house: small ports, no database in sight.

Real ones live where the tables are; the tests have their own which pass the same suites.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from bot.messages import Outgoing, SendResult

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The machine's clock, aware. Adapters take it as a parameter so that tests can turn it."""
    return datetime.now(UTC)


class Sender(Protocol):
    """Sends one message to one chat by one route. Never raises for what a vendor answers."""

    async def send(self, chat: str, message: Outgoing) -> SendResult:
        """Try once (a refused token is renewed once) and say how it ended."""
        ...


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A vendor's access token with the bookkeeping that bounds its renewal."""

    value: str
    expires_at: datetime
    renewed_at: datetime | None = None  # the last renewal after a refusal
    forced_day: str = ""  # the day (Beijing) that `forced_count` counts
    forced_count: int = 0  # forced renewals on that day


class TokenStore(Protocol):
    """Where the token of one account is shared between processes."""

    async def get(self, key: str) -> StoredToken | None:
        """The token last stored under `key`."""
        ...

    async def put(self, key: str, token: StoredToken) -> None:
        """Replace it."""
        ...


class NonceStore(Protocol):
    """Remembers callback nonces for at least ten minutes."""

    async def claim(self, account: str, nonce: str, content: str, at: datetime) -> bool:
        """False when this nonce came before with *other* content (`content` is a digest): a forgery.

        The same nonce with the same content is a vendor's retry and is allowed; the inbox drops it.
        """
        ...


@dataclass(frozen=True, slots=True)
class TemplateSpec:
    """A vendor's approved template: its id there, and which of our fields fills each of its own."""

    template_id: str
    fields: Mapping[str, str] = field(default_factory=dict)  # vendor's field -> ours


class TemplateBook(Protocol):
    """Which approved template says which milestone, per channel route."""

    async def find(self, route: str, milestone: str) -> TemplateSpec | None:
        """`route` is one of `wechat.template`, `wechat.subscribe`, `sms`; None: nothing approved."""
        ...
