"""Staff of the invented district, and its logins. The names are made up by combination; none is a real person."""

from typing import NamedTuple

from backend.demo import plan
from backend.demo.land import grid_code
from backend.imports.records import StaffRecord

SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = (
    "建国",
    "小梅",
    "立新",
    "春芳",
    "志强",
    "秀兰",
    "海涛",
    "玉珍",
    "文斌",
    "丽华",
    "德明",
    "桂香",
    "晓东",
    "雪琴",
    "永康",
    "美玲",
    "国栋",
    "云霞",
    "长河",
    "素芬",
    "少华",
    "红英",
    "振宇",
    "佩兰",
    "学军",
    "翠萍",
    "江波",
    "月娥",
    "家豪",
    "思雨",
    "正阳",
    "静怡",
    "广平",
    "若兰",
    "守义",
    "巧云",
    "大勇",
    "明珠",
    "怀远",
    "彩凤",
)
# Departments whose people take transferred cases; the names are those the categories use.
UNITS = ("市政养护所", "环卫所", "综合执法队", "园林绿化所", "排水管理所", "自来水公司", "供电公司",
         "市场监管所", "住建局物业科", "派出所", "劳动监察大队", "街道民政办", "社保中心",
         "教育局", "生态环境分局", "交警大队")  # fmt: skip


class Login(NamedTuple):
    """A demonstration login to the panel; the password is made when the district is loaded."""

    username: str
    display_name: str
    role: str
    area_code: str
    unit: str = ""


def name_of(number: int) -> str:
    """A made-up name; 1,200 different ones."""
    return SURNAMES[(number * 7 + number // len(GIVEN)) % len(SURNAMES)] + GIVEN[number * 3 % len(GIVEN)]


class _Names:
    """Each call gives a name nobody has yet."""

    def __init__(self) -> None:
        self._number, self._taken = 0, set[str]()

    def next(self) -> str:
        while (name := name_of(self._number)) in self._taken:
            self._number += 1
        self._taken.add(name)
        self._number += 1
        return name


def terminal_of(role: str, area_code: str, duty: str) -> tuple[str, str]:
    """Where an invented worker is reached: a terminal (`linli chat --resident ID`), so that a visitor can be one."""
    return "terminal", f"{area_code}{duty if role == 'worker' else 'R'}"


def staff() -> list[StaffRecord]:
    """A and B worker and a responsible person for every grid; the desks of communities, streets and the district."""
    names, listed = _Names(), list[StaffRecord]()
    district = plan.DISTRICT[0]
    for role, count in (("operator", 4), ("dispatcher", 2), ("verifier", 2), ("leader", 1)):
        listed += [StaffRecord(names.next(), role, district, "AB"[i % 2]) for i in range(count)]
    for street in plan.STREETS:
        for role in ("dispatcher", "dispatcher", "verifier", "leader"):
            listed.append(StaffRecord(names.next(), role, street.code))
        listed += [StaffRecord(names.next(), "operator", street.code, duty, unit="便民服务中心窗口") for duty in "AB"]
        for community in street.communities:
            for role in ("dispatcher", "leader"):
                listed.append(StaffRecord(names.next(), role, community.code))
            for number in range(4):
                code = grid_code(community, number)
                for role, duty in (("worker", "A"), ("worker", "B"), ("responsible", "A")):
                    listed.append(StaffRecord(names.next(), role, code, duty, "", *terminal_of(role, code, duty)))
    listed += [StaffRecord(f"{unit}值班", "department", district, unit=unit) for unit in UNITS]
    return listed


def logins() -> list[Login]:
    """One panel login for every role a visitor may want to try."""
    street, community = plan.STREETS[0], plan.STREETS[0].communities[0]
    district = plan.DISTRICT[0]
    return [
        Login("operator", "演示坐席", "operator", district),
        Login("dispatcher", "演示派遣员", "dispatcher", district),
        Login("verifier", "演示核查员", "verifier", district),
        Login("leader", "演示区领导", "leader", district),
        Login("street", "演示街道派遣员", "dispatcher", street.code),
        Login("community", "演示社区派遣员", "dispatcher", community.code),
        Login("window", "演示窗口", "operator", street.code, "便民服务中心窗口"),
        Login("worker", "演示网格员", "worker", grid_code(community, 0)),
        Login("department", "演示市政养护所", "department", district, "市政养护所"),
        Login("admin", "演示系统管理员", "sysadmin", district),
        Login("security", "演示安全管理员", "security_admin", district),
        Login("auditor", "演示审计员", "auditor", district),
    ]
