"""A real browser before a real server: the whole house on a loopback port, Debian's Chromium through Playwright."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette

from backend.office import Office
from backend.pages.app import page_routes
from bot.channels.web.app import WebDoor
from tests.browser.shift import CHROMIUM, DESK, PHONE, PICTURES, QUIET, Shift, keep_picture, running_panel
from tests.live_house import LiveHouse, live_house, settings_for
from tests.office_builder import MONDAY, fresh_office
from tests.servers.clock import TurnableClock


@dataclass
class Walk:
    """A running house and a browser; `complaints` are what the pages wrote to the console."""

    house: LiveHouse
    base: str
    chromium: object
    door: WebDoor
    complaints: list[str] = field(default_factory=list)

    async def page(self, size: dict[str, int] = PHONE, **more: object):
        """A page in a fresh browser context, as another person."""
        sharp = 2 if PICTURES and size is PHONE else 1
        more = {"locale": "zh-CN", "has_touch": size is PHONE, "device_scale_factor": sharp, **more}
        context = await self.chromium.new_context(viewport=size, **more)  # type: ignore[attr-defined]
        page = await context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    async def picture(self, page: object, name: str) -> None:
        """Keeps a picture when a folder for them is set."""
        await keep_picture(page, name)


async def _work(step: Callable[[], Awaitable[int]]) -> None:
    while True:
        if not await step():
            await asyncio.sleep(0.02)


@pytest.fixture
async def walk(tmp_path: Path) -> AsyncIterator[Walk]:
    """The house at work; skipped where there is no Chromium."""
    playwright = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    clock = TurnableClock(MONDAY)
    office: Office = replace(await fresh_office(tmp_path), public_url=base, is_demo=True)
    house = await live_house(tmp_path, settings_for(), clock, office=office)
    door = WebDoor(office, house.reception, house.mailbox, b"k" * 32, clock)
    app = Starlette(routes=[*door.routes(), *page_routes(office, clock)])
    config = uvicorn.Config(app, log_level="error", lifespan="off", access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener])),
        asyncio.create_task(_work(house.counter.work_off)),
        asyncio.create_task(_work(house.sender.work_off)),
    ]
    async with playwright.async_playwright() as player:
        chromium = await player.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield Walk(house, base, chromium, door)
        await chromium.close()
    door.close()
    server.should_exit = True
    for task in tasks[1:]:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
    await house.close()


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    """The panel at work; skipped where there is no Chromium."""
    playwright = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    async with running_panel(tmp_path, playwright) as running:
        yield running


__all__ = ["DESK", "PHONE", "Walk"]
