"""Telephone numbers, identity cards, case numbers and persons in a cleaned text."""

import re
from collections.abc import Iterator

from nlu.contract import EntityType
from nlu.entities.spans import Span

_LONG_DIGITS = re.compile(r"\d{6}|\d{3,4}[- ]\d{4}|\d{8}-\d")
_PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)"
    r"|(?<![\d-])((?:\(0\d{2,3}\)|0\d{2,3}[- ]?)[2-9]\d{2,3}[- ]?\d{4}(?:[-转]\d{1,4})?)(?!\d)"
    r"|(?<![\d-])([48]00[- ]?\d{3}[- ]?\d{4})(?!\d)"
)
_ID_CARD = re.compile(r"(?<![\dA-Za-z])([1-9]\d{5})((?:19|20)\d{2})(\d{2})(\d{2})(\d{3}[\dXx])(?![\dA-Za-z])")
_CASE_NUMBER = re.compile(
    r"(?<![\d-])(20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?: ?[-–—_] ?)?(\d{5})(?![\d])"
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞"
    "左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_TITLES = (
    "师傅|先生|女士|小姐|阿姨|叔叔|大叔|大爷|大妈|大姐|大哥|大娘|奶奶|爷爷|老师|医生|大夫|主任|书记|经理|老板|队长|站长|所长|局长|科长|校长|村长|警官|护士|律师|同志|会计|工头|伯伯|婶|嫂"
)
_PERSON = re.compile(
    rf"(?<![一-鿿])?((?:[老小]?[{_SURNAMES}]|欧阳|上官|司马|诸葛)[一-鿿]?(?:{_TITLES}))"
    rf"|(?:我叫|名叫|名字是|姓名[:是]?\s?|联系人[:是]?\s?|申请人[:是]?\s?|本人叫)((?:欧阳|上官|司马|诸葛|[{_SURNAMES}])[一-鿿]{{1,2}}?)(?=[,。;!?\s\d(、]|电话|手机|住|身份|男|女|今年|$)"
    rf"|(?:我姓|免贵姓)([{_SURNAMES}])"
)
_NOT_SURNAME_BEFORE = frozenset("小老大这那的")


def find_numbers(text: str) -> Iterator[Span]:
    """Id cards (checksum right), case numbers and telephone numbers; digits belong to the first that claims them."""
    if _LONG_DIGITS.search(text) is None:
        return
    taken: list[tuple[int, int]] = []
    for finder in (_id_cards, _case_numbers, _phones):
        for span in finder(text):
            if all(span.end <= start or span.start >= end for start, end in taken):
                taken.append((span.start, span.end))
                yield span


def _id_cards(text: str) -> Iterator[Span]:
    for match in _ID_CARD.finditer(text):
        value = match.group().upper()
        if 1 <= int(match[3]) <= 12 and 1 <= int(match[4]) <= 31 and valid_id_card(value):
            yield Span(EntityType.ID_CARD, value, match.start(), match.end())


def valid_id_card(number: str) -> bool:
    """The checksum of an 18-character identity number (GB 11643 arithmetic: ISO 7064, MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:17], strict=True))
    return _ID_CHECK[total % 11] == number[17]


def _case_numbers(text: str) -> Iterator[Span]:
    for match in _CASE_NUMBER.finditer(text):
        yield Span(EntityType.CASE_NUMBER, f"{match[1]}-{match[2]}", match.start(), match.end())


def _phones(text: str) -> Iterator[Span]:
    for match in _PHONE.finditer(text):
        group = next(number for number in (1, 2, 3) if match[number])
        start = match.start() if group != 1 else match.start()
        value = re.sub(r"[- ()]", "", match[group]) if group != 2 else re.sub(r"[ ()]", "", match[group])
        yield Span(EntityType.PHONE, value, start, match.end())


def find_persons(text: str) -> Iterator[Span]:
    """People by surname and title (张师傅) or by introduction (我叫王小明); the span is the name alone."""
    for match in _PERSON.finditer(text):
        group = next(number for number in (1, 2, 3) if match[number])
        start, end = match.span(group)
        yield Span(EntityType.PERSON, text[start:end], start, end)
