"""What is asked of an item or a place: papers, time, money, place, hours, phone, desk day, bringing it home."""

import re
from enum import StrEnum


class Aspect(StrEnum):
    """One thing that can be asked."""

    MATERIALS = "materials"
    LIMIT = "limit"
    FEE = "fee"
    PHONE = "phone"
    DESK = "desk"
    HOURS = "hours"
    PLACE = "place"
    DELIVER = "deliver"
    OVERVIEW = "overview"


# Read on text in which equal words were made one (`items/wording.yml`): 啥 is 什么, 收费 is 多少钱.
_PATTERNS: tuple[tuple[Aspect, re.Pattern[str]], ...] = (
    (Aspect.MATERIALS, re.compile(r"材料|带什么|带些|要带|准备什么|拿着什么|need|bring|papers|documents")),
    (Aspect.LIMIT, re.compile(r"多久|几个?工作日|多少个?工作日|办多长|how long")),
    (Aspect.FEE, re.compile(r"多少钱|免费吗|是不是免费|要钱|花费|fee|cost|free")),
    (Aspect.PHONE, re.compile(r"电话|phone|call")),
    (Aspect.DESK, re.compile(r"坐班|轮值|轮到|(?:周|星期|礼拜)几|哪天|哪一天|which day")),
    (
        Aspect.HOURS,
        re.compile(r"几点|上班|下班|开门|关门|休息|放假|午休|什么时间|开放|(?:周|星期|礼拜)[六日天]|hours|open"),
    ),
    (Aspect.PLACE, re.compile(r"哪里|几楼|哪个窗口|几号窗口|哪个部门|where")),
    (Aspect.DELIVER, re.compile(r"上门|代取|寄|deliver|bring it home")),
    (Aspect.OVERVIEW, re.compile(r"怎么办|怎么弄|怎么申请|怎么开|流程|条件|步骤|怎么|how")),
)
MOST = 3


def aspects_of(plain: str) -> tuple[Aspect, ...]:
    """What is asked, in the order of the table; "how" only when nothing more exact is asked."""
    found = [aspect for aspect, pattern in _PATTERNS if pattern.search(plain)]
    exact = [aspect for aspect in found if aspect is not Aspect.OVERVIEW]
    return tuple((exact or found)[:MOST])
