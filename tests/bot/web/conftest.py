"""A web chat over the real office: the door behind an ASGI transport, the counter and the sender at hand."""

import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from backend.notices.courier import Route as CourierRoute
from backend.notices.letters import Channel, Outgoing
from backend.notices.mailbox import Mailbox
from backend.office import Office
from bot.channels.web.app import WebDoor
from bot.reception import Reception
from tests.office_builder import MONDAY

KEY = b"k" * 32


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class WebChat:
    """The door, and what lies behind it."""

    office: Office
    clock: Clock
    mailbox: Mailbox
    reception: Reception
    door: WebDoor
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, base: str = "http://127.0.0.1:8000", address: str = "127.0.0.1") -> httpx.AsyncClient:
        """A browser with its own cookies."""
        transport = httpx.ASGITransport(app=Starlette(routes=self.door.routes()), client=(address, 4000))
        client = httpx.AsyncClient(transport=transport, base_url=base)
        self.clients.append(client)
        return client

    async def lay(self, chat: str, letter: Outgoing) -> None:
        """Lays a letter into a chat's mailbox, as the sender does."""
        await self.mailbox.deliver(CourierRoute(Channel.WEB, "web", chat, "chat"), letter)


def jpeg(width: int = 40, height: int = 30) -> bytes:
    """A small real photo."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 120, 40)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
async def web(office: Office) -> AsyncIterator[WebChat]:
    """A web chat with nobody in it."""
    clock = Clock()
    mailbox, reception = Mailbox(office, clock), Reception(office, clock)
    chat = WebChat(office, clock, mailbox, reception, WebDoor(office, reception, mailbox, KEY, clock))
    yield chat
    for client in chat.clients:
        await client.aclose()


@pytest.fixture
def photo() -> Callable[..., bytes]:
    """Makes small real photos."""
    return jpeg
