"""Bringing it home by page: the check at the door holds, the address is logged, and a forwarded link steals nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette

from backend.cases.links import new_link
from backend.cases.models import Attachment
from backend.items.models import Application
from backend.office import Office
from backend.pages.app import page_routes
from backend.people.models import AuditEntry
from tests.backend.items.loaded import office_with_catalogue
from tests.backend.items.people import row_of
from tests.backend.items.test_delivery import DOOR, on_the_way, ready
from tests.backend.pages.conftest import HTML, JSON, jpeg
from tests.office_builder import MONDAY


@dataclass
class Door:
    """A visit agreed on: the application's number, its code, and both links."""

    office: Office
    number: str
    code: str
    courier: str
    applicant: str
    browser: httpx.AsyncClient

    async def row(self) -> Application:
        async with self.office.database.read() as session:
            return await row_of(session, self.number)


async def path_for(session: AsyncSession, office: Office, row: Application, *, courier: bool) -> str:
    who = {"staff_id": row.delivery_staff_id} if courier else {"resident_id": row.resident_id}
    purpose = "delivery" if courier else "application"
    url = await new_link(session, office, purpose, MONDAY, application_id=row.id, **who)  # type: ignore[arg-type]
    return url.removeprefix(office.public_url)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A fresh office with the demonstration's catalogue."""
    built = await office_with_catalogue(tmp_path)
    yield built
    await built.database.close()


def browser_of(office: Office) -> httpx.AsyncClient:
    app = Starlette(routes=page_routes(office, lambda: MONDAY))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000")


@pytest.fixture
async def door(office: Office) -> AsyncIterator[Door]:
    """Wang's certificate, on its way to 幸福里."""
    async with office.database.write() as session:
        _, number, code = await on_the_way(session, office, phone="13800001234")
        row = await row_of(session, number)
        courier = await path_for(session, office, row, courier=True)
        applicant = await path_for(session, office, row, courier=False)
    async with browser_of(office) as browser:
        yield Door(office, number, code, courier, applicant, browser)


def at_the_door(value: str, check: str = "code") -> dict[str, str]:
    return {"move": "hand_over_at_door", "check": check, "value": value}


def signed() -> dict[str, tuple[str, bytes, str]]:
    return {"signature": ("s.png", jpeg(1), "image/png"), "photo": ("p.jpg", jpeg(2), "image/jpeg")}


async def test_the_courier_sees_no_name_phone_code_or_address_at_first(door: Door) -> None:
    page = await door.browser.get(door.courier)
    assert page.status_code == 200
    for personal in (door.code, "13800001234", DOOR):
        assert personal not in page.text


async def test_the_address_is_shown_on_request_and_logged(door: Door) -> None:
    page = await door.browser.post(f"{door.courier}/address", headers=HTML)
    assert DOOR in page.text
    async with door.office.database.read() as session:
        entries = (await session.exec(select(AuditEntry.action))).all()
    assert "reveal_delivery_address" in entries


async def test_handed_over_with_code_signature_and_photo(door: Door) -> None:
    set_out = await door.browser.post(f"{door.courier}/delivery", data={"move": "set_out"}, headers=HTML)
    assert set_out.status_code == 303
    done = await door.browser.post(
        f"{door.courier}/delivery", data=at_the_door(door.code), files=signed(), headers=JSON
    )
    assert done.status_code == 200, done.text
    assert (await door.row()).state == "collected"
    assert (await door.browser.get(done.json()["to"])).status_code == 200
    assert (await door.browser.get(door.courier)).status_code == 410  # the visit is over, so is its link


async def test_a_wrong_code_is_counted_and_keeps_nothing(door: Door) -> None:
    wrong = "000000" if door.code != "000000" else "000001"
    for left in (4, 3, 2, 1, 0):
        answer = await door.browser.post(
            f"{door.courier}/delivery", data=at_the_door(wrong), files=signed(), headers=JSON
        )
        assert (answer.status_code, answer.json()["tries_left"]) == (409, left)
    locked = await door.browser.post(
        f"{door.courier}/delivery", data=at_the_door(door.code), files=signed(), headers=JSON
    )
    assert locked.json()["code"] == "door_locked"
    assert (await door.row()).state == "delivering"
    async with door.office.database.read() as session:
        assert (await session.exec(select(Attachment))).all() == []


async def test_nothing_is_handed_over_without_signature_and_photo(door: Door) -> None:
    for missing in ("signature", "photo"):
        files = {name: file for name, file in signed().items() if name != missing}
        answer = await door.browser.post(
            f"{door.courier}/delivery", data=at_the_door(door.code), files=files, headers=JSON
        )
        assert answer.status_code == 422


async def test_nobody_home_needs_a_reason_and_goes_back(door: Door) -> None:
    without = await door.browser.post(f"{door.courier}/delivery", data={"move": "visit_failed"}, headers=JSON)
    assert without.status_code == 422
    data = {"move": "visit_failed", "reason": "敲门没人"}
    assert (await door.browser.post(f"{door.courier}/delivery", data=data, headers=HTML)).status_code == 303
    assert (await door.row()).state == "ready"


async def test_a_forwarded_application_link_shows_and_steals_nothing(door: Door) -> None:
    page = await door.browser.get(door.applicant)
    assert page.status_code == 200
    for personal in (door.code, DOOR, "13800001234"):
        assert personal not in page.text
    data = {"move": "cancel_delivery"}
    assert (await door.browser.post(f"{door.applicant}/application", data=data, headers=HTML)).status_code == 303
    slots = (await door.browser.get(door.applicant)).text
    assert "送到您之前留的地址" in slots
    slot = slots.split('<option value="')[1].split('"')[0]
    data = {"move": "request_delivery", "slot": slot, "address_text": "河湾新村5号楼", "area_code": "99010200101"}
    agreed = await door.browser.post(f"{door.applicant}/application", data=data, headers=HTML)
    assert agreed.status_code == 303
    assert (await door.row()).delivery_area_code == "99010100101"  # where the applicant lives, not where the link went


async def test_without_a_known_address_the_page_sends_to_the_chat(office: Office) -> None:
    async with office.database.write() as session:
        _, number = await ready(session, office)
        path = await path_for(session, office, await row_of(session, number), courier=False)
    async with browser_of(office) as browser:
        assert "回到聊天" in (await browser.get(path)).text
        data = {"move": "request_delivery", "slot": "20261123-1300-1800"}
        answer = await browser.post(f"{path}/application", data=data, headers=JSON)
    assert answer.json()["code"] == "no_address_known"
