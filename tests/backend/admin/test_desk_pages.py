"""The call desk, conversations, dead notices, counters, dashboard and map."""

import asyncio
import json
from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette

from backend.admin.app import build_admin
from backend.admin.live import counts_now
from backend.areas.models import DutyShift
from backend.cases.models import Case
from backend.conversations.models import Conversation, ConversationMessage
from backend.conversations.talk import open_conversation, save_state, write_down
from backend.notices.models import Notice
from backend.people.models import AuditEntry, Resident
from backend.people.residents import remember, speaker_for, wrapped_key
from backend.reports.keeping import refresh_reports
from nlu.reader import open_reader
from tests.backend.admin.building import Browser, PanelUnderTest, file_lamp
from tests.backend.admin.test_application_pages import apply_for_certificate

CALL = {
    "phone": "138 1234 5678",
    "name": "王小明",
    "text": "幸福里1号楼门口路灯不亮",
    "place": "幸福里小区1号楼",
    "area_code": "99010100101",
    "category": "urban.lighting",
    "kind": "repair",
    "urgency": "normal",
}


async def test_a_call_becomes_a_case_with_an_owner_and_the_caller_is_remembered(panel: PanelUnderTest) -> None:
    browser = await panel.browser("operator")
    await browser.get("/call?phone=13812345678")
    answer = await browser.post("/call", CALL)
    assert answer.status_code == 303, answer.text
    page = (await browser.get(answer.headers["location"].removeprefix("/admin"))).text
    assert "李建国" in page
    async with panel.office.database.read() as session:
        case = (await session.exec(select(Case))).one()
        resident = (await session.exec(select(Resident))).one()
    assert (case.source, case.state, case.resident_id) == ("phone", "dispatched", resident.id)
    again = (await browser.post("/call/caller", {"phone": "+86 138-1234-5678"})).text
    assert case.number in again
    assert "王**" in again


async def test_a_call_without_a_place_keeps_what_was_typed(panel: PanelUnderTest) -> None:
    browser = await panel.browser("operator")
    await browser.get("/call")
    answer = await browser.post("/call", {**CALL, "area_code": ""})
    assert answer.status_code == 422
    assert "幸福里1号楼门口路灯不亮" in answer.text
    elsewhere = await browser.post("/call", {**CALL, "area_code": "99010200101"})
    assert elsewhere.status_code == 422


async def test_typing_finds_the_grid_and_similar_open_cases(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("operator")
    await browser.get("/call")
    hints = (await browser.post("/call/hints", {**CALL, "area_code": ""})).text
    assert "清泉社区第一网格" in hints
    assert case.number in hints


async def test_a_huge_paste_is_refused_with_a_sentence(panel: PanelUnderTest) -> None:
    browser = await panel.browser("operator")
    await browser.get("/call")
    answer = await browser.post("/call", {**CALL, "text": "灯" * 5000})
    assert answer.status_code == 422
    assert "四千字" in answer.text


async def waiting_talk(session: AsyncSession, panel: PanelUnderTest, now: datetime) -> Conversation:
    """王小明 asks for a person on the web page."""
    speaker = await speaker_for(session, panel.office, "web", "web", "visitor-1", now)
    await remember(session, panel.office, speaker.resident, name="王小明", phone="13812345678")
    talk = await open_conversation(session, panel.office, speaker, now, chat="visitor-1")
    await write_down(session, panel.office, talk, speaker.wrapped_key, "in", "转人工，我电话13812345678", now)
    talk.mode, talk.waiting_since, talk.waiting_for = "waiting", now, "要求人工"
    session.add(talk)
    await session.flush()
    return talk


async def test_an_operator_takes_a_talk_over_answers_and_hands_it_back(panel: PanelUnderTest) -> None:
    async with panel.office.database.write() as session:
        talk = await waiting_talk(session, panel, panel.clock())
    browser, second = await panel.browser("operator"), await panel.browser("dispatcher")
    assert "要求人工" in (await browser.get("/conversations")).text
    page = (await browser.get(f"/conversations/{talk.id}")).text
    assert "138****5678" in page
    assert "13812345678" not in page
    assert (await browser.post(f"/conversations/{talk.id}/answer", {"text": "先别急"})).status_code == 409
    assert (await browser.post(f"/conversations/{talk.id}/claim")).status_code == 303
    assert (await second.post(f"/conversations/{talk.id}/claim")).status_code == 409
    assert (await browser.post(f"/conversations/{talk.id}/answer", {"text": "您好，我来帮您"})).status_code == 303
    async with panel.office.database.read() as session:
        stored = await session.get(Conversation, talk.id)
        notice = (await session.exec(select(Notice).where(Notice.conversation_id == talk.id))).one()
        said = (await session.exec(select(ConversationMessage).where(ConversationMessage.direction == "person"))).one()
    assert stored is not None
    assert stored.mode == "person"
    assert panel.office.outbox.letter(notice).text == "您好，我来帮您"
    assert said.user_id is not None
    assert (await browser.post(f"/conversations/{talk.id}/hand-back")).status_code == 303
    async with panel.office.database.read() as session:
        stored = await session.get(Conversation, talk.id)
    assert stored is not None
    assert (stored.mode, stored.claimed_by_id) == ("bot", None)


async def test_of_two_who_take_over_at_once_one_is_refused(panel: PanelUnderTest) -> None:
    async with panel.office.database.write() as session:
        talk = await waiting_talk(session, panel, panel.clock())
    browsers = [await panel.browser("operator"), await panel.browser("dispatcher")]
    for browser in browsers:
        await browser.get(f"/conversations/{talk.id}")
    answers = await asyncio.gather(*(browser.post(f"/conversations/{talk.id}/claim") for browser in browsers))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    async with panel.office.database.read() as session:
        stored = await session.get(Conversation, talk.id)
        claims = (await session.exec(select(AuditEntry).where(AuditEntry.action == "claim_conversation"))).all()
    assert stored is not None
    assert (stored.mode, len(claims)) == ("person", 1)


async def test_whoever_takes_over_sees_what_was_begun(panel: PanelUnderTest) -> None:
    async with panel.office.database.write() as session:
        talk = await waiting_talk(session, panel, panel.clock())
        draft = {"id": 1, "text": "楼道灯坏了，打13812345678", "category": "urban.lighting", "place": "3号楼"}
        save_state(panel.office, talk, await wrapped_key(session, talk.resident_id), {"drafts": [draft]})
        session.add(talk)
    page = (await (await panel.browser("operator")).get(f"/conversations/{talk.id}")).text
    assert "楼道灯坏了" in page
    assert "路灯照明" in page
    assert "13812345678" not in page


async def test_a_dead_notice_is_sent_again_by_one_press(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    async with panel.office.database.write() as session:
        notice = (await session.exec(select(Notice).where(Notice.case_id == case.id))).first()
        assert notice is not None
        notice.status, notice.reason, notice.ended_at = "dead", "blocked", panel.clock()
        session.add(notice)
    browser, far = await panel.browser("dispatcher"), await panel.browser("far")
    assert case.number in (await browser.get("/notices")).text
    assert case.number not in (await far.get("/notices")).text
    assert (await far.post(f"/notices/{notice.id}/replay")).status_code == 404
    assert (await browser.post(f"/notices/{notice.id}/replay")).status_code == 303
    async with panel.office.database.read() as session:
        stored = await session.get(Notice, notice.id)
    assert stored is not None
    assert stored.status == "ready"


async def test_the_counters_end_with_the_session(panel: PanelUnderTest) -> None:
    await file_lamp(panel.office, panel.clock(), area_code="990101001")  # no grid: a queue
    browser = await panel.browser("dispatcher")
    token = browser.client.cookies["linli"]
    inner = panel.app.routes[0].app  # type: ignore[attr-defined]
    shared = next(one.kwargs["panel"] for one in inner.user_middleware if "panel" in one.kwargs)
    counts = await counts_now(shared, token)
    assert counts is not None
    assert counts["cases"] == "1"
    await browser.post("/logout")
    assert await counts_now(shared, token) is None


async def test_the_dashboard_counts_what_the_list_shows(panel: PanelUnderTest) -> None:
    for _ in range(3):
        await file_lamp(panel.office, panel.clock())
    await refresh_reports(panel.office, panel.clock())
    browser = await panel.browser("leader")
    page = (await browser.get("/dashboard")).text
    assert "清泉社区" in page
    assert "城乡建设" in page


async def test_the_map_holds_the_grids_of_the_reader_alone(panel: PanelUnderTest) -> None:
    await file_lamp(panel.office, panel.clock(), lat=30.004, lon=120.003)
    found = json.loads((await (await panel.browser("dispatcher")).get("/map/data")).text)
    loads = {one["properties"]["code"]: one["properties"]["open"] for one in found["grids"]["features"]}
    assert loads == {"99010100101": 1, "99010100102": 0}
    assert len(found["cases"]) == 1
    elsewhere = json.loads((await (await panel.browser("far")).get("/map/data")).text)
    assert elsewhere["cases"] == []


async def test_every_page_speaks_english_too(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("dispatcher")
    await browser.post("/language", {"lang": "en", "next": "/admin/cases"})
    for path in ("/cases", f"/cases/{case.number}", "/call", "/dashboard", "/map", "/conversations", "/notices", "/me"):
        page = await browser.get(path)
        assert page.status_code == 200, path
        assert 'lang="en"' in page.text
        assert "退出" not in page.text


async def test_leave_is_entered_once_and_the_uncovered_day_is_named(panel: PanelUnderTest) -> None:
    browser = await panel.browser("dispatcher")
    await browser.get("/roster")
    leave = {"staff_id": "4", "first": "2026-11-25", "last": "2026-11-26", "note": "年假"}  # 王芳 is alone in grid 2
    assert (await browser.post("/roster", leave)).status_code == 303
    assert (await browser.post("/roster", {**leave, "first": "2026-11-26", "last": "2026-11-28"})).status_code == 409
    assert (await browser.post("/roster", {**leave, "first": "2026-12-02", "last": "2026-12-01"})).status_code == 422
    page = (await browser.get("/roster")).text
    assert "年假" in page
    assert "有 2 个" in page
    assert (
        await browser.post("/roster", {**leave, "staff_id": "5"})
    ).status_code == 404  # 周强 serves the other street
    async with panel.office.database.read() as session:
        shift = (await session.exec(select(DutyShift))).one()
    far = await panel.browser("far")
    assert (await far.post(f"/roster/{shift.id}")).status_code == 404
    assert (await browser.post(f"/roster/{shift.id}")).status_code == 303


async def test_the_model_page_explains_a_sentence(panel: PanelUnderTest) -> None:
    reader = open_reader()
    app = Starlette()
    app.mount("/admin", build_admin(panel.office, panel.clock, reader.read, engine=reader.engine))
    browser = Browser(app)
    await browser.log_in("dispatcher")
    page = (await browser.get("/model", params={"text": "幸福里1号楼门口的路灯不亮"})).text
    assert "路灯照明" in page
    assert "依据" in page
    await browser.get("/call")
    hints = (await browser.post("/call/hints", {"text": "幸福里1号楼门口的路灯不亮"})).text
    assert 'data-value="urban.lighting"' in hints
    assert 'data-value="99010100101"' in hints


async def test_a_counter_application_asks_for_what_is_missing(panel: PanelUnderTest) -> None:
    await apply_for_certificate(panel)
    browser = await panel.browser("operator")
    papers = (await browser.get("/applications/new?item=C-001", headers={"hx-target": "papers"})).text
    assert "户口簿" in papers
    fields = {"item": "C-001", "phone": "13900001111", "area_code": "990101001", "brought": "身份证"}
    answer = await browser.post("/applications/new", fields)
    assert answer.status_code == 303, answer.text
    page = (await browser.get(answer.headers["location"].removeprefix("/admin"))).text
    assert "待补正" in page
    assert "户口簿" in page


async def test_a_report_leaves_the_house_marked_and_written_down(panel: PanelUnderTest) -> None:
    browser = await panel.browser("leader")
    assert (await browser.get("/reports?kind=rates&by=grid")).status_code == 200
    assert (await browser.get("/reports?area=990102")).status_code == 404
    sheet = await browser.get("/reports?kind=ladder&format=xlsx")
    assert sheet.content[:2] == b"PK"
    lines = (await browser.get("/reports?kind=ladder&format=csv")).text
    assert "leader老师" in lines.splitlines()[0]
    async with panel.office.database.read() as session:
        rows = (await session.exec(select(AuditEntry).where(AuditEntry.action == "take_report_out"))).all()
    assert len(rows) == 2
