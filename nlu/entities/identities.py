"""Telephone numbers, identity cards, case numbers and persons in a cleaned text."""
# ruff: noqa: E501 - one alternative of the pattern is one line

import re
from collections.abc import Iterator

from nlu.contract import EntityType
from nlu.entities.spans import Span

_LONG_DIGITS = re.compile(r"\d{6}|\d{3,4}\)?[-. ]?\d{4}")
_PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:\+?86[- ]?)?(1[3-9]\d[-. ]?\d{4}[-. ]?\d{4})(?!\d)"
    r"|(?<![\d-])((?:\(0\d{2,3}\) ?|0\d{2,3}[- ]?)\d{3,4}[- ]?\d{4}(?:[-转]\d{1,4})?)(?!\d)"
    r"|(?<![\d-])([48]00[- ]?\d{3}[- ]?\d{4})(?!\d)"
)
_ID_CARD = re.compile(r"(?<![\dA-Za-z])([1-9]\d{5}) ?((?:19|20)\d{2})(\d{2})(\d{2}) ?(\d{3}[\dXx])(?![\dA-Za-z])")
_CASE_NUMBER = re.compile(r"(?<![\d-])(20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?: ?[-–—_] ?)?(\d{5})(?![\d])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞"
    "左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_TITLES = "师傅|先生|女士|小姐|阿姨|叔叔|大叔|大爷|大妈|大姐|大哥|大娘|奶奶|爷爷|老师|医生|大夫|主任|书记|经理|老板|队长|站长|所长|局长|科长|校长|村长|警官|护士|律师|同志|会计|工头|伯伯|婶|嫂"
_UNNAMED = "个位人区里上下在是的了不没很都就楼号市场路街道来去到说要想办租住客业主户"
_DOUBLE = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐"
_ROLES = (
    "我叫|名叫|名字叫|名字是|姓名:?|联系人|申请人|代办人|收件人|当事人|本人|人叫|他叫|她叫|[妈爸娘爹]叫|[儿女妻夫子友主机板]叫|我是|我找|就是|"
    "主任|经理|书记|司机|网格员|民警|医生|村长|社长|组长|店主|房东|包工头|业主|[他俺我]爸|[她俺我]妈|老头子|老伴|老公|老婆|儿子|女儿"
)
_AFTER = r"(?=[,。;!?\s\d(、:]|电话|手机|住|身份|男|女|今年|的|在|收|态|说|家|走|不|把|有|没|来|去|要|是|和|跟|给|带|找|打|人|办|很|也|都|就|$)"
_PERSON = re.compile(
    rf"(?<![感多])((?:[老小]?[{_SURNAMES}]|{_DOUBLE})[一-鿿]?(?:{_TITLES}))"
    rf"|(?:{_ROLES})[:是]?\s?((?:{_DOUBLE})[一-鿿]{{1,2}}?|[{_SURNAMES}](?![{_UNNAMED}])[一-鿿]{{1,2}}?){_AFTER}"
    rf"|(?:我姓|免贵姓)([{_SURNAMES}])"
    rf"|(?:^|(?<=[,。;!?\s]))(?![单麻查简时项水])((?:{_DOUBLE})[一-鿿]{{1,2}}|[{_SURNAMES}][一-鿿]{{1,2}})(?=[,、\s]{{0,2}}(?:男|女|\d{{6}}|身份证|手机号?\d|电话\d|请回电))"
    rf"|(?:(?<![一-鿿])|(?<=[找和跟是给的员居长叫问同搵係系板工]))([老小][{_SURNAMES}](?:[一二三四五六]|头)?|[{_SURNAMES}](?:[工总叔姨太哥姐伯婶嫂]|老[一二三四五六]))"
    rf"(?=[,。;!?\s\d]|说|人|家|在|来|去|没|不|很|的|态|帮|给|占|把|有|$)"
)


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
        value = match.group().replace(" ", "").upper()
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
        value = re.sub(r"[-. ()]" if group != 2 else r"[ ()]", "", match[group])
        yield Span(EntityType.PHONE, value, match.start(), match.end())


def find_persons(text: str) -> Iterator[Span]:
    """People by surname and title (张师傅) or by introduction (我叫王小明); the span is the name alone."""
    for match in _PERSON.finditer(text):
        start, end = match.span(match.lastindex or 0)
        yield Span(EntityType.PERSON, text[start:end], start, end)
