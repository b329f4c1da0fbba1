"""A grid worker in WeCom: a card with buttons, a click that changes it, a code that binds, and the last resort."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select

from backend.areas.models import Staff
from backend.notices.callbacks import callback_text, finish_callback, open_callbacks
from backend.notices.ledger import LedgerFilter, ledger
from backend.people.binding import new_code
from backend.people.models import ChannelIdentity
from tests.live_house import WEBHOOK_SECRET, LiveHouse, live_house, settings_for
from tests.servers.clock import TurnableClock
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import TelegramPerson
from tests.servers.wechat_signer import Signer
from tests.servers.wecom import WeComServer
from tests.servers.wecom_people import WeComMember
from tests.servers.wired import AES_KEY, TOKEN

LAMP = "幸福里小区1号楼门口路灯坏了三天了，我电话13800000001"


@pytest.fixture
async def wecom_house(
    tmp_path: Path, clock: TurnableClock, wecom: WeComServer, telegram: TelegramServer
) -> AsyncIterator[LiveHouse]:
    built = await live_house(tmp_path, settings_for(telegram=telegram, wecom=wecom), clock)
    await built.put_staff_on("wecom", {"李建国": "li", "赵小梅": "zhao"})
    yield built
    await built.close()


def member(house: LiveHouse, wecom: WeComServer, name: str = "li") -> WeComMember:
    return WeComMember(name, wecom, Signer(TOKEN, AES_KEY, wecom.corp_id), house.door)


async def filed(house: LiveHouse, telegram: TelegramServer) -> TelegramPerson:
    resident = TelegramPerson(5001, telegram, house.door, secret=WEBHOOK_SECRET)
    await resident.say(LAMP)
    await house.settle()
    for _ in range(6):
        if await house.cases():
            break
        await resident.say("对")
        await house.pass_time(seconds=5)
    await house.pass_time(seconds=30)
    return resident


async def test_the_worker_accepts_by_a_cards_button_and_the_card_shows_it(
    wecom_house: LiveHouse, wecom: WeComServer, telegram: TelegramServer
) -> None:
    worker = member(wecom_house, wecom)
    await filed(wecom_house, telegram)
    case = await wecom_house.case()
    (card,) = [row for row in wecom.ledger.of("li") if row.route == "card"]
    assert case.number in card.text
    task_id, key = card.detail["task_id"], card.detail["button_list"][0]["key"]
    await worker.click(task_id, key)
    await wecom_house.pass_time(seconds=5)
    assert (await wecom_house.case()).state == "accepted"
    (update,) = [row for row in wecom.ledger.of("li") if row.route == "card_update"]
    assert update.text
    await worker.click(task_id, key)
    await wecom_house.pass_time(seconds=5)
    assert (await wecom_house.moves(case)).count("accept") == 1, "a click that repeats accepts nothing again"


async def test_a_member_sends_the_code_and_is_bound(wecom_house: LiveHouse, wecom: WeComServer) -> None:
    async with wecom_house.office.database.write() as session:
        staff = (await session.exec(select(Staff).where(Staff.name == "钱进"))).one()
        code = await new_code(session, wecom_house.office, wecom_house.clock(), staff_id=staff.id)
    await member(wecom_house, wecom, "qian").say(code.lower())
    await wecom_house.settle()
    async with wecom_house.office.database.read() as session:
        found = await session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == "qian"))
        assert found.one().staff_id == staff.id
    assert "钱进" in wecom.ledger.texts("qian")[0]


async def test_when_no_way_is_left_an_operator_calls_and_the_ledger_tells_the_whole_story(
    wecom_house: LiveHouse, wecom: WeComServer, telegram: TelegramServer
) -> None:
    house, worker = wecom_house, member(wecom_house, wecom)
    resident = await filed(house, telegram)
    case = await house.case()
    await resident.block()
    await worker.say("签收")
    await house.pass_time(seconds=10)
    await worker.say("办好了，换了灯泡")
    await house.pass_time(minutes=2)
    async with house.office.database.write() as session:
        (call,) = await open_callbacks(session)
        assert "灯泡" in callback_text(house.office, call)
        assert call.case_id == case.id
        assert await finish_callback(session, call.id or 0, 1, "reached", house.clock())
        assert not await finish_callback(session, call.id or 0, 1, "reached", house.clock())
        lines = {line.milestone: line for line in await ledger(session, LedgerFilter(case_id=case.id))}
    assert lines["accepted"].verdict == "could_not_tell"
    assert "kicked" in lines["accepted"].why
    assert lines["done"].verdict == "seen"
    assert lines["done"].tries[-1].route == "call_back"
