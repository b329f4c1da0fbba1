"""The sentences for placement reasons, Chinese and English, for the case page and the operator."""

from backend.areas.placement import Reason

REASON_TEXTS: dict[Reason, tuple[str, str]] = {
    Reason.EXACT: ("地址库中有此地址", "the address is in the list"),
    Reason.NUMBER_RANGE: ("门牌号在登记的号段内", "the number lies in a listed range"),
    Reason.BUILDING_RANGE: ("楼号在登记的楼段内", "the building lies in a listed range"),
    Reason.CONTAINED: ("楼栋或门牌已登记", "the building or house is listed"),
    Reason.NEIGHBOURS: ("相邻门牌属于该辖区", "the neighbouring house numbers lie there"),
    Reason.ESTATE_ONLY: ("只说了小区，没说楼号", "the estate was named, no building"),
    Reason.BUILDING_UNKNOWN: ("小区已登记，但没有这个楼号", "the estate is listed, this building is not"),
    Reason.ROAD_ONLY: ("只说了路名，没说门牌号", "the road was named, no number"),
    Reason.NUMBER_UNKNOWN: ("道路已登记，但没有这个门牌号", "the road is listed, this number is not"),
    Reason.CROSSING: ("两处地名同在该辖区", "both places named lie there"),
    Reason.SHARED: ("多个辖区都登记了此地址", "several areas list this address"),
    Reason.SHORT_NAME: ("按简称匹配", "matched by its short name"),
    Reason.SAME_SOUND: ("按同音字匹配", "matched by sound"),
    Reason.SIMILAR_SPELLING: ("按相近写法匹配", "matched by similar spelling"),
    Reason.AREA_NAMED: ("只说了辖区名称", "only the area was named"),
    Reason.NARROWED_BY_AREA: ("按所说辖区缩小范围", "narrowed by the area named"),
    Reason.AREA_DISAGREES: ("地址与所说辖区不一致", "the address and the area named disagree"),
    Reason.PIN_INSIDE: ("定位点在该辖区内", "the pin lies inside"),
    Reason.PIN_ON_BORDER: ("定位点在辖区边界上", "the pin lies on the border"),
    Reason.PIN_NEAR_ADDRESS: ("定位点靠近该辖区的登记地址", "the pin is near a listed address"),
    Reason.PIN_AGREES: ("定位与地址一致", "pin and address agree"),
    Reason.PIN_DISAGREES: ("定位与地址不一致", "pin and address disagree"),
    Reason.NOTHING_SAID: ("没有说明地点", "no place was given"),
    Reason.NAME_UNKNOWN: ("地址库中没有这个地名", "no such place in the list"),
    Reason.PIN_OUTSIDE: ("定位点不在本区范围内", "the pin lies outside the district"),
    Reason.TOO_MANY: ("可能的辖区太多，请补充门牌号", "too many areas are possible; please add a number"),
}


def explain(reason: Reason, language: str = "zh_CN") -> str:
    """The sentence for one reason in `zh_CN` or `en`."""
    chinese, english = REASON_TEXTS[reason]
    return chinese if language.startswith("zh") else english
