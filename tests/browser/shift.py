"""The panel before a real browser: one user per role, and what the pages wrote to the console."""

import asyncio
import contextlib
import io
import os
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from starlette.applications import Starlette

from backend.admin.app import build_admin
from backend.admin.panel import BASE
from nlu.reader import open_reader
from tests.backend.admin.building import PASSWORD, PanelUnderTest, build_panel
from tests.office_builder import fresh_office

CHROMIUM = shutil.which("chromium") or ""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = os.environ.get("LINLI_PICTURES", "")  # a folder: the walks leave their pictures there
PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 800}


async def keep_picture(page: Any, name: str) -> None:
    """The page's visible part as a small PNG of 200 colours, when a folder for pictures is set."""
    if not PICTURES:
        return
    _store(await page.screenshot(), Path(PICTURES) / f"{name}.png")


def _store(screenshot: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    picture.quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)


@dataclass
class Shift:
    """A running panel and a browser; `complaints` are what the pages wrote to the console."""

    panel: PanelUnderTest
    base: str
    chromium: Any
    complaints: list[str] = field(default_factory=list)

    async def page(self, username: str, size: dict[str, int] | None = None) -> Any:
        """A page in a fresh context, logged in."""
        context = await self.chromium.new_context(viewport=size or DESK, locale="zh-CN")
        page = await context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(f"{self.base}/login")
        await page.fill("input[name=username]", username)
        await page.fill("input[name=password]", PASSWORD)
        await page.press("input[name=password]", "Enter")
        await page.wait_for_url(lambda url: "/login" not in url)
        return page

    async def picture(self, page: Any, name: str) -> None:
        """Keeps a picture when a folder for them is set."""
        await keep_picture(page, name)


@contextlib.asynccontextmanager
async def running_panel(tmp_path: Path, playwright: Any) -> AsyncIterator[Shift]:
    """The panel of the tiny office on a loopback port, with the shipped model."""
    office = await fresh_office(tmp_path)
    panel = await build_panel(office)
    reader = open_reader()
    app = Starlette()
    app.mount(BASE, build_admin(office, panel.clock, reader.read, engine=reader.engine))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    config = uvicorn.Config(app, log_level="error", lifespan="off", access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    async with playwright.async_playwright() as player:
        chromium = await player.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield Shift(panel, f"http://127.0.0.1:{listener.getsockname()[1]}{BASE}", chromium)
        await chromium.close()
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    await office.database.close()
