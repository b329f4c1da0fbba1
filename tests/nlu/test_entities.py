"""Entities: exact spans in the resident's own text."""

from datetime import datetime

import pytest

from nlu.contract import Entity
from nlu.entities.extract import Extractor
from nlu.entities.gazetteer import Gazetteer
from nlu.entities.identities import valid_id_card
from nlu.entities.problems import split_problems
from nlu.normalise import clean
from tests.nlu.conftest import NOON

PLAIN = Extractor()


def found(text: str, kind: str, extractor: Extractor = PLAIN, now: datetime = NOON) -> list[Entity]:
    entities = [entity for entity in extractor.find(clean(text), now) if entity.type == kind]
    assert all(text[e.start : e.end] for e in entities)
    return entities


def spans(text: str, kind: str) -> list[str]:
    return [text[e.start : e.end] for e in found(text, kind)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("我家住在幸福小区3号楼2单元501，没水", "幸福小区3号楼2单元501"),
        ("菜场后面那条巷子路灯不亮", "菜场后面那条巷子"),
        ("人民路和解放路交叉口红绿灯坏了", "人民路和解放路交叉口"),
        ("3號樓電梯壞了", "3號樓"),
        ("学校门口天天堵车", "学校门口"),
        ("请到滨江大道55弄7号401看看", "滨江大道55弄7号401"),
        ("国道319线47公里处有落石", "国道319线47公里处"),
        ("我家楼下有人摆摊", "我家楼下"),
    ],
)
def test_an_address_in_running_text_is_cut_exactly(text: str, address: str) -> None:
    assert spans(text, "address") == [address]


@pytest.mark.parametrize("text", ["路灯坏了", "学校乱收费", "小区物业不管事", "11路公交车等了很久", "修路修了一年"])
def test_common_words_are_no_address(text: str) -> None:
    assert spans(text, "address") == []


def test_several_addresses_and_their_parts() -> None:
    first, second = found("向阳路12号门口和幸福小区3号楼2单元都停电了", "address")
    assert first.parts["road"] == "向阳路"
    assert first.parts["number"] == "12号"
    assert second.parts == {"estate": "幸福小区", "building": "3号楼", "unit": "2单元"}


def test_names_of_the_gazetteer_are_found_without_any_ending() -> None:
    district = Extractor(Gazetteer(["老供销社", "铜锣湾"]))
    (entity,) = found("铜锣湾3栋没水了", "address", district)
    assert (entity.value, entity.parts["place"]) == ("铜锣湾3栋", "铜锣湾")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("今晚八点过来", "2026-11-23T20:00+08:00"),
        ("上周三下午报过", "2026-11-18T12:00+08:00/2026-11-18T18:00+08:00"),  # Wednesday
        ("明天上午10点半行吗", "2026-11-24T10:30+08:00"),
        ("3月5号晚上10点开始", "2026-03-05T22:00+08:00"),
        ("半小时前报的", "2026-11-23T11:30+08:00"),
        ("三天前没水的", "2026-11-20"),
        ("下周一再来", "2026-11-30"),  # Monday
        ("2025-05-01交的", "2025-05-01"),
    ],
)
def test_a_time_is_resolved_against_now(text: str, value: str) -> None:
    assert [entity.value for entity in found(text, "time")] == [value]


@pytest.mark.parametrize("text", ["2月30号", "一点点", "比分3:2", "99点"])
def test_impossible_times_are_none(text: str) -> None:
    assert found(text, "time") == []


@pytest.mark.parametrize(
    ("text", "kind", "span", "value"),
    [
        ("电话138 0000 0000谢谢", "phone", "138 0000 0000", "13800000000"),
        ("座机0990-0000012", "phone", "0990-0000012", "0990-0000012"),
        ("单号20261120-00012到哪了", "case_number", "20261120-00012", "20261120-00012"),
        ("我叫李小明,住东街", "person", "李小明", "李小明"),
        ("联系王师傅", "person", "王师傅", "王师傅"),
        ("感谢郑师傅", "person", "郑师傅", "郑师傅"),
    ],
)
def test_numbers_and_names(text: str, kind: str, span: str, value: str) -> None:
    (entity,) = found(text, kind)
    assert (text[entity.start : entity.end], entity.value) == (span, value)


def test_an_identity_card_needs_its_checksum() -> None:
    assert valid_id_card("11010519491231002X")
    assert [e.value for e in found("身份证11010519491231002x", "id_card")] == ["11010519491231002X"]
    assert found("身份证110105194912310021", "id_card") == []


def test_two_problems_in_one_message_are_told_apart() -> None:
    text = "楼下路灯不亮三天了。另外垃圾桶满了没人收"
    assert [text[a:b] for a, b in split_problems(clean(text))] == [
        "楼下路灯不亮三天了",
        "另外垃圾桶满了没人收",
    ]
    assert split_problems(clean("路灯不亮。晚上老人不敢出门")) == ()


@pytest.mark.parametrize("text", ["昨夜水管爆了", "今夜停电吗", "明夜来", "听日朝早九点", "琴日夜晚", "寻日下昼三点"])
def test_every_way_to_name_a_part_of_the_day_has_its_hours(text: str) -> None:
    assert [e.type.value for e in Extractor().find(clean(text), NOON)] == ["time"]
