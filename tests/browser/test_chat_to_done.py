"""One report from the first word to the stars, walked in a browser: /chat, then /t on a worker's phone, then /c."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw
from playwright.async_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Walk

pytestmark = pytest.mark.browser


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """A photo on the phone, larger than it should travel."""
    out = io.BytesIO()
    night = ImageChops.add(
        Image.effect_noise((2400, 1800), 20).convert("RGB"), Image.new("RGB", (2400, 1800), "#101828")
    )
    drawn = ImageDraw.Draw(night)  # a lamp that shines again
    drawn.rectangle((1180, 500, 1220, 1800), fill="#5b6470")
    drawn.ellipse((950, 200, 1450, 700), fill="#ffe9a8")
    night.save(out, "JPEG", quality=90)
    path = tmp_path / "phone.jpg"
    path.write_bytes(out.getvalue())
    return str(path)


async def say(page: Page, words: str) -> None:
    await page.fill("#text", words)
    await page.keyboard.press("Enter")


async def press(page: Page, label: str) -> None:
    await page.locator(".choices button:not([disabled])", has_text=re.compile(f"^{label}$")).last.click()


async def report(walk: Walk, page: Page) -> str:
    """Files a dark lamp by chat; the path of the resident's page."""
    await page.goto(f"{walk.base}/chat")
    await say(page, "幸福里小区1号楼门口的路灯不亮了，晚上看不见路")
    await expect(page.locator("#talk")).to_contain_text("路灯照明")
    await press(page, "对")
    link = page.locator("#talk a.button", has_text="查看进展").last
    await expect(link).to_be_visible()
    return (await link.get_attribute("href") or "").removeprefix(walk.base)


async def task_link(walk: Walk) -> str:
    """The path that the worker's task message carries."""
    letters = [walk.house.office.outbox.letter(row) for row in await walk.house.notices()]
    (url,) = {letter.link.url for letter in letters if letter.link and "/t/" in letter.link.url}
    return url.removeprefix(walk.base)


async def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    return await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_from_the_first_word_to_the_stars(walk: Walk, photo: str) -> None:
    resident = await walk.page(PHONE)
    progress = await report(walk, resident)
    await walk.picture(resident, "chat")
    assert await fits(resident)

    worker = await walk.page(PHONE)
    task = await task_link(walk)
    await worker.goto(walk.base + task)
    assert await fits(worker)
    await worker.click("text=签收任务")
    await expect(worker.locator(".note")).to_contain_text("已签收")
    await worker.click("text=我出发了")
    await expect(resident.locator("#talk")).to_contain_text("已经出发")  # live, without a reload
    await walk.picture(worker, "task")
    done = worker.locator("form:has(input[value=done])")
    if not await done.is_visible():
        await worker.click("summary:has-text('办好了')")
    await done.locator("textarea").fill("换了灯泡，试过亮了")
    await done.locator("input[type=file]").set_input_files(photo)
    await done.locator("button").click()
    await expect(worker.locator(".note").first).to_contain_text("辛苦")

    await resident.goto(walk.base + progress)
    await expect(resident.locator(".steps .now")).to_contain_text("办好")
    await walk.picture(resident, "progress")
    assert await fits(resident)
    await resident.click("button:has-text('解决了')")
    await expect(resident.locator(".steps .now")).to_contain_text("办结")
    await resident.locator("label[for=star5]").click()
    await resident.fill("textarea[name=text]", "来得真快")
    await resident.click("text=提交评价")
    await expect(resident.locator(".note")).to_contain_text("谢谢您的评价")

    case = await walk.house.case()
    assert case.state == "closed"
    assert "feedback" in await walk.house.moves(case)
    stored = walk.house.office.media_folder.rglob("*.jpg")
    assert max(Image.open(path).width for path in stored) <= 1600  # made small on the phone
    assert walk.complaints == []


async def test_a_photo_and_the_place_by_chat(walk: Walk, photo: str) -> None:
    page = await walk.page(PHONE, geolocation={"latitude": 30.005, "longitude": 120.004}, permissions=["geolocation"])
    await page.goto(f"{walk.base}/chat")
    await page.set_input_files("#photo", photo)
    await expect(page.locator(".mine img")).to_be_visible()
    await page.click("#add-place")
    await say(page, "这里的路灯不亮了")
    await expect(page.locator("#talk")).to_contain_text("路灯照明", timeout=10_000)
    kinds = [row.external_id for row in await walk.house.inbox()]
    assert len(kinds) == 3
    assert walk.complaints == []


async def test_offline_keeps_and_sends_later(walk: Walk) -> None:
    page = await walk.page(PHONE)
    await page.goto(f"{walk.base}/chat")
    await page.context.set_offline(True)
    await say(page, "楼道灯坏了")
    await expect(page.locator("#offline")).to_be_visible()
    await expect(page.locator(".mine .state")).to_contain_text("稍后")
    assert await walk.house.inbox() == []
    await page.context.set_offline(False)
    await expect(page.locator(".mine .state")).to_contain_text("已送达", timeout=10_000)
    await expect(page.locator("#offline")).to_be_hidden()
    assert len(await walk.house.inbox()) == 1


async def test_the_talk_is_there_again_after_a_reload_in_large_letters_and_english(walk: Walk) -> None:
    page = await walk.page(DESK)
    await report(walk, page)
    await page.click("text=大字")
    await page.click("text=English")
    await expect(page.locator("h1")).to_contain_text("Neighbourhood")
    await expect(page.locator("#talk")).to_contain_text("路灯不亮了")
    assert await page.evaluate("document.documentElement.classList.contains('large')")
    assert walk.complaints == []


async def test_without_javascript_the_chat_and_the_pages_still_work(walk: Walk) -> None:
    page = await walk.page(DESK, java_script_enabled=False)
    await page.goto(f"{walk.base}/chat")
    await page.fill("#text", "幸福里小区1号楼门口的路灯不亮了")
    await page.click("#send")
    await expect(page.locator("#talk")).to_contain_text("路灯照明")
    await page.locator(".choices button", has_text=re.compile("^对$")).last.click()
    await expect(page.locator("#talk")).to_contain_text("编号")
    await page.goto(walk.base + await task_link(walk))
    await page.click("text=签收任务")
    await expect(page.locator(".note")).to_contain_text("已签收")


async def test_the_lists_and_forms_of_a_worker_fit_a_small_phone(walk: Walk) -> None:
    resident = await walk.page(DESK)
    await report(walk, resident)
    task = await task_link(walk)
    page = await walk.page(PHONE, geolocation={"latitude": 30.005, "longitude": 120.004}, permissions=["geolocation"])
    await page.goto(f"{walk.base}{task}/tasks")
    await page.click("#by-distance")
    await expect(page.locator(".distance")).to_have_text(re.compile(r"\d+ m"))
    assert await fits(page)
    await page.goto(f"{walk.base}{task}/patrol")
    await page.click("#here")
    await expect(page.locator("#here")).to_contain_text("✓")
    await walk.picture(page, "patrol")
    assert await fits(page)
    await page.goto(f"{walk.base}/t/")
    await page.wait_for_url(re.compile("/tasks$"))  # the installed page finds its way
    assert walk.complaints == []


async def test_the_keyboard_alone_is_enough(walk: Walk) -> None:
    page = await walk.page(DESK)
    await page.goto(f"{walk.base}/chat")
    await page.focus("#text")
    await page.keyboard.type("幸福里小区1号楼门口的路灯不亮了")
    await page.keyboard.press("Enter")
    button = page.locator(".choices button", has_text=re.compile("^对$"))
    await expect(button).to_be_visible()
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#talk")).to_contain_text("编号")
    assert await page.locator("#talk").get_attribute("role") == "log"


async def test_large_letters_in_english_fit_a_small_phone(walk: Walk) -> None:
    page = await walk.page(PHONE, locale="en-GB")
    progress = await report(walk, page)
    cookies = [
        {"name": name, "value": value, "url": walk.base} for name, value in (("linli_big", "1"), ("linli_lang", "en"))
    ]
    await page.context.add_cookies(cookies)
    task = await task_link(walk)
    for name, path in (("chat", "/chat"), ("case", progress), ("task", task), ("tasks", f"{task}/tasks")):
        await page.goto(walk.base + path)
        assert await page.evaluate("document.documentElement.classList.contains('large')")
        assert await fits(page), name
    assert walk.complaints == []
