"""The record pages: rows by area, changes with an audit line, no overlapping of rights."""

from sqlmodel import select

from backend.areas.models import Area, CalendarDay, Staff
from backend.people.models import AuditEntry
from tests.backend.admin.building import PanelUnderTest


async def test_a_street_lists_only_its_own_staff(panel: PanelUnderTest) -> None:
    page = (await (await panel.browser("dispatcher")).get("/records/staff/list")).text
    assert "李建国" in page
    assert "周强" not in page
    assert (await (await panel.browser("dispatcher")).get("/records/staff/detail?pk=5")).status_code == 404


async def test_a_dispatcher_adds_a_worker_in_their_own_street_only(panel: PanelUnderTest) -> None:
    browser = await panel.browser("dispatcher")
    await browser.get("/records/staff/create")
    fields = {
        "name": "新来的",
        "role": "worker",
        "area_code": "99010100102",
        "duty": "B",
        "on_duty": "on",
        "is_active": "on",
    }
    answer = await browser.post("/records/staff/create", fields)
    assert answer.status_code == 303, answer.text[-800:]
    refused = await browser.post("/records/staff/create", {**fields, "name": "别处的", "area_code": "99010200101"})
    assert refused.status_code == 422
    async with panel.office.database.read() as session:
        names = {row.name for row in (await session.exec(select(Staff))).all()}
        audited = (await session.exec(select(AuditEntry).where(AuditEntry.action == "create_staff"))).all()
    assert "新来的" in names
    assert "别处的" not in names
    assert len(audited) == 1


async def test_a_wrong_polygon_is_refused_and_a_right_one_moves_the_map(panel: PanelUnderTest) -> None:
    browser = await panel.browser("sysadmin")
    await browser.get("/records/area/edit?pk=99010100101")
    before = panel.office.atlas.version
    bow_tie = '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}'
    fields = {"name": "第一网格", "households": "400", "polygon": bow_tie}
    assert (await browser.post("/records/area/edit?pk=99010100101", fields)).status_code == 422
    square = '{"type":"Polygon","coordinates":[[[120,30],[120.02,30],[120.02,30.01],[120,30.01],[120,30]]]}'
    answer = await browser.post("/records/area/edit?pk=99010100101", {**fields, "polygon": square})
    assert answer.status_code == 303, answer.text[-800:]
    assert panel.office.atlas.version > before
    async with panel.office.database.read() as session:
        area = await session.get(Area, "99010100101")
    assert area is not None
    assert area.households == 400


async def test_the_districts_own_day_is_added_by_the_system_administrator(panel: PanelUnderTest) -> None:
    browser = await panel.browser("sysadmin")
    await browser.get("/records/calendar-day/create")
    answer = await browser.post("/records/calendar-day/create", {"day": "2026-12-31", "reason": "停电检修"})
    assert answer.status_code == 303, answer.text[-800:]
    async with panel.office.database.read() as session:
        row = (await session.exec(select(CalendarDay))).one()
    assert (row.reason, row.is_working, row.district_code) == ("停电检修", False, "990100")


async def test_the_audit_log_can_be_read_and_nothing_else(panel: PanelUnderTest) -> None:
    browser = await panel.browser("auditor")
    page = await browser.get("/records/audit/list")
    assert "log_in" in page.text
    assert (await browser.get("/records/audit/edit?pk=1")).status_code == 403
    answer = await browser.post("/records/_api/audit/action?name=delete&pks=1")
    assert answer.status_code in (400, 403, 404)
    async with panel.office.database.read() as session:
        assert (await session.exec(select(AuditEntry))).first() is not None


async def test_record_pages_speak_the_readers_language(panel: PanelUnderTest) -> None:
    browser = await panel.browser("dispatcher")
    assert "岗别" in (await browser.get("/records/staff/list")).text
    await browser.post("/language", {"lang": "en", "next": "/admin/records/staff/list"})
    page = (await browser.get("/records/staff/list")).text
    assert "Duty" in page
    assert "岗别" not in page
