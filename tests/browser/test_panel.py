"""A shift at the panel in a real browser: a call filed by keyboard, a reply, ready, live counters; no complaints."""

import pytest

from tests.backend.admin.building import PASSWORD, file_lamp
from tests.backend.admin.test_application_pages import apply_for_certificate
from tests.browser.conftest import DESK, PHONE
from tests.browser.shift import Shift

pytestmark = pytest.mark.browser


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
