"""Items are found by everyday words, and the index follows the catalogue."""

from pathlib import Path

import pytest
import yaml

from backend.items.facts import Material
from backend.items.finding import ItemIndex
from backend.items.reading import materials_of
from backend.items.wording import wording
from backend.office import Office
from tests.backend.items.loaded import item_row
from tests.backend.items.people import desk_for
from tests.office_builder import MONDAY

WORDS = yaml.safe_load((Path(__file__).parent / "everyday_words.yml").read_text(encoding="utf-8"))


async def test_everyday_words_find_their_item(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        found = [(code, await desk.find(text)) for text, code in WORDS]
    first = sum(1 for code, items in found if items and items[0].code == code)
    among = sum(1 for code, items in found if code in [item.code for item in items])
    assert first / len(WORDS) >= 0.9
    assert among / len(WORDS) >= 0.97


async def test_sure_is_never_wrong_on_the_everyday_words(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        found = [(text, code, await desk.find(text)) for text, code in WORDS]
    sure = [(text, code, items[0].code) for text, code, items in found if items and items[0].sure]
    assert [one for one in sure if one[1] != one[2]] == []
    assert len(sure) / len(WORDS) >= 0.75


@pytest.mark.parametrize("text", ["今天天气怎么样", "哈哈哈", "", "😀😀", "\x00", "一加一等于几"])
async def test_small_talk_names_no_item(office: Office, text: str) -> None:
    async with office.database.write() as session:
        assert await (await desk_for(session, office, "wang", MONDAY)).find(text) == []


async def test_a_found_item_says_what_to_bring_and_what_may_be_photographed(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        item = (await desk.find("给我妈办个老年证"))[0]
        assert item.sure
        assert item.materials == (Material("身份证", True), Material("近期照片一张", False))
        assert (item.limit_working_days, item.deliverable, item.offered) == (5, True, True)


async def test_a_rotating_desk_says_its_next_day(office: Office) -> None:
    async with office.database.write() as session:
        item = await (await desk_for(session, office, "wang", MONDAY)).item("FW-001")
        assert item is not None
        assert item.next_desk_day is not None
        assert item.next_desk_day.day.isoformat() == "2026-11-27"  # Friday
        assert (item.next_desk_day.place, item.next_desk_day.unit) == ("二楼6号窗口", "司法所")


async def test_a_new_alias_is_found_at_once_and_a_draft_never(office: Office) -> None:
    async with office.database.write() as session:
        desk = await desk_for(session, office, "wang", MONDAY)
        assert await desk.find("银发卡") == []
        row = await item_row(office, "MZ-005")
        row.aliases += ";银发卡"
        session.add(await session.merge(row))
        await session.flush()
        assert (await desk.find("银发卡"))[0].code == "MZ-005"
        row.state = "draft"
        session.add(await session.merge(row))
        await session.flush()
        assert "MZ-005" not in [item.code for item in await desk.find("银发卡")]
        assert await desk.item("MZ-005") is None


def test_a_longer_name_goes_before_a_shorter_one_inside_it() -> None:
    names = [("A", "老年证", "", "admitted"), ("B", "老年证补办", "", "admitted")]
    assert ItemIndex(names, wording()).find("我要老年证补办")[0].code == "B"


def test_a_certificate_does_not_stand_in_a_proof() -> None:
    names = [("A", "居住证", "", "admitted"), ("B", "居住证明", "", "cancelled")]
    found = ItemIndex(names, wording()).find("开个居住证明")
    assert (found[0].code, found[0].sure) == ("B", True)


def test_traditional_characters_and_dialect_are_read_alike() -> None:
    index = ItemIndex([("A", "老年人优待证办理", "老年证", "admitted")], wording())
    for text in ("老年證點辦", "我想整个老人证", "老年证咋个办嘛"):
        assert index.find(text)[0].code == "A"


def test_materials_are_read_with_both_kinds_of_marks() -> None:
    assert materials_of("身份证*；户口簿＊;照片;;") == (
        Material("身份证", True),
        Material("户口簿", True),
        Material("照片", False),
    )


def test_an_empty_catalogue_finds_nothing() -> None:
    assert ItemIndex([], wording()).find("老年证") == []
