"""The road of an application: filed by chat or at the counter, completed, decided, ready."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from backend.cases.models import Attachment
from backend.domain.application_needs import ApplicationAlreadyClosed, MaterialsMissing, OwnApplication
from backend.domain.case_view import Actor
from backend.domain.refusals import NotYourArea, NotYourCase, ReasonRequired, WhereToGoRequired
from backend.domain.words import Role
from backend.items import catalogue, closing, window
from backend.items.applying import move_application
from backend.items.models import Application
from backend.items.refusals import ItemCancelled, ItemNotOffered, ItemUnknown
from backend.office import Office
from tests.backend.items.people import CLERK, desk_for, row_of, stored_photo, told
from tests.office_builder import MONDAY


async def test_an_application_gets_a_number_and_a_clock_in_working_days(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        facts = await desk.apply("MZ-005", source="web")
        assert facts.number == "20261123-00001"
        assert facts.state == "received"
        assert facts.limit_working_days == 5
        # Monday 23 November + 5 working days = Monday 30, end of work 18:00 in Shanghai
        assert facts.due_at == datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
        assert [one.number for one in await desk.mine()] == [facts.number]


async def test_the_clock_counts_a_make_up_weekend_and_skips_the_spring_festival(office: Office) -> None:
    thursday = datetime(2026, 2, 12, 2, 0, tzinfo=UTC)  # Saturday 14 February is worked, 15–23 are off
    async with office.database.write() as session:
        facts = await (await desk_for(session, office, "wang", thursday)).apply("MZ-005", source="web")
        row = await row_of(session, facts.number)
    assert facts.due_at is not None
    assert office.local(facts.due_at).date().isoformat() == "2026-02-26"  # Fri 13, Sat 14, Tue 24, Wed 25, Thu 26
    assert any("调休" in reason for reason in row.due_reasons)


async def test_an_abolished_proof_is_refused_with_the_reason(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        with pytest.raises(ItemCancelled) as refused:
            await desk.apply("ZM-001", source="web")
        assert desk.sentence(refused.value).startswith("「居住情况证明」现在不用办了：凭身份证")
        with pytest.raises(ItemUnknown):
            await desk.apply("XX-999", source="web")


async def test_an_item_of_another_community_is_not_offered_here(office: Office) -> None:
    async with office.database.write() as session:
        item = await catalogue._by_code(session, office, "MZ-005")
        assert item is not None
        item.area_code = "990102001"
        session.add(item)
        await session.flush()
        desk = await desk_for(session, office, "wang", MONDAY)
        with pytest.raises(ItemNotOffered):
            await desk.apply("MZ-005", source="web")
        assert (await desk.apply("MZ-005", source="web", area_code="99010200101")).state == "received"


async def test_what_is_not_brought_is_missing_by_name_and_holds_the_review_up(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        facts = await desk.apply("MZ-001", source="web", brought=["身份证", "户口簿"])
        assert facts.missing == ("收入情况说明", "授权核查书")
        application = await row_of(session, facts.number)
        with pytest.raises(MaterialsMissing):
            await window.approve(session, office, application, CLERK, MONDAY)


async def test_incomplete_says_exactly_what_is_missing_and_stops_the_clock(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        facts = await desk.apply("MZ-005", source="web")
        application = await row_of(session, facts.number)
        later = MONDAY + timedelta(hours=1)
        await window.ask_materials(session, office, application, CLERK, ["近期照片一张"], "照片太旧", later)
        ((_, letter),) = await told(session, office, "incomplete")
        assert "还差：近期照片一张" in letter.text
        assert "照片太旧" in letter.text
        assert [choice.id for choice in letter.choices] == [f"a:papers:{facts.number}"]
        assert application.due_at is None
        friday = MONDAY + timedelta(days=4)
        desk = await desk_for(session, office, "wang", friday)
        assert (await desk.add_papers(facts.number, brought=["照片"])).missing == ()
        assert application.state == "received"
        # stood still Monday to Friday: 4 working days; Monday 30 November becomes Friday 4 December
        assert application.due_at is not None
        assert office.local(application.due_at).date().isoformat() == "2026-12-04"


async def test_a_photo_does_not_settle_a_paper_that_must_be_shown_in_the_original(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        facts = await desk.apply("MZ-005", source="web", brought=["身份证"])
        assert facts.missing == ("近期照片一张",)  # without * in the catalogue
        photo = await stored_photo(session, "paper", MONDAY)
        facts = await desk.add_papers(facts.number, attachments=[photo])
        assert facts.missing == ("近期照片一张",)
        row = (await session.exec(select(Attachment).where(Attachment.id == photo))).one()
        assert row.application_id == (await row_of(session, facts.number)).id
        assert await told(session, office, "complete") == []


async def test_one_photo_settles_the_one_missing_paper(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        facts = await desk.apply("MZ-004", source="web", brought=["银行卡"])
        assert facts.missing == ("身份证",)
        photo = await stored_photo(session, "paper", MONDAY)
        assert (await desk.add_papers(facts.number, attachments=[photo])).missing == ()


async def test_the_wrong_paper_is_asked_for_again_and_nothing_is_lost(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        photo = await stored_photo(session, "paper", MONDAY)
        facts = await desk.apply("MZ-004", source="web", attachments=[photo])
        application = await row_of(session, facts.number)
        reason = "照片上是户口簿，要的是银行卡"
        await window.ask_materials(session, office, application, CLERK, ["银行卡"], reason, MONDAY)
        ((_, letter),) = await told(session, office, "incomplete")
        assert reason in letter.text
        assert application.missing == "银行卡"


async def test_ready_offers_to_bring_it_home(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        facts = await desk.apply("WJ-001", source="web")
        application = await row_of(session, facts.number)
        await window.mark_ready(session, office, application, CLERK, MONDAY, "韩守义")
        ((notice, letter),) = await told(session, office, "ready")
        assert letter.text == (
            "您的独生子女父母光荣证补办已办好，随时可来街道便民服务中心二楼领取；如不方便，可由网格员送到家。"
        )
        assert [choice.id for choice in letter.choices] == [f"a:collect:{facts.number}", f"a:deliver:{facts.number}"]
        assert letter.link is not None
        assert notice.application_id == application.id
        assert await told(session, office, "approved") == []
        assert (application.state, application.due_at) == ("ready", None)


async def test_an_item_that_must_be_fetched_in_person_is_not_offered_home(office: Office) -> None:
    async with office.database.write() as session:
        facts = await (await desk_for(session, office, "wang", MONDAY)).apply("SB-006", source="web")
        await window.mark_ready(session, office, await row_of(session, facts.number), CLERK, MONDAY)
        ((_, letter),) = await told(session, office, "ready")
        assert [choice.id for choice in letter.choices] == [f"a:collect:{facts.number}"]
        assert "网格员送" not in letter.text


async def test_a_refusal_needs_a_reason_and_says_where_to_appeal(office: Office) -> None:
    async with office.database.write() as session:
        facts = await (await desk_for(session, office, "wang", MONDAY)).apply("MZ-001", source="web")
        application = await row_of(session, facts.number)
        with pytest.raises(ReasonRequired):
            await window.refuse(session, office, application, CLERK, " ", "区民政局", MONDAY)
        with pytest.raises(WhereToGoRequired):
            await window.refuse(session, office, application, CLERK, "收入超过标准", "", MONDAY)
        await window.refuse(session, office, application, CLERK, "收入超过标准", "向区民政局申请复核", MONDAY)
        ((_, letter),) = await told(session, office, "refused")
        assert "收入超过标准" in letter.text
        assert "向区民政局申请复核" in letter.text


async def test_the_counter_files_for_a_resident_who_is_told_the_number(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY, phone="13800000001")
        application = await window.receive(
            session, office, CLERK, "MZ-004", phone="13800000001", area_code="99010100101", brought=["身份证"],
            now=MONDAY, actor_name="韩守义",
        )  # fmt: skip
        assert application.resident_id == desk.speaker.resident_id
        assert (application.state, application.missing) == ("incomplete", "银行卡")
        ((_, letter),) = await told(session, office, "received")
        assert application.number in letter.text
        assert [one.number for one in await desk.mine()] == [application.number]


async def test_who_files_in_the_chat_is_not_told_again_by_a_notice(office: Office) -> None:
    async with office.database.write() as session:
        await (await desk_for(session, office, "wang", MONDAY)).apply("MZ-005", source="web")
        assert await told(session, office, "received") == []


async def test_staff_of_another_street_do_not_see_the_application(office: Office) -> None:
    async with office.database.write() as session:
        facts = await (await desk_for(session, office, "wang", MONDAY)).apply("MZ-005", source="web")
        application = await row_of(session, facts.number)
        stranger = Actor("user:2", Role.OPERATOR, ("990102",))
        assert await window.steps_for(session, application, stranger) == []
        with pytest.raises(NotYourArea):
            await window.mark_ready(session, office, application, stranger, MONDAY)


async def test_nobody_decides_on_their_own_application(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        facts = await desk.apply("MZ-005", source="web")
        myself = Actor(desk.actor().id, Role.OPERATOR, ("990101",))
        with pytest.raises(OwnApplication):
            await window.mark_ready(session, office, await row_of(session, facts.number), myself, MONDAY)


async def test_other_peoples_applications_and_unknown_numbers_are_refused_alike(office: Office) -> None:
    async with office.database.write() as session:
        facts = await (await desk_for(session, office, "wang", MONDAY)).apply("MZ-005", source="web")
        stranger = await desk_for(session, office, "zhao", MONDAY)
        assert await stranger.my_application(facts.number) is None
        for number in (facts.number, "20261123-99999"):
            with pytest.raises(NotYourCase):
                await stranger.withdraw(number)


async def test_a_withdrawn_application_takes_no_further_step(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        facts = await desk.apply("MZ-005", source="web")
        assert (await desk.withdraw(facts.number)).state == "withdrawn"
        with pytest.raises(ApplicationAlreadyClosed):
            await window.mark_ready(session, office, await row_of(session, facts.number), CLERK, MONDAY)


async def test_an_item_abolished_mid_way_ends_its_applications_with_the_reason(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        open_one = await desk.apply("HJ-001", source="web")
        ready = await desk.apply("HJ-001", source="web")
        await window.mark_ready(session, office, await row_of(session, ready.number), CLERK, MONDAY)
        item = await catalogue._by_code(session, office, "HJ-001")
        assert item is not None
        ended = await catalogue.cancel(session, office, item, "居住登记已联网，不再发证", "user:9", MONDAY)
        assert ended == [open_one.number]
        ((_, letter),) = await told(session, office, "item_cancelled")
        assert "居住登记已联网，不再发证" in letter.text
        assert (await row_of(session, open_one.number)).state == "closed"
        assert (await row_of(session, ready.number)).state == "ready"
        found = await desk.find("办居住证")
        assert found[0].cancelled
        assert found[0].cancelled_reason == "居住登记已联网，不再发证"


async def test_collected_applications_close_after_a_week(office: Office) -> None:
    async with office.database.write() as session:
        facts = await (await desk_for(session, office, "wang", MONDAY)).apply("MZ-005", source="web")
        application = await row_of(session, facts.number)
        await window.mark_ready(session, office, application, CLERK, MONDAY)
        await window.collected(session, office, application, CLERK, "id_card", "", MONDAY)
        assert await closing.close_settled(session, office, MONDAY + timedelta(days=6)) == 0
        assert await closing.close_settled(session, office, MONDAY + timedelta(days=7)) == 1
        assert application.state == "closed"


async def test_a_refused_step_changes_nothing(office: Office) -> None:
    async with office.database.write() as session:
        facts = await (await desk_for(session, office, "wang", MONDAY)).apply("MZ-005", source="web")
    async with office.database.write() as session:
        application = await row_of(session, facts.number)
        with pytest.raises(ReasonRequired):
            await move_application(session, office, application, CLERK, "refuse", {"appeal": "x"}, MONDAY)
    async with office.database.read() as session:
        row = (await session.exec(select(Application))).one()
        assert (row.state, row.version) == ("received", 1)


async def test_a_member_of_staff_sees_steps_as_the_table_offers_them(office: Office) -> None:
    async with office.database.write() as session:
        facts = await (await desk_for(session, office, "wang", MONDAY)).apply("MZ-005", source="web")
        application = await row_of(session, facts.number)
        steps = {step.name for step in await window.steps_for(session, application, CLERK)}
        assert {"ask_materials", "start_review", "refuse"} <= steps
        assert not {"make_ready", "collect", "withdraw", "set_out"} & steps
