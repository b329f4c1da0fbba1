"""What the switched-on channels bring to the house, and what building one of them may need."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from pydantic import SecretStr
from starlette.routing import Route

from backend.notices.courier import Courier
from backend.notices.letters import Channel
from backend.office import Office
from bot.counter import Acknowledges, MediaSource
from bot.reception import Reception
from bot.stores import TemplateTable

Clock = Callable[[], datetime]


@dataclass
class ChannelKit:
    """What the switched-on channels bring. `background`: loops to run beside the web server (Telegram polling)."""

    couriers: dict[Channel, Courier] = field(default_factory=dict)
    sources: dict[Channel, MediaSource] = field(default_factory=dict)
    acknowledgers: dict[Channel, Acknowledges] = field(default_factory=dict)
    accounts: dict[Channel, str] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    background: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    at_start: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    at_close: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def close(self) -> None:
        """Closes what the channels opened."""
        for close in self.at_close:
            await close()


@dataclass(frozen=True, slots=True)
class Parts:
    """What every builder may need."""

    office: Office
    reception: Reception
    http: httpx.AsyncClient
    clock: Clock
    owner: str

    @property
    def book(self) -> TemplateTable:
        """The table of approved templates."""
        return TemplateTable(self.office)


def plain(secret: SecretStr) -> str:
    """A setting's secret, for the client that needs it."""
    return secret.get_secret_value()
