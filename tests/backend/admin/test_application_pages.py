"""Applications in the panel: "ready" in one press, the applicant told once; papers asked for by name."""

from datetime import timedelta

from sqlmodel import select

from backend.domain.case_view import Actor
from backend.domain.words import Role
from backend.items.applying import NewApplication, file_new
from backend.items.models import Application, ServiceItem
from backend.notices.models import Notice
from backend.people.residents import new_resident, remember, resident_key
from tests.backend.admin.building import PanelUnderTest


async def apply_for_certificate(panel: PanelUnderTest) -> Application:
    """独生子女证 at 清泉社区, applied for by 王小明."""
    office, now = panel.office, panel.clock()
    async with office.database.write() as session:
        session.add(
            ServiceItem(
                district_code=office.district_code,
                code="C-001",
                name="独生子女父母光荣证",
                level="community",
                unit="",
                materials="身份证*;户口簿",
                limit_working_days=5,
                place="清泉社区服务厅1号窗",
                deliverable=True,
                state="admitted",
            )
        )
        resident = await new_resident(session, office, now)
        assert resident.id is not None
        await remember(session, office, resident, phone="13812345678", name="王小明")
        new = NewApplication("C-001", resident.id, "990101001", "web")
        return await file_new(session, office, new, Actor(resident_key(resident.id), Role.RESIDENT), now)


async def test_ready_in_one_press_tells_the_applicant_once(panel: PanelUnderTest) -> None:
    application = await apply_for_certificate(panel)
    browser = await panel.browser("operator")
    page = await browser.get(f"/applications/{application.number}")
    assert "steps/ready_now" in page.text
    assert "138****5678" in page.text
    assert "13812345678" not in page.text
    panel.clock.pass_by(timedelta(hours=1))
    answer = await browser.post(
        f"/applications/{application.number}/steps/ready_now",
        {"version": str(application.version), "deliverable": "独生子女父母光荣证", "place": "1号窗"},
    )
    assert answer.status_code == 303, answer.text
    async with panel.office.database.read() as session:
        stored = (await session.exec(select(Application).where(Application.number == application.number))).one()
        told = (await session.exec(select(Notice).where(Notice.application_id == application.id))).all()
    assert stored.state == "ready"
    assert [notice.milestone for notice in told if notice.created_at == panel.clock()] == ["ready"]


async def test_papers_are_asked_for_by_name(panel: PanelUnderTest) -> None:
    application = await apply_for_certificate(panel)
    browser = await panel.browser("operator")
    await browser.get("/applications")
    answer = await browser.post(
        f"/applications/{application.number}/steps/ask_materials",
        {"version": str(application.version), "missing": "户口簿；近照"},
    )
    assert answer.status_code == 303
    page = (await browser.get(f"/applications/{application.number}")).text
    assert "户口簿、近照" in page
    assert "steps/ready_now" not in page


async def test_two_windows_on_one_application(panel: PanelUnderTest) -> None:
    application = await apply_for_certificate(panel)
    browser = await panel.browser("operator")
    path = f"/applications/{application.number}/steps/start_review"
    assert (await browser.post(path, {"version": str(application.version)})).status_code == 303
    assert (await browser.post(path, {"version": str(application.version)})).status_code == 409


async def test_another_street_does_not_see_it(panel: PanelUnderTest) -> None:
    application = await apply_for_certificate(panel)
    browser = await panel.browser("far")
    assert application.number not in (await browser.get("/applications")).text
    assert (await browser.get(f"/applications/{application.number}")).status_code == 404
