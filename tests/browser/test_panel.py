"""A shift at the panel in a real browser: a call filed by keyboard, a reply, ready, live counters; no complaints."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from backend.admin.app import build_admin
from backend.admin.panel import BASE
from nlu.reader import open_reader
from tests.backend.admin.building import PASSWORD, PanelUnderTest, build_panel, file_lamp
from tests.backend.admin.test_application_pages import apply_for_certificate
from tests.browser.conftest import CHROMIUM, DESK, PHONE, PICTURES, QUIET
from tests.office_builder import fresh_office

pytestmark = pytest.mark.browser


@dataclass
class Shift:
    """A running panel and a browser; `complaints` are what the pages wrote to the console."""

    panel: PanelUnderTest
    base: str
    chromium: Any
    complaints: list[str] = field(default_factory=list)

    async def page(self, username: str, size: dict[str, int] = DESK) -> Any:
        """A page in a fresh context, logged in."""
        context = await self.chromium.new_context(viewport=size, locale="zh-CN")
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
        if PICTURES:
            await page.screenshot(path=str(Path(PICTURES) / f"panel-{name}.png"))


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    """The panel at work; skipped where there is no Chromium."""
    playwright = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
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


async def test_a_call_is_filed_without_the_mouse(shift: Shift) -> None:
    page = await shift.page("operator")
    await page.keyboard.press("n")
    await page.wait_for_selector("#phone:focus")
    await page.keyboard.type("13812345678")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.type("幸福里1号楼门口的路灯不亮，黑漆漆的")
    await page.wait_for_selector("#hints [data-pick=area_code].btn-primary")
    assert await page.input_value("#category") == "urban.lighting"
    assert await page.input_value("#area_code") == "99010100101"
    await shift.picture(page, "call")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector(".timeline")
    assert "李建国" in await page.inner_text("main")
    await page.keyboard.press("r")
    await page.keyboard.type("师傅今晚八点前到")
    await page.wait_for_selector(".preview blockquote")
    assert "师傅今晚八点前到" in await page.inner_text(".preview blockquote")
    await shift.picture(page, "reply")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector(".timeline >> text=回复居民")
    assert shift.complaints == []


async def test_every_page_shows_without_a_complaint_on_desk_and_phone(shift: Shift) -> None:
    case = await file_lamp(shift.panel.office, shift.panel.clock(), lat=30.004, lon=120.003)
    await apply_for_certificate(shift.panel)
    pages = ["/cases", f"/cases/{case.number}", "/call", "/applications", "/applications/new", "/conversations"]
    pages += ["/notices", "/dashboard", "/map", "/reports", "/roster", "/model?text=路灯不亮", "/categories", "/me"]
    pages += ["/records/staff/list", "/records/staff/create", "/records/routing-rule/create"]
    for size in (DESK, PHONE):
        page = await shift.page("dispatcher", size)
        for path in pages:
            answer = await page.goto(shift.base + path)
            assert answer.status == 200, path
            await page.wait_for_load_state("load")
            assert shift.complaints == [], (path, size)
            if not path.startswith("/records"):
                wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, (path, size, wide)
            if size is DESK:
                await shift.picture(page, path.strip("/").split("?")[0].replace("/", "-"))


async def test_ready_in_one_press(shift: Shift) -> None:
    application = await apply_for_certificate(shift.panel)
    page = await shift.page("operator")
    await page.goto(f"{shift.base}/applications/{application.number}")
    await page.click("[data-key=ready]")
    await page.wait_for_selector(".state-app-ready")
    assert shift.complaints == []


async def test_the_counters_come_live_and_a_typed_reason_survives_the_end_of_a_session(shift: Shift) -> None:
    case = await file_lamp(shift.panel.office, shift.panel.clock(), area_code="990101001")
    page = await shift.page("dispatcher")
    await page.wait_for_selector("[data-live=cases]:not([hidden])")
    assert await page.inner_text("[data-live=cases]") == "1"
    await page.goto(f"{shift.base}/cases/{case.number}")
    await page.keyboard.press("b")
    await page.keyboard.type("已电话联系社区，请他们先去看")
    await page.context.clear_cookies()
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("input[name=password]")
    await page.fill("input[name=username]", "dispatcher")
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_selector("details[data-move=note][open] textarea")
    assert await page.input_value("details[data-move=note] textarea") == "已电话联系社区，请他们先去看"
