"""The daily tasks of the desk on a furnished panel; with LINLI_PICTURES they leave pictures for docs/daily-tasks.md."""

import pytest
from sqlmodel import col, select, update

from backend.cases.models import Case
from backend.people.models import User
from tests.backend.admin.serve import furnish
from tests.backend.admin.test_application_pages import apply_for_certificate
from tests.browser.shift import Shift

pytestmark = pytest.mark.browser
NAMES = {"dispatcher": "吴敏", "operator": "郑晓云", "leader": "何晓", "chief": "周涛"}


async def furnished(shift: Shift) -> None:
    """Cases at every stage, a certificate, and people with names."""
    await furnish(shift.panel.office, shift.panel.clock())
    async with shift.panel.office.database.write() as session:
        for username, name in NAMES.items():
            await session.exec(update(User).where(col(User.username) == username).values(display_name=name))


async def test_a_dispatcher_finds_what_waits_and_opens_it(shift: Shift) -> None:
    await furnished(shift)
    page = await shift.page("dispatcher")
    await page.goto(f"{shift.base}/cases?tab=open")
    await page.wait_for_selector("[data-live=cases]:not([hidden])")
    await shift.picture(page, "panel")
    async with shift.panel.office.database.read() as session:
        accepted = (await session.exec(select(Case).where(Case.state == "done").order_by(col(Case.id).desc()))).first()
    assert accepted is not None
    await page.goto(f"{shift.base}/cases/{accepted.number}")
    await page.wait_for_selector(".timeline")
    await shift.picture(page, "case")
    assert shift.complaints == []


async def test_an_operator_hands_a_certificate_out_and_answers_in_a_chat(shift: Shift) -> None:
    await furnished(shift)
    application = await apply_for_certificate(shift.panel)
    page = await shift.page("operator")
    await page.goto(f"{shift.base}/applications/{application.number}")
    await page.wait_for_selector("[data-key=ready]")
    await shift.picture(page, "application")
    await page.goto(f"{shift.base}/conversations")
    await page.click("table a, [data-rows] tbody tr")
    await page.wait_for_selector(".talk")
    await shift.picture(page, "conversation")
    assert shift.complaints == []


async def test_a_leader_reads_the_day_and_the_map(shift: Shift) -> None:
    await furnished(shift)
    page = await shift.page("leader")
    await page.goto(f"{shift.base}/dashboard")
    await page.wait_for_selector(".trend")
    await shift.picture(page, "dashboard")
    await page.goto(f"{shift.base}/map")
    await page.wait_for_selector(".leaflet-interactive")
    await shift.picture(page, "map")
    await page.goto(f"{shift.base}/roster")
    await page.wait_for_selector(".roster")
    await shift.picture(page, "roster")
    assert shift.complaints == []
