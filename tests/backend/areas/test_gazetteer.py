"""Where an address lies: the rules a resident's words meet."""

from dataclasses import dataclass

import pytest

from backend.areas.coordinates import wgs84_to_gcj02
from backend.areas.gazetteer import AddressRow, Gazetteer
from backend.areas.geometry import AreaRow
from backend.areas.placement import Placement, Reason


@dataclass(frozen=True)
class Pin:
    lat: float
    lon: float
    system: str = "wgs84"


def square(west: float, south: float, side: float = 0.01) -> dict[str, object]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


AREAS = [
    AreaRow("1", "测试区", "district", None),
    AreaRow("11", "东门街道", "street", "1"),
    AreaRow("12", "西门街道", "street", "1"),
    AreaRow("111", "槐树社区", "community", "11"),
    AreaRow("121", "石桥社区", "community", "12"),
    AreaRow("111A", "槐树社区第一网格", "grid", "111", square(120.00, 30.0)),
    AreaRow("111B", "槐树社区第二网格", "grid", "111", square(120.01, 30.0)),
    AreaRow("121A", "石桥社区第一网格", "grid", "121", square(120.02, 30.0)),
]
ADDRESSES = [
    AddressRow(1, "幸福里小区", "", "111A"),
    AddressRow(2, "幸福里小区3号楼", "老粮站宿舍", "111A", 30.005, 120.005),
    AddressRow(3, "幸福里小区3号楼2单元501", "", "111A"),
    AddressRow(4, "锦绣花园1-6号楼", "", "111A"),
    AddressRow(5, "锦绣花园7-12号楼", "", "111B"),
    AddressRow(6, "解放路1-99号单号", "", "111A"),
    AddressRow(7, "解放路2-100号双号", "", "121A"),
    AddressRow(8, "建设路10号", "", "111B"),
    AddressRow(9, "建设路14号", "", "111B"),
    AddressRow(10, "建设路60号", "", "121A"),
    AddressRow(11, "柳叶巷", "", "111B"),
    AddressRow(12, "柳叶巷", "", "121A"),
    AddressRow(13, "东门街道人民路5号", "", "111A"),
    AddressRow(14, "西门街道人民路5号", "", "121A"),
    AddressRow(15, "人民北路8号", "", "121A"),
    AddressRow(16, "东山村三组12号", "", "121A"),
    AddressRow(18, "翠湖三号", "", "121A"),
    AddressRow(17, "梧桐街66号青年公寓2号楼", "", "111B"),
]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.build(ADDRESSES, AREAS)


def codes(placement: Placement) -> list[str]:
    return [candidate.area_code for candidate in placement.candidates]


@pytest.mark.parametrize(
    ("said", "grid", "reason"),
    [
        ("幸福里小区3号楼2单元501", "111A", Reason.EXACT),
        ("幸福里小区3号楼", "111A", Reason.EXACT),
        ("幸福里小區三號樓", "111A", Reason.EXACT),
        ("幸福里3栋", "111A", Reason.SHORT_NAME),
        ("我家住幸福里小区3幢2单元五零一，水管爆了", "111A", Reason.EXACT),
        ("老粮站宿舍", "111A", Reason.EXACT),
        ("幸福里小区3号楼4单元101", "111A", Reason.CONTAINED),
        ("幸福里小区", "111A", Reason.EXACT),
        ("幸福里小区20号楼", "111A", Reason.BUILDING_UNKNOWN),
        ("锦绣花园5号楼", "111A", Reason.BUILDING_RANGE),
        ("锦绣花园八号楼301", "111B", Reason.BUILDING_RANGE),
        ("解放路37号", "111A", Reason.NUMBER_RANGE),
        ("解放路38号旁边", "121A", Reason.NUMBER_RANGE),
        ("建设路12号", "111B", Reason.NEIGHBOURS),
        ("青年公寓2号楼", "111B", Reason.EXACT),
        ("梧桐街66号", "111B", Reason.CONTAINED),
        ("东山村3组12号", "121A", Reason.EXACT),
        ("星福里小区3号楼", "111A", Reason.SAME_SOUND),
        ("东门街道人民路5号", "111A", Reason.NARROWED_BY_AREA),
        ("人民北路8号", "121A", Reason.EXACT),
        ("翠湖小区3号楼", "121A", Reason.EXACT),
    ],
)
def test_an_address_in_a_residents_words_finds_its_grid(
    gazetteer: Gazetteer, said: str, grid: str, reason: Reason
) -> None:
    placement = gazetteer.resolve(said)
    assert codes(placement)[0] == grid
    assert reason in placement.candidates[0].reasons
    assert placement.sure is not None


@pytest.mark.parametrize(
    ("said", "grids", "reason"),
    [
        ("锦绣花园", {"111A", "111B"}, Reason.ESTATE_ONLY),
        ("锦绣花园20号楼", {"111A", "111B"}, Reason.BUILDING_UNKNOWN),
        ("解放路", {"111A", "121A"}, Reason.ROAD_ONLY),
        ("建设路200号", {"111B", "121A"}, Reason.NUMBER_UNKNOWN),
        ("柳叶巷有人倒垃圾", {"111B", "121A"}, Reason.SHARED),
        ("人民路5号", {"111A", "121A"}, Reason.SHARED),
    ],
)
def test_an_unclear_address_is_never_decided_silently(
    gazetteer: Gazetteer, said: str, grids: set[str], reason: Reason
) -> None:
    placement = gazetteer.resolve(said)
    assert set(codes(placement)) == grids
    assert reason in placement.candidates[0].reasons
    assert placement.sure is None


def test_a_missing_letter_is_proposed_but_not_taken_for_sure(gazetteer: Gazetteer) -> None:
    placement = gazetteer.resolve("幸福小区3号楼")
    assert codes(placement) == ["111A"]
    assert Reason.SIMILAR_SPELLING in placement.candidates[0].reasons
    assert placement.sure is None


@pytest.mark.parametrize("said", ["解放南路5号", "辛苦里小区3号楼", "楼下太吵了", "3号楼", "，。！", ""])
def test_an_unknown_place_gives_no_candidate_and_says_why(gazetteer: Gazetteer, said: str) -> None:
    placement = gazetteer.resolve(said)
    assert placement.candidates == ()
    assert placement.reasons[0] in (Reason.NAME_UNKNOWN, Reason.NOTHING_SAID)


def test_two_roads_that_cross_mean_the_area_they_share(gazetteer: Gazetteer) -> None:
    placement = gazetteer.resolve("解放路和柳叶巷交叉口")
    assert codes(placement) == ["121A"]
    assert Reason.CROSSING in placement.candidates[0].reasons


def test_a_community_named_alone_is_proposed_for_its_own_staff(gazetteer: Gazetteer) -> None:
    placement = gazetteer.resolve("石桥社区里面停车太乱")
    assert codes(placement) == ["121"]
    assert placement.sure is None


def test_parts_from_understanding_are_placed_like_text(gazetteer: Gazetteer) -> None:
    parts = {"estate": "幸福里小区", "building": "3", "unit": "2", "room": "501"}
    assert gazetteer.resolve(parts).candidates == gazetteer.resolve("幸福里小区3号楼2单元501室").candidates


def test_a_pin_inside_a_grid_is_sure(gazetteer: Gazetteer) -> None:
    placement = gazetteer.resolve("", Pin(30.005, 120.015))
    assert codes(placement) == ["111B"]
    assert placement.sure is not None


def test_a_wechat_pin_is_taken_back_to_wgs84_first(gazetteer: Gazetteer) -> None:
    lat, lon = wgs84_to_gcj02(30.005, 120.0005)  # 48 m inside; unshifted it would lie some 400 m to the east
    placement = gazetteer.resolve("", Pin(lat, lon, "gcj02"))
    assert codes(placement) == ["111A"]
    assert placement.lon == pytest.approx(120.0005, abs=1e-6)


def test_a_pin_within_fifteen_metres_of_a_border_asks(gazetteer: Gazetteer) -> None:
    placement = gazetteer.resolve("", Pin(30.005, 120.0101))  # 10 m east of the border
    assert codes(placement) == ["111B", "111A"]
    assert placement.sure is None
    assert codes(gazetteer.resolve("", Pin(30.005, 120.0103))) == ["111B"]  # 29 m: clear


def test_a_pin_outside_the_district_says_so(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("", Pin(31.0, 121.0)).reasons[-1] is Reason.PIN_OUTSIDE


def test_a_pin_settles_an_address_that_two_grids_claim(gazetteer: Gazetteer) -> None:
    placement = gazetteer.resolve("柳叶巷", Pin(30.005, 120.025))
    assert placement.sure is not None
    assert placement.sure.area_code == "121A"


def test_pin_and_address_that_disagree_are_both_offered(gazetteer: Gazetteer) -> None:
    placement = gazetteer.resolve("幸福里小区3号楼", Pin(30.005, 120.025))
    assert set(codes(placement)) == {"111A", "121A"}
    assert placement.sure is None


def test_without_polygons_a_pin_is_placed_by_listed_addresses_nearby() -> None:
    plain = [AreaRow(a.code, a.name, a.level, a.parent_code) for a in AREAS]
    placement = Gazetteer.build(ADDRESSES, plain).resolve("", Pin(30.0052, 120.0051))
    assert codes(placement) == ["111A"]
    assert Reason.PIN_NEAR_ADDRESS in placement.candidates[0].reasons


def test_the_saved_form_answers_like_the_fresh_one(gazetteer: Gazetteer, tmp_path) -> None:  # type: ignore[no-untyped-def]
    gazetteer.save(tmp_path, "s1")
    again = Gazetteer.open(tmp_path, AREAS, "s1")
    assert again is not None
    for said in ("幸福里小区3号楼", "星福里3栋", "解放路37号", "柳叶巷"):
        assert again.resolve(said) == gazetteer.resolve(said)
    assert Gazetteer.open(tmp_path, AREAS, "s2") is None
    gazetteer.save(tmp_path, "s2")
    assert again.resolve("柳叶巷") == gazetteer.resolve("柳叶巷")  # the earlier files are still mapped
    assert len(list(tmp_path.glob("built-*"))) == 1


def test_a_broken_saved_form_is_made_again_not_trusted(gazetteer: Gazetteer, tmp_path) -> None:  # type: ignore[no-untyped-def]
    gazetteer.save(tmp_path, "s1")
    next(tmp_path.glob("built-*/key_hash.npy")).write_bytes(b"broken")
    assert Gazetteer.open(tmp_path, AREAS, "s1") is None


def test_a_letter_pasted_as_an_address_is_answered_in_bounded_time(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("路小区1号楼" * 20_000).candidates == ()


def test_a_road_through_many_grids_is_lifted_to_communities() -> None:
    areas = [AreaRow("1", "测试区", "district", None)]
    areas += [AreaRow(f"1{c}", f"第{c}社", "community", "1") for c in range(3)]
    areas += [AreaRow(f"1{c}{g}", f"{c}-{g}", "grid", f"1{c}") for c in range(3) for g in range(5)]
    rows = [AddressRow(i, f"长河路{i + 1}号", "", f"1{i % 3}{i // 3}") for i in range(15)]
    placement = Gazetteer.build(rows, areas).resolve("长河路")
    assert codes(placement) == ["10", "11", "12"]
    assert Reason.TOO_MANY in placement.candidates[0].reasons
