"""The case list and the case page: who sees what, what may be done, and two people on one case."""

from datetime import timedelta

from sqlmodel import select

from backend.cases.models import Case, CaseEvent
from backend.people.models import AuditEntry
from tests.backend.admin.building import PanelUnderTest, file_lamp


async def test_the_list_shows_a_case_with_its_holder(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    page = await (await panel.browser("dispatcher")).get("/cases")
    assert page.status_code == 200
    assert case.number in page.text
    assert "李建国" in page.text


async def test_a_dispatcher_of_another_street_neither_lists_nor_opens_it(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("far")
    assert case.number not in (await browser.get("/cases?tab=all")).text
    assert (await browser.get(f"/cases/{case.number}")).status_code == 404
    answer = await browser.post(f"/cases/{case.number}/moves/note", {"text": "看看", "version": str(case.version)})
    assert answer.status_code == 404


async def test_the_page_masks_the_reporter_and_offers_the_legal_moves(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    page = (await (await panel.browser("dispatcher")).get(f"/cases/{case.number}")).text
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "王小明" not in page
    assert f"/cases/{case.number}/moves/reassign" in page
    assert f"/cases/{case.number}/moves/accept" not in page  # the holder's, not the dispatcher's


async def test_a_worker_sees_their_task_without_any_identity(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    page = (await (await panel.browser("worker")).get(f"/cases/{case.number}")).text
    assert f"/cases/{case.number}/moves/accept" in page
    assert "138****" not in page
    assert "王" not in page.replace("王芳", "")


async def test_a_move_goes_into_history_under_the_operators_name(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("dispatcher")
    panel.clock.pass_by(timedelta(minutes=5))
    answer = await browser.post(
        f"/cases/{case.number}/moves/reassign",
        {"owner": "staff:2", "reason": "李师傅在忙", "version": str(case.version)},
    )
    assert answer.status_code == 303, answer.text
    async with panel.office.database.read() as session:
        stored = (await session.exec(select(Case).where(Case.number == case.number))).one()
        events = (await session.exec(select(CaseEvent).where(CaseEvent.case_id == case.id))).all()
    assert stored.assignee == "staff:2"
    assert events[-1].actor_name == "dispatcher老师"


async def test_the_second_editor_learns_who_changed_what_and_keeps_the_text(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    first, second = await panel.browser("dispatcher"), await panel.browser("leader")
    await first.post(f"/cases/{case.number}/moves/note", {"text": "已打电话", "version": str(case.version)})
    answer = await second.post(
        f"/cases/{case.number}/moves/instruct", {"text": "请今晚修好", "version": str(case.version)}
    )
    assert answer.status_code == 409
    assert "dispatcher老师" in answer.text
    assert "请今晚修好" in answer.text


async def test_a_refused_move_says_why_and_keeps_the_text(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("dispatcher")
    answer = await browser.post(
        f"/cases/{case.number}/moves/reassign", {"owner": "staff:2", "version": str(case.version)}
    )
    assert answer.status_code == 422
    assert "请写明原因" in answer.text


async def test_only_people_who_were_offered_may_get_a_case(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("dispatcher")
    answer = await browser.post(
        f"/cases/{case.number}/moves/reassign",
        {"owner": "staff:5", "reason": "试试", "version": str(case.version)},  # 周强 serves the other street
    )
    assert answer.status_code == 422


async def test_the_preview_is_the_very_letter_and_changes_nothing(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("dispatcher")
    panel.clock.pass_by(timedelta(minutes=5))
    answer = await browser.post(f"/cases/{case.number}/preview/reply", {"text": "师傅今晚八点前到"})
    assert answer.status_code == 200
    assert "师傅今晚八点前到" in answer.text
    assert case.number in answer.text
    async with panel.office.database.read() as session:
        stored = (await session.exec(select(Case).where(Case.number == case.number))).one()
    assert stored.version == case.version


async def test_revealing_needs_a_reason_and_is_written_down(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("operator")
    fields = {"field": "phone", "resident": str(case.resident_id)}
    assert (await browser.post(f"/cases/{case.number}/reveal", fields)).status_code == 422
    answer = await browser.post(f"/cases/{case.number}/reveal", {**fields, "reason": "约时间"})
    assert "13812345678" in answer.text
    async with panel.office.database.read() as session:
        entry = (await session.exec(select(AuditEntry).where(AuditEntry.action == "reveal"))).one()
    assert entry.subject == f"case:{case.number}"
    assert "13812345678" not in str(entry.detail)


async def test_a_complaint_about_the_unit_does_not_exist_for_the_unit(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock(), against=("综合执法队",), against_text="综合执法队")
    browser = await panel.browser("department")
    assert (await browser.get(f"/cases/{case.number}")).status_code == 404


async def test_a_case_against_a_responsible_person_is_not_on_their_list(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock(), against=("staff:3",), against_text="网格长")
    browser = await panel.browser("responsible")
    assert case.number not in (await browser.get("/cases?tab=all")).text
    assert (await browser.get(f"/cases/{case.number}")).status_code == 404
    assert case.number in (await (await panel.browser("dispatcher")).get("/cases?tab=all")).text


async def test_the_callers_phone_finds_their_case(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("operator")
    assert case.number in (await browser.get("/cases?tab=all&q=13812345678")).text
    assert case.number not in (await browser.get("/cases?tab=all&q=13900000000")).text


async def test_pages_follow_each_other_without_gaps_or_doubles(panel: PanelUnderTest) -> None:
    numbers = [(await file_lamp(panel.office, panel.clock())).number for _ in range(53)]
    browser = await panel.browser("dispatcher")
    for order in ("new", "due"):
        first = (await browser.get(f"/cases?order={order}")).text
        following = first.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
        second = (await browser.get(f"/cases?{following}")).text
        seen = [number for number in numbers if number in first] + [number for number in numbers if number in second]
        assert sorted(seen) == sorted(numbers), order
