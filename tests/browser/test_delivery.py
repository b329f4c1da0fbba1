"""A certificate brought home: the applicant's page, then the door: code, a signature drawn by finger, a photo."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from backend.cases.links import new_link
from tests.backend.items.loaded import stock
from tests.backend.items.people import row_of
from tests.backend.items.test_delivery import on_the_way
from tests.browser.conftest import PHONE, Walk
from tests.browser.test_chat_to_done import fits
from tests.office_builder import MONDAY

pytestmark = pytest.mark.browser


async def links(walk: Walk) -> tuple[str, str, str]:
    """The applicant's page, the courier's page and the door code of a visit agreed on."""
    office = walk.house.office
    await stock(office)
    async with office.database.write() as session:
        _, number, code = await on_the_way(session, office, phone="13800001234")
        row = await row_of(session, number)
        mine = await new_link(
            session, office, "application", MONDAY, application_id=row.id, resident_id=row.resident_id
        )
        task = await new_link(
            session, office, "delivery", MONDAY, application_id=row.id, staff_id=row.delivery_staff_id
        )
    return mine, task, code


async def test_handed_over_at_the_door(walk: Walk, tmp_path: Path) -> None:
    mine, task, code = await links(walk)
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (30, 90, 160)).save(out, "JPEG")
    photo = tmp_path / "door.jpg"
    photo.write_bytes(out.getvalue())

    applicant = await walk.page(PHONE)
    await applicant.goto(mine)
    assert await fits(applicant)

    courier = await walk.page(PHONE)
    await courier.goto(task)
    await courier.click("button:has-text('我出发了')")
    await expect(courier.locator(".note")).to_contain_text("已告诉居民")
    await courier.click("button:has-text('查看详细地址')")
    await expect(courier.locator(".note").last).to_contain_text("幸福里")
    await courier.fill("input[name=value]", code)
    await courier.set_input_files("input[name=photo]", str(photo))
    await courier.click("button:has-text('当面交件')")
    await expect(courier.locator("form.once .problem").first).to_contain_text("签字")
    pad = courier.locator("#sign")
    await pad.scroll_into_view_if_needed()
    box = await pad.bounding_box()
    assert box is not None
    await courier.mouse.move(box["x"] + 20, box["y"] + 30)
    await courier.mouse.down()
    for step in range(8):
        await courier.mouse.move(box["x"] + 20 + step * 25, box["y"] + 30 + (step % 3) * 20)
    await courier.mouse.up()
    await walk.picture(courier, "delivery")
    assert await fits(courier)
    await courier.click("button:has-text('当面交件')")
    await expect(courier.locator("main")).to_contain_text("签收完成")

    await applicant.reload()
    await expect(applicant.locator(".steps .now")).to_contain_text("已领取")
    assert walk.complaints == []
