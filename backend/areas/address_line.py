"""One address line taken apart: region, road, number, estate, building, unit, floor, room, rest.

Works on the district's address list and on what residents write ("幸福里小区3号楼2单元501"). The text is folded first
(see spelling.py), so parts come back in folded form. Nothing is looked up here; unknown names are split by their form.
"""

import re
from dataclasses import dataclass, replace

from backend.areas.spelling import fold

MOST_REGIONS = 3  # forms fill in the region and people write it again
MOST_CHARACTERS = 200  # an address is never longer; a letter pasted whole is cut here


@dataclass(frozen=True, slots=True)
class Span:
    """A run of house or building numbers, ends included; `parity` is "" (all), "odd" or "even"."""

    low: int
    high: int
    parity: str = ""


@dataclass(frozen=True, slots=True)
class AddressLine:
    """The parts that were found; an absent part is empty."""

    region: str = ""
    road: str = ""
    number: str = ""
    estate: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    rest: str = ""
    numbers: Span | None = None
    buildings: Span | None = None


_HAN = "一-鿿"
_PLAIN = "一-跮跰-鿿"  # without 路, so that a road is not eaten as part of a town's name
_PROVINCES = (  # people leave 省 out
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|"
    "内蒙古|广西|西藏|宁夏|新疆"
)
_REGION = re.compile(
    rf"(?:[{_HAN}]{{2,3}}省|(?:{_PROVINCES})(?![东南西北中]?[路街道巷])|(?:北京|上海|天津|重庆)市?|[{_HAN}]{{2,5}}自治区)?"
    rf"(?:[{_PLAIN}]{{2,5}}?(?<![城超菜夜早集花闹])市(?!场|民|政|口|心)){{0,2}}"
    rf"(?:[{_PLAIN}]{{1,4}}?(?<![小社园校院厂景库片宅住活业发新矿])[区县](?!域|委|[\dA-Z]))?"
    rf"(?:[{_PLAIN}]{{2,9}}?(?:开发区|工业园?区|园区|高新区))?"
    rf"(?:[{_PLAIN}]{{1,6}}?(?:街道(?:办事处)?|(?<!小)镇|乡))?"
    rf"(?:[{_PLAIN}]{{1,6}}?(?:社区(?!服务|医院|卫生|食堂)|居委会|村委会))?"
)
_ROAD = re.compile(
    rf"[{_HAN}A-Z0-9]{{1,10}}?(?:大道|大街|公路|胡同|里弄|巷|街(?!道|区|坊|心|办)|路(?!口)|(?<!街)道(?!口))"
    r"(?:[东南西北中]段)?"
)
_LEADS_TO_ROAD = re.compile(rf"[{_HAN}]{{1,7}}(?:村|对面|(?<![小社])区|县|镇)(?=[{_HAN}0-9]{{2}})")  # 塘下村[交通北路]
_GENERIC_AFTER_ROAD = re.compile(r"(?:小区|新村|花园|花苑|家园|公寓|社区|市场|小学|中学|医院|大厦|广场|村|苑|里(?!弄))")
_NUMBER = re.compile(
    r"第?(?P<n>\d{1,5}[A-Z]?(?:-\d{1,5})?)(?:(?:号大院|号院|号弄|弄)|号(?!楼|栋|幢|座|房|线|门)|(?=$|单号|双号))"
    r"(?:之(?P<sub>\d{1,3}))?(?P<parity>单号|双号)?"
)
_DASHED = re.compile(r"(\d{1,3}[A-Z]?)-(\d{1,2})-(\d{2,4})|(\d{1,3}[A-Z]?)-(\d{3,4}(?!号楼|栋|幢))")
_BUILDING = re.compile(
    r"(?:(?P<a>\d{1,4})-(?P<z>\d{1,4})(?:号楼|号|栋|幢|座|#楼?)(?P<parity>单号|双号)?"
    r"|(?P<b>[A-Z]?\d{1,4}[A-Z]?|[A-Z])(?:号楼|号栋|栋楼?|幢楼?|座|#楼?|号(?!线|门|房)|组|楼(?=\d+(?:单元|门|室|-)))"
    r"|楼(?P<c>\d{1,3})(?!\d))"
)
_UNIT = re.compile(r"([A-Z]|\d{1,2})(?:单元|门洞?|梯)")
_UNIT_ROOM = re.compile(r"(\d{1,2})-(\d{3,4})(?:室|号房|房|户)?")
_FLOOR = re.compile(r"(B?\d{1,2})(?:楼|层)")
_ROOM = re.compile(r"([A-Z]?\d{3,4}[A-Z]?)(?:室|号房|房|户|号)?|([A-Z]?\d{1,4}[A-Z]?)(?:室|号房|房|户|号)")
_NUMBERS_BEGIN = re.compile(
    r"[A-Z]?\d{1,4}[A-Z]?(?:号|栋|幢|座|#|单元|门|-\d|楼|层|室|弄|组)|[A-Z](?:座|栋|幢)|(?:楼)?\d{1,4}$|\d{3,4}(?!\d)"
)
_ESTATE_NAME = re.compile(r"(?:小区|花园|新村|公寓|大厦|广场|[苑园里村府城庭居院寓号])$")
_LAST_COMMUNITY = re.compile(r"[^省市区县乡镇]{2,6}?社区$")
_NAME_SUFFIX = re.compile(r"小区|花园|花苑|新村|公寓|大厦|广场|[苑城村里院路街巷道弄厦场府湾庭寓园](?!小区)")
_PARITIES = {"单号": "odd", "双号": "even", None: ""}


def is_road(name: str) -> bool:
    """Whether a folded name has the form of a road, street, lane or alley."""
    found = _ROAD.match(name)
    return found is not None and found.end() == len(name)


def name_ends(text: str) -> list[int]:
    """Places in a folded text where a name of a road or estate may end: before numbers, after 路/小区/…, at its end."""
    ends = {found.start() for found in _NUMBERS_BEGIN.finditer(text)}
    ends |= {found.end() for found in _NAME_SUFFIX.finditer(text)}
    return sorted({*ends, len(text)} - {0, 1})


def split_region(text: str) -> tuple[str, str]:
    """(province…community, the rest) of a folded line; the region may be empty."""
    end = 0
    for _ in range(MOST_REGIONS):
        found = _REGION.match(text, end)
        if not found or found.end() == end:
            break
        end = found.end()
    return text[:end], text[end:]


def parse_house(tail: str, line: AddressLine) -> tuple[AddressLine, str]:
    """Reads 88号 / 123弄 / 1-99号单号 at the start of what follows a road; returns what is left."""
    found = _NUMBER.match(tail)
    if not found:
        return line, tail
    number = found["n"] + (f"-{found['sub']}" if found["sub"] else "")
    low, _, high = number.partition("-")
    span = None
    if high and low.isdigit() and int(low) < int(high):
        span = Span(int(low), int(high), _PARITIES[found["parity"]])
    return replace(line, number=number, numbers=span), tail[found.end() :]


def parse_building(tail: str, line: AddressLine) -> tuple[AddressLine, str]:
    """Reads building, unit, floor and room at the start of what follows an estate or a house number."""
    found = _DASHED.match(tail)
    if found:
        building, unit, room = (found[1], found[2], found[3]) if found[1] else (found[4], "", found[5])
        return replace(line, building=building, unit=unit, room=room), tail[found.end() :].removeprefix("室")
    found = _BUILDING.match(tail)
    if found:
        span = None
        if found["a"] and int(found["a"]) < int(found["z"]):
            span = Span(int(found["a"]), int(found["z"]), _PARITIES[found["parity"]])
        line = replace(line, building=found["a"] or found["b"] or found["c"], buildings=span)
        tail = tail[found.end() :]
    return _parse_door(tail, line)


def _parse_door(tail: str, line: AddressLine) -> tuple[AddressLine, str]:
    found = _UNIT_ROOM.match(tail)
    if found:
        return replace(line, unit=found[1], room=found[2]), tail[found.end() :]
    found = _UNIT.match(tail)
    if found:
        line, tail = replace(line, unit=found[1]), tail[found.end() :]
    found = _FLOOR.match(tail)
    if found:
        line, tail = replace(line, floor=found[1]), tail[found.end() :]
    found = _ROOM.match(tail)
    if found:
        line, tail = replace(line, room=found[1] or found[2]), tail[found.end() :]
    return line, tail


def _split_estate(text: str) -> tuple[str, str]:
    """(name, numbers…) of what follows the region and the road."""
    found = _NUMBERS_BEGIN.search(text)
    end = found.start() if found else len(text)
    return text[:end], text[end:]


def _split_road(text: str, line: AddressLine) -> tuple[AddressLine, str]:
    found = _ROAD.match(text)
    if not found or _GENERIC_AFTER_ROAD.match(text, found.end()):
        return line, text
    led = _LEADS_TO_ROAD.match(found[0])
    road, tail = found[0][led.end() if led else 0 :], text[found.end() :]
    lane = _ROAD.match(tail)
    if lane and not _NUMBER.match(tail):  # 解放路槐树巷5号: the lane is the place, the road only leads there
        road, tail = (road if lane[0][0].isdigit() else "") + lane[0], tail[lane.end() :]
    return parse_house(tail, replace(line, road=road))


def parse_folded(text: str) -> AddressLine:
    """The parts of a line that is already folded."""
    region, text = split_region(text[:MOST_CHARACTERS])
    line, text = _split_road(text, AddressLine(region=region))
    estate, tail = _split_estate(text)
    if line.road and not line.number and 0 < len(estate) <= 4 and not _ESTATE_NAME.search(estate):
        estate, line = line.road + estate, replace(line, road="")  # 解放路公交站 is one landmark, not a 公交站
    line, rest = parse_building(tail, replace(line, estate=estate))
    if not line.road and not line.estate and region:
        line = _community_as_estate(line)
    return replace(line, rest=rest)


def _community_as_estate(line: AddressLine) -> AddressLine:
    """幸福里社区3号楼: with a building after it, the community's name is used as an estate's."""
    found = _LAST_COMMUNITY.search(line.region)
    if not found or not (line.building or line.room):
        return line
    return replace(line, region=line.region[: found.start()], estate=found[0])


def parse_address(text: str) -> AddressLine:
    """The parts of one address line as people write it."""
    return parse_folded(fold(text[: MOST_CHARACTERS * 2]))
