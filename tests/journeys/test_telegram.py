"""Telegram for both sides, by webhook and by polling: binding by code, buttons, photos, blocked bots."""

import asyncio
from pathlib import Path

from sqlmodel import select

from backend.areas.models import Staff
from backend.notices.ledger import SAID_AT_COUNTER
from backend.people.binding import new_code
from backend.people.models import ChannelIdentity
from tests.jpegs import jpeg
from tests.live_house import WEBHOOK_SECRET, LiveHouse, live_house, settings_for
from tests.servers.clock import TurnableClock
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import TelegramPerson

LAMP = "幸福里小区1号楼门口路灯坏了三天了"


def person(house: LiveHouse, telegram: TelegramServer, number: int) -> TelegramPerson:
    return TelegramPerson(number, telegram, house.door, secret=WEBHOOK_SECRET)


async def until_filed(house: LiveHouse, resident: TelegramPerson) -> None:
    await resident.say(LAMP)
    await house.settle()
    for _ in range(6):
        if await house.cases():
            return
        await resident.say("对")
        await house.settle()
        house.clock.advance(seconds=5)
    raise AssertionError("no case was made")


async def test_a_lamp_over_telegram_from_report_to_closed(house: LiveHouse, telegram: TelegramServer) -> None:
    resident, doer = person(house, telegram, 5001), person(house, telegram, 7001)
    await until_filed(house, resident)
    await house.pass_time(seconds=30)
    case = await house.case()
    await doer.press(f"t:accept:{case.number}")
    await house.pass_time(minutes=1)
    await doer.show(jpeg(), "办好了，换了灯泡")
    await house.pass_time(minutes=1)
    await resident.press(f"c:confirm:{case.number}")
    await house.pass_time(minutes=1)
    assert (await house.case()).state == "closed"
    heard = telegram.ledger.texts("5001")
    assert any("灯泡" in text for text in heard), heard
    assert telegram.ledger.duplicates() == {}
    assert len(telegram.answered) == 2
    assert {notice.status for notice in await house.notices() if notice.reason != SAID_AT_COUNTER} == {"delivered"}


async def test_a_worker_is_bound_by_the_code_of_a_deep_link_and_only_once(
    house: LiveHouse, telegram: TelegramServer
) -> None:
    async with house.office.database.write() as session:
        staff = (await session.exec(select(Staff).where(Staff.name == "钱进"))).one()
        code = await new_code(session, house.office, house.clock(), staff_id=staff.id)
    new_phone, thief = person(house, telegram, 8001), person(house, telegram, 8002)
    await new_phone.say(f"/start {code}")
    await house.settle()
    await thief.say(f"/start {code}")
    await house.settle()
    async with house.office.database.read() as session:
        bound = (await session.exec(select(ChannelIdentity).where(ChannelIdentity.staff_id == staff.id))).all()
    assert [one.external_id for one in bound] == ["8001"]
    assert "钱进" in telegram.ledger.texts("8001")[0]
    assert "钱进" not in "".join(telegram.ledger.texts("8002"))


async def test_a_code_that_has_run_out_binds_nobody(house: LiveHouse, telegram: TelegramServer) -> None:
    async with house.office.database.write() as session:
        staff = (await session.exec(select(Staff).where(Staff.name == "钱进"))).one()
        code = await new_code(session, house.office, house.clock(), staff_id=staff.id)
    house.clock.advance(hours=25)
    await person(house, telegram, 8001).say(code)
    await house.settle()
    async with house.office.database.read() as session:
        assert (await session.exec(select(ChannelIdentity).where(ChannelIdentity.staff_id == staff.id))).all() == []


async def test_a_blocked_bot_is_remembered_and_unblocking_opens_the_way_again(
    house: LiveHouse, telegram: TelegramServer
) -> None:
    resident, doer = person(house, telegram, 5001), person(house, telegram, 7001)
    await until_filed(house, resident)
    await house.pass_time(seconds=30)
    await resident.block()
    await house.settle()
    case = await house.case()
    await doer.press(f"t:accept:{case.number}")
    await house.pass_time(seconds=30)
    (accepted,) = [one for one in await house.notices() if one.milestone == "accepted"]
    assert accepted.status == "suppressed"
    assert "kicked" in (accepted.reason or "")
    await resident.unblock()
    await house.settle()
    await doer.show(jpeg(), "办好了，换了灯泡")
    await house.pass_time(minutes=1)
    assert any("灯泡" in text for text in telegram.ledger.texts("5001"))


async def test_an_album_of_nine_and_a_sentence_are_one_draft(house: LiveHouse, telegram: TelegramServer) -> None:
    resident = person(house, telegram, 5001)
    await asyncio.gather(*(resident.show(jpeg(100 + shade), album="album-1") for shade in range(9)), resident.say(LAMP))
    await house.settle()
    for _ in range(5):
        if await house.cases():
            break
        await resident.say("对")
        await house.pass_time(seconds=10)
    assert len(await house.cases()) == 1


async def test_polling_brings_the_same_and_moves_on_only_past_stored_updates(
    tmp_path: Path, telegram: TelegramServer, clock: TurnableClock
) -> None:
    house = await live_house(tmp_path, settings_for(telegram=telegram, polling=True), clock)
    resident = TelegramPerson(5001, telegram)
    poll = asyncio.create_task(house.kit.background[0]())
    try:
        await resident.say(LAMP)
        for _ in range(200):
            if await house.inbox():
                break
            await asyncio.sleep(0.02)
        await house.settle()
        assert len(await house.inbox()) == 1
        assert telegram.ledger.of("5001")
    finally:
        poll.cancel()
        await asyncio.gather(poll, return_exceptions=True)
        await house.close()
