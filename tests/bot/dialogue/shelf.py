"""Four service items and three articles for the dialogue's tests."""

from typing import Any

from backend.items.appointments import lay_out
from backend.items.models import ServiceItem, VolunteerGroup
from backend.items.reading import facts_of_item
from backend.knowledge.models import Article
from backend.office import Office
from tests.office_builder import DISTRICT, MONDAY

ITEMS: tuple[dict[str, Any], ...] = (
    {
        "code": "JZZ",
        "name": "居住证",
        "aliases": "暂住证;居住证办理",
        "level": "street",
        "unit": "派出所窗口",
        "materials": "身份证*;租房合同*;一寸照片",
        "limit_working_days": 15,
        "fee": "免费",
        "place": "云桥街道便民中心2号窗口",
        "hours": "工作日9:00-17:00",
        "deliverable": True,
        "state": "admitted",
        "appeal": "到街道申请复核",
    },
    {
        "code": "LNZ",
        "name": "老年优待证",
        "aliases": "老年证;老年卡;优待证",
        "level": "community",
        "unit": "社区服务站",
        "materials": "身份证*;一寸照片*",
        "limit_working_days": 5,
        "fee": "免费",
        "place": "清泉社区服务站",
        "hours": "工作日9:00-17:00",
        "deliverable": True,
        "state": "admitted",
        "appeal": "到街道申请复核",
    },
    {
        "code": "GZZX",
        "name": "公证咨询",
        "aliases": "公证",
        "level": "street",
        "unit": "公证处",
        "materials": "身份证",
        "limit_working_days": 0,
        "fee": "免费",
        "place": "云桥街道便民中心",
        "hours": "周二9:00-12:00",
        "desk_days": "周二 二楼3号窗口 公证处",
        "state": "admitted",
    },
    {
        "code": "WHZM",
        "name": "未婚证明",
        "aliases": "单身证明",
        "level": "community",
        "unit": "社区服务站",
        "state": "cancelled",
        "cancelled_reason": "部门之间已经联网核验，不用再开。",
    },
)
ARTICLES = (
    (
        "社区服务站几点上班",
        "服务站什么时候开门;社区几点开门;社区服务站上班时间",
        "社区服务站工作日9:00-12:00、13:00-18:00，周六上午有人值班。",
    ),
    ("养狗要办什么手续", "狗证怎么办;养犬登记在哪办", "带狗的免疫证明和您的身份证，到派出所养犬登记窗口办，免费。"),
    (
        "垃圾分类的投放时间",
        "几点可以扔垃圾;垃圾什么时候收",
        "早上6:30-9:00、晚上18:00-21:00，其他时间请放到误时投放点。",
    ),
)


async def stock(office: Office) -> None:
    """Puts the items and articles on the shelf."""
    async with office.database.write() as session:
        for item in ITEMS:
            session.add(ServiceItem(district_code=DISTRICT, **item))
        for question, variants, answer in ARTICLES:
            session.add(
                Article(district_code=DISTRICT, question=question, variants=variants, answer=answer, updated_at=MONDAY)
            )
        session.add(
            VolunteerGroup(
                district_code=DISTRICT, name="夕阳红志愿队", kinds="elder", area_code="990101", contact_staff_id=6
            )
        )
        notary = facts_of_item(ServiceItem(district_code=DISTRICT, **next(i for i in ITEMS if i["code"] == "GZZX")))
        await lay_out(session, office, notary, MONDAY, days=7, capacity=1)
