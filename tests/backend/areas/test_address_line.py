"""One address line taken apart."""

import pytest

from backend.areas.address_line import Span, parse_address


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("幸福里小区3号楼2单元501", {"estate": "幸福里小区", "building": "3", "unit": "2", "room": "501"}),
        ("幸福里小區三號樓二單元五零一", {"estate": "幸福里小区", "building": "3", "unit": "2", "room": "501"}),
        ("幸福里小区 3-2-501", {"estate": "幸福里小区", "building": "3", "unit": "2", "room": "501"}),
        ("阳光花园C区3号楼1607室", {"estate": "阳光花园C区", "building": "3", "room": "1607"}),
        ("云溪区青石街道解放路88号", {"region": "云溪区青石街道", "road": "解放路", "number": "88"}),
        ("解放路88号幸福里小区3幢", {"road": "解放路", "number": "88", "estate": "幸福里小区", "building": "3"}),
        ("解放路5号院3号楼", {"road": "解放路", "number": "5", "building": "3"}),
        ("长宁路123弄4号501室", {"road": "长宁路", "number": "123", "building": "4", "room": "501"}),
        ("解放路槐树巷5号", {"road": "槐树巷", "number": "5"}),
        ("槐树巷子7号之2", {"road": "槐树巷", "number": "7-2"}),
        ("人民路小区2栋", {"estate": "人民路小区", "building": "2"}),
        ("格林小镇商铺15-692", {"estate": "格林小镇商铺", "building": "15", "room": "692"}),
        ("A座12楼1203室", {"building": "A", "floor": "12", "room": "1203"}),
        ("幸福里社区3号楼", {"estate": "幸福里社区", "building": "3"}),
        ("老邮局", {"estate": "老邮局"}),
        ("某某省江山市萧北区市心南路9号", {"region": "某某省江山市萧北区", "road": "市心南路", "number": "9"}),
        ("西湖区西湖区梅家路9号", {"region": "西湖区西湖区", "road": "梅家路", "number": "9"}),
        ("塘下村交通北路536号", {"road": "交通北路", "number": "536"}),
        ("永新街一巷5号", {"road": "永新街1巷", "number": "5"}),
        ("望春工业园区云林中路12号", {"region": "望春工业园区", "road": "云林中路", "number": "12"}),
        ("阳光花园北区3栋", {"estate": "阳光花园北区", "building": "3"}),
        ("阳光超市", {"estate": "阳光超市"}),
        ("解放路公交站", {"estate": "解放路公交站"}),
        ("解放路幸福里小区3号楼", {"road": "解放路", "estate": "幸福里小区", "building": "3"}),
        ("", {}),
    ],
)
def test_a_line_is_split_into_its_parts(text: str, parts: dict[str, str]) -> None:
    line = parse_address(text)
    texts = {name: getattr(line, name) for name in line.__slots__ if isinstance(getattr(line, name), str)}
    assert {name: value for name, value in texts.items() if value} == parts


def test_number_ranges_know_their_side_of_the_road() -> None:
    assert parse_address("解放路1-99号单号").numbers == Span(1, 99, "odd")
    assert parse_address("解放路2至100号双号").numbers == Span(2, 100, "even")
    assert parse_address("锦绣花园1-6号楼").buildings == Span(1, 6)
    assert parse_address("解放路88-1号").numbers is None  # a sub-number, not a range
