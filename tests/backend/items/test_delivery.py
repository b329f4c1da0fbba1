"""Bringing it home: slot, courier, check at the door, failed visit. Nothing is ever handed over without a check."""

from datetime import timedelta

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.cases.models import PageLink
from backend.domain.application_needs import NoConsent, NoIdentityCheck, NotDeliverable, OutsideDistrict
from backend.domain.refusals import NotYourCase, PhotoRequired
from backend.items import delivering, window
from backend.items.applying import move_application
from backend.items.desk import ItemDesk
from backend.items.door import delivery_address
from backend.items.refusals import (
    DeliveryAddressNeeded,
    DeliveryAddressUnclear,
    DoorLocked,
    ProxyIncomplete,
    ProxyIsApplicant,
    SlotGone,
)
from backend.office import Office
from tests.backend.items.people import CLERK, desk_for, desk_of_staff, row_of, stored_photo, told
from tests.office_builder import MONDAY

DOOR = "幸福里小区1号楼"


async def ready(session: AsyncSession, office: Office, code: str = "WJ-001", **who: str) -> tuple[ItemDesk, str]:
    """Wang's application, made ready; his desk and the number."""
    desk = await desk_for(session, office, "wang", MONDAY, **who)
    facts = await desk.apply(code, source="web")
    await window.mark_ready(session, office, await row_of(session, facts.number), CLERK, MONDAY)
    return desk, facts.number


async def on_the_way(session: AsyncSession, office: Office, **who: str) -> tuple[ItemDesk, str, str]:
    """… and a visit agreed on for the first slot; the desk, the number and the door code."""
    desk, number = await ready(session, office, **who)
    facts = await desk.choose_delivery(number, (await desk.slots(number))[0].id, address_text=DOOR)
    return desk, number, facts.door_code


async def papers(session: AsyncSession) -> dict[str, int]:
    """A signature and a photo from the door."""
    return {
        "signature": await stored_photo(session, "signature", MONDAY),
        "photo": await stored_photo(session, "after", MONDAY),
    }


async def test_slots_are_windows_of_working_days_two_hours_ahead(office: Office) -> None:
    async with office.database.write() as session:
        desk, number = await ready(session, office)  # Monday 10:00
        labels = [slot.label for slot in await desk.slots(number)]
        assert labels[:3] == [
            "11月23日（周一）下午 13:00–18:00",
            "11月24日（周二）上午 09:00–12:00",
            "11月24日（周二）下午 13:00–18:00",
        ]
        assert len(labels) == 6


async def test_the_a_person_of_the_address_gets_the_delivery_with_a_page_and_a_notice(office: Office) -> None:
    async with office.database.write() as session:
        desk, number, code = await on_the_way(session, office)
        facts = await desk.my_application(number)
        assert facts is not None
        assert (facts.state, facts.courier_surname, facts.courier_role) == ("delivering", "李", "worker")
        assert (facts.door_code, len(code)) == (code, 6)
        ((notice, letter),) = await told(session, office, "delivery_new")
        link = (await session.exec(select(PageLink).where(PageLink.purpose == "delivery"))).one()
        assert link.staff_id == notice.staff_id
        assert letter.link is not None
        assert code not in letter.text
        assert DOOR not in letter.text  # links and notices get forwarded: the address stands on the page only
        assert (await delivery_address(session, office, await row_of(session, number))).reveal() == DOOR


async def test_the_b_person_brings_it_when_a_is_off_duty(office: Office) -> None:
    async with office.database.write() as session:
        person = (await session.exec(select(Staff).where(Staff.name == "李建国"))).one()
        person.on_duty = False
        session.add(person)
        desk, number, _ = await on_the_way(session, office)
        facts = await desk.my_application(number)
        assert facts is not None
        assert facts.courier_surname == "赵"


async def test_nobody_on_duty_alarms_the_dispatcher_who_assigns_one(office: Office) -> None:
    async with office.database.write() as session:
        for person in (await session.exec(select(Staff).where(Staff.area_code == "99010100101"))).all():
            person.on_duty = False
            session.add(person)
        _, number, _ = await on_the_way(session, office)
        application = await row_of(session, number)
        assert application.delivery_staff_id is None
        assert len(await told(session, office, "no_courier")) == 1
        helper = (await session.exec(select(Staff).where(Staff.name == "王芳"))).one()
        assert helper in await window.could_carry(session, application)
        assert helper.id is not None
        await window.send_courier(session, office, application, CLERK, helper.id, MONDAY)
        assert application.delivery_staff_id == helper.id


async def test_a_worker_does_not_carry_their_own_application(office: Office) -> None:
    async with office.database.write() as session:
        desk, number = await ready(session, office)
        person = (await session.exec(select(Staff).where(Staff.name == "李建国"))).one()
        desk.speaker.identity.staff_id = person.id
        await session.flush()
        facts = await desk.choose_delivery(number, (await desk.slots(number))[0].id, address_text=DOOR)
        assert facts.courier_surname == "赵"


async def test_an_address_outside_the_district_is_refused_and_nothing_is_lost(office: Office) -> None:
    async with office.database.write() as session:
        desk, number = await ready(session, office)
        slot = (await desk.slots(number))[0].id
        for address, area in (("北京市朝阳区建国路88号", ""), ("", "110105")):
            with pytest.raises(OutsideDistrict) as refused:
                await desk.choose_delivery(number, slot, address_text=address, area_code=area)
            assert "不在我们区" in desk.sentence(refused.value)
        facts = await desk.my_application(number)
        assert facts is not None
        assert facts.state == "ready"


async def test_an_unclear_address_is_asked_about_and_a_missing_one_too(office: Office) -> None:
    async with office.database.write() as session:
        desk, number = await ready(session, office)
        slot = (await desk.slots(number))[0].id
        with pytest.raises(DeliveryAddressUnclear) as refused:
            await desk.choose_delivery(number, slot, address_text="槐树巷")
        assert refused.value.facts["candidates"] == ["99010100101", "99010100102"]
        with pytest.raises(DeliveryAddressNeeded):
            await desk.choose_delivery(number, slot)
        facts = await desk.choose_delivery(number, slot, address_text="槐树巷", area_code="99010100102")
        assert facts.delivery_area_name == "云桥街道清泉社区第二网格"


async def test_a_slot_that_passed_or_was_invented_is_refused(office: Office) -> None:
    async with office.database.write() as session:
        desk, number = await ready(session, office)
        for slot in ("20261123-0900-1200", "20991231-0900-1200", "soon"):
            with pytest.raises(SlotGone):
                await desk.choose_delivery(number, slot, address_text=DOOR)


async def test_what_must_be_fetched_in_person_is_not_delivered(office: Office) -> None:
    async with office.database.write() as session:
        desk, number = await ready(session, office, "SB-006")
        with pytest.raises(NotDeliverable):
            await desk.choose_delivery(number, (await desk.slots(number))[0].id, address_text=DOOR)


async def test_the_door_code_hands_it_over_with_signature_and_photo(office: Office) -> None:
    async with office.database.write() as session:
        desk, number, code = await on_the_way(session, office)
        li = await desk_of_staff(session, office, "李建国", MONDAY)
        assert [one.number for one in await li.my_deliveries()] == [number]
        assert (await li.set_out(number)).door_code == ""
        ((_, letter),) = await told(session, office, "set_out")
        assert code in letter.text
        result = await li.hand_over(number, "code", code, **await papers(session))
        assert (result.handed_over, result.application.state) == (True, "collected")
        assert len(await told(session, office, "handed_over")) == 1
        link = (await session.exec(select(PageLink).where(PageLink.purpose == "delivery"))).one()
        assert link.revoked_at == MONDAY
        assert (await row_of(session, number)).door_code_index == ""
        assert await li.my_deliveries() == []
        facts = await desk.my_application(number)
        assert facts is not None
        assert facts.door_code == ""


async def test_nothing_is_handed_over_without_a_check(office: Office) -> None:
    async with office.database.write() as session:
        _, number, code = await on_the_way(session, office)
        li = await desk_of_staff(session, office, "李建国", MONDAY)
        both = await papers(session)
        for check in ("", "he_looked_right", "id_card"):
            with pytest.raises(NoIdentityCheck):
                await li.hand_over(number, check, code, **both)
        with pytest.raises(PhotoRequired):
            await li.hand_over(number, "code", code, signature=both["signature"], photo=0)
        for wrong in ("", "000000" if code != "000000" else "000001"):
            assert not (await li.hand_over(number, "code", wrong, **both)).handed_over
        assert (await row_of(session, number)).state == "delivering"


async def test_no_other_road_leads_past_the_check(office: Office) -> None:
    async with office.database.write() as session:
        _, number, _ = await on_the_way(session, office)
        application = await row_of(session, number)
        person = await session.get(Staff, application.delivery_staff_id)
        assert person is not None
        facts = {"check": "code", **await papers(session)}
        with pytest.raises(NoIdentityCheck):
            await move_application(
                session, office, application, delivering.courier_actor(person), "hand_over_at_door", facts, MONDAY
            )
        await move_application(session, office, application, CLERK, "cancel_delivery", {}, MONDAY)
        with pytest.raises(NoIdentityCheck):
            await move_application(session, office, application, CLERK, "collect", {"check": "id_card"}, MONDAY)
        assert (application.state, application.door_code_index) == ("ready", "")


async def test_staff_agree_on_a_visit_for_a_caller_who_is_told_the_code(office: Office) -> None:
    async with office.database.write() as session:
        desk, number = await ready(session, office)
        application = await row_of(session, number)
        slot = (await desk.slots(number))[0].id
        with pytest.raises(DeliveryAddressNeeded):
            await window.agree_delivery(session, office, application, CLERK, slot, MONDAY)
        await window.agree_delivery(session, office, application, CLERK, slot, MONDAY, address=DOOR)
        facts = await desk.my_application(number)
        assert facts is not None
        ((_, letter),) = await told(session, office, "delivering")
        assert facts.door_code in letter.text
        assert facts.courier_surname == "李"


async def test_five_wrong_answers_lock_the_door_until_a_new_visit(office: Office) -> None:
    async with office.database.write() as session:
        desk, number, code = await on_the_way(session, office, phone="13800001234")
        li = await desk_of_staff(session, office, "李建国", MONDAY)
        both = await papers(session)
        left = [(await li.hand_over(number, "last_four", "0000", **both)).tries_left for _ in range(5)]
        assert left == [4, 3, 2, 1, 0]
        with pytest.raises(DoorLocked):
            await li.hand_over(number, "code", code, **both)
        await li.visit_failed(number, "核对不上")
        facts = await desk.choose_delivery(number, (await desk.slots(number))[0].id, address_text=DOOR)
        assert facts.door_code != code
        assert (await li.hand_over(number, "last_four", "1234", **both)).handed_over


async def test_wrong_answers_are_counted_across_transactions(office: Office) -> None:
    async with office.database.write() as session:
        _, number, _ = await on_the_way(session, office, phone="13800001234")
    for expected in (4, 3):
        async with office.database.write() as session:
            li = await desk_of_staff(session, office, "李建国", MONDAY)
            assert (await li.hand_over(number, "last_four", "9999", **await papers(session))).tries_left == expected


async def test_a_proxy_without_consent_gets_nothing(office: Office) -> None:
    async with office.database.write() as session:
        _, number, _ = await on_the_way(session, office)
        li = await desk_of_staff(session, office, "李建国", MONDAY)
        with pytest.raises(NoConsent) as refused:
            await li.hand_over(number, "proxy", "5678", **await papers(session))
        assert "还没同意" in li.sentence(refused.value)


async def test_a_proxy_the_applicant_agreed_to_takes_it_by_their_own_last_four(office: Office) -> None:
    async with office.database.write() as session:
        desk, number, _ = await on_the_way(session, office, phone="13800001234")
        with pytest.raises(ProxyIncomplete):
            await desk.name_proxy(number, "刘小军", "")
        with pytest.raises(ProxyIsApplicant):
            await desk.name_proxy(number, "王某", "138 0000 1234")
        facts = await desk.name_proxy(number, "刘小军", "139-0000-5678")
        assert facts.proxy == "刘**"
        li = await desk_of_staff(session, office, "李建国", MONDAY)
        both = await papers(session)
        assert not (await li.hand_over(number, "proxy", "1234", **both)).handed_over
        assert (await li.hand_over(number, "proxy", "5678", **both)).handed_over


async def test_a_proxy_known_by_phone_may_choose_in_their_own_chat(office: Office) -> None:
    async with office.database.write() as session:
        son = await desk_for(session, office, "son", MONDAY, phone="13900005678")
        desk, number = await ready(session, office)
        with pytest.raises(NotYourCase):
            await son.slots(number)
        await desk.name_proxy(number, "刘小军", "13900005678")
        facts = await son.choose_delivery(number, (await son.slots(number))[0].id, address_text=DOOR)
        assert facts.state == "delivering"
        ((_, letter),) = await told(session, office, "delivering")  # the applicant hears what their proxy did
        assert facts.door_code in letter.text


async def test_a_failed_visit_offers_a_new_slot_and_kills_the_old_code_and_link(office: Office) -> None:
    async with office.database.write() as session:
        desk, number, code = await on_the_way(session, office)
        li = await desk_of_staff(session, office, "李建国", MONDAY)
        await li.visit_failed(number, "敲门没人应")
        ((_, letter),) = await told(session, office, "visit_failed")
        assert "敲门没人应" in letter.text
        assert letter.choices[0].id == f"a:deliver:{number}"
        facts = await desk.my_application(number)
        assert facts is not None
        assert (facts.state, facts.delivery_tries, facts.slot) == ("ready", 1, "")
        with pytest.raises(NotYourCase):
            await li.hand_over(number, "code", code, **await papers(session))
        again = await desk.choose_delivery(number, (await desk.slots(number))[1].id)  # the same address as before
        assert again.delivery_area_name == "云桥街道清泉社区第一网格"


async def test_choosing_to_collect_calls_the_visit_off_and_tells_the_courier(office: Office) -> None:
    async with office.database.write() as session:
        desk, number, _ = await on_the_way(session, office)
        assert (await desk.choose_collect(number)).state == "ready"
        assert len(await told(session, office, "delivery_gone")) == 1
        application = await row_of(session, number)
        await window.collected(session, office, application, CLERK, "id_card", "", MONDAY)
        assert application.state == "collected"


async def test_at_the_window_wrong_digits_hand_nothing_out(office: Office) -> None:
    async with office.database.write() as session:
        _, number = await ready(session, office, phone="13800001234")
        application = await row_of(session, number)
        with pytest.raises(NoIdentityCheck):
            await window.collected(session, office, application, CLERK, "last_four", "4321", MONDAY)
        await window.collected(session, office, application, CLERK, "last_four", "1234", MONDAY)


async def test_another_worker_cannot_hand_it_over(office: Office) -> None:
    async with office.database.write() as session:
        _, number, code = await on_the_way(session, office)
        zhao = await desk_of_staff(session, office, "赵小梅", MONDAY)
        with pytest.raises(NotYourCase):
            await zhao.hand_over(number, "code", code, **await papers(session))


async def test_a_new_courier_ends_the_old_ones_link(office: Office) -> None:
    async with office.database.write() as session:
        _, number, _ = await on_the_way(session, office)
        application = await row_of(session, number)
        zhao = (await session.exec(select(Staff).where(Staff.name == "赵小梅"))).one()
        await delivering.assign_courier(session, office, application, zhao, CLERK, MONDAY + timedelta(minutes=1))
        links = (await session.exec(select(PageLink).where(PageLink.purpose == "delivery"))).all()
        assert {(link.staff_id == zhao.id, link.revoked_at is None) for link in links} == {(True, True), (False, False)}
        assert len(await told(session, office, "delivery_gone")) == 1


async def test_one_courier_carries_no_more_than_a_half_day_holds(office: Office) -> None:
    async with office.database.write() as session:
        couriers = []
        for _ in range(7):
            desk, number = await ready(session, office)
            facts = await desk.choose_delivery(number, (await desk.slots(number))[0].id, address_text=DOOR)
            couriers.append(facts.courier_surname)
        assert couriers == ["李"] * 6 + ["赵"]
