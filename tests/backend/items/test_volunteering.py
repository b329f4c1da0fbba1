"""Volunteer services: ten classes, eighty kinds, and the nearest group that gives the help."""

import pytest
from sqlmodel import select

from backend.areas.models import Staff
from backend.items.models import VolunteerGroup
from backend.items.volunteering import kinds
from backend.office import Office
from tests.backend.items.people import desk_for, told
from tests.office_builder import DISTRICT, MONDAY


def test_there_are_ten_classes_and_eighty_kinds() -> None:
    assert len(kinds().by_code) == 80
    assert len({code.partition(".")[0] for code in kinds().by_code}) == 10


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("想找人陪我妈去医院看病", "elder.hospital"),
        ("老人不会用智能手机谁能教教", "elder.phone"),
        ("家里灯泡坏了换不了", "repair.lamps"),
        ("孩子作业没人辅导", "child.homework"),
        ("想请人上门理发", "elder.haircut"),
        ("跟邻居吵架想找人调解", "law.mediation"),
    ],
)
def test_plain_words_find_the_kind(said: str, kind: str) -> None:
    found = kinds().find(said)
    assert found is not None
    assert found.code == kind


async def test_the_group_of_the_smallest_area_is_asked(office: Office) -> None:
    async with office.database.write() as session:
        contact = (await session.exec(select(Staff).where(Staff.name == "何晓"))).one()
        for name, area, offered in (
            ("区志愿总队", "990100", "elder;child"),
            ("清泉银龄队", "990101001", "elder.meals;elder.hospital"),
            ("柳荫队", "990102001", "elder"),
        ):
            session.add(
                VolunteerGroup(
                    district_code=DISTRICT, name=name, area_code=area, kinds=offered, contact_staff_id=contact.id
                )
            )
        await session.flush()
        desk = await desk_for(session, office, "wang", MONDAY)
        near = await desk.ask_volunteer("elder.hospital", "周五上午陪诊")
        far = await desk.ask_volunteer("child.homework", "")
        assert (near.group_name, near.state, far.group_name) == ("清泉银龄队", "matched", "区志愿总队")
        letters = [letter.text for _, letter in await told(session, office, "volunteer_new")]
        assert "周五上午陪诊" in letters[0]


async def test_without_a_group_the_dispatchers_are_told(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        asked = await desk.ask_volunteer("repair.lamps", "")
        assert (asked.state, asked.group_name) == ("asked", "")
        assert len(await told(session, office, "volunteer_unmatched")) == 1
