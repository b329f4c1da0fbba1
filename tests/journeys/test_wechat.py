"""A street lamp over WeChat (safe mode), with its grid worker in Telegram: what both of them really received."""

from sqlmodel import select

from backend.notices.ledger import SAID_AT_COUNTER
from backend.notices.models import SendWindow
from backend.people.models import ChannelIdentity
from tests.jpegs import jpeg
from tests.live_house import WEBHOOK_SECRET, LiveHouse
from tests.servers.clock import TurnableClock
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import TelegramPerson
from tests.servers.wechat import WeChatServer
from tests.servers.wechat_people import WeChatPerson
from tests.servers.wired import wechat_signer

LAMP = "幸福里小区1号楼门口路灯坏了三天了"


def wang(house: LiveHouse, wechat: WeChatServer) -> WeChatPerson:
    return WeChatPerson("openid-wang", wechat, wechat_signer(wechat), house.door)


def worker(house: LiveHouse, telegram: TelegramServer) -> TelegramPerson:
    return TelegramPerson(7001, telegram, house.door, secret=WEBHOOK_SECRET, name="李建国")


async def reported(house: LiveHouse, resident: WeChatPerson) -> None:
    """She follows, says what is broken, and confirms what was read back."""
    async with house.working():
        await resident.follow()
        await resident.say(LAMP)
        for _ in range(6):
            if await house.cases():
                return
            await resident.say("对")
    raise AssertionError("no case was made")


async def test_a_lamp_over_wechat_reaches_the_worker_and_every_step_comes_back(
    house: LiveHouse, wechat: WeChatServer, telegram: TelegramServer, clock: TurnableClock
) -> None:
    resident, doer = wang(house, wechat), worker(house, telegram)
    await reported(house, resident)
    case = await house.case()
    passive = [row for row in wechat.ledger.of("openid-wang") if row.route == "passive"]
    assert len(passive) >= 3, "every answer rode back in the webhook's own reply"
    assert case.number in passive[-1].text

    await house.settle()
    (task,) = telegram.ledger.of("7001")
    assert case.number in task.text
    assert "幸福里" in task.text

    clock.advance(minutes=5)
    await doer.press(f"t:accept:{case.number}")
    await house.settle()
    assert telegram.answered, "the button's spinner was stopped"
    clock.advance(minutes=20)
    await doer.show(jpeg(), "办好了，灯泡换了新的")
    await house.settle()
    assert (await house.case()).state == "done"

    told = [row for row in wechat.ledger.of("openid-wang") if row.route == "customer"]
    assert any("灯泡" in row.text for row in told), wechat.ledger.texts("openid-wang")
    clock.advance(minutes=1)
    async with house.working():
        await resident.tap(f"c:confirm:{case.number}", "解决了")
    await house.settle()
    assert (await house.case()).state == "closed"
    assert wechat.ledger.duplicates() == {}
    assert telegram.ledger.duplicates() == {}
    sent = {notice.status for notice in await house.notices() if notice.reason != SAID_AT_COUNTER}
    assert sent <= {"delivered", "ready"}


async def test_a_template_carries_the_news_when_the_window_is_closed(
    house: LiveHouse, wechat: WeChatServer, telegram: TelegramServer, clock: TurnableClock
) -> None:
    await house.approve(
        "wechat.template", "resident.accepted", "tpl-accepted", {"thing1": "category", "character_string2": "number"}
    )
    wechat.templates["tpl-accepted"] = ("thing1", "character_string2")
    resident, doer = wang(house, wechat), worker(house, telegram)
    await reported(house, resident)
    await house.settle()
    case = await house.case()
    await house.pass_time(hours=49)  # Wednesday 11:00: the 48 hours are over
    await doer.press(f"t:accept:{case.number}")
    await house.settle()
    accepted = wechat.ledger.of("openid-wang")[-1]
    assert accepted.route == "template"
    assert case.number in accepted.text


async def test_a_subscribe_consent_is_spent_by_one_notice(
    house: LiveHouse, wechat: WeChatServer, telegram: TelegramServer, clock: TurnableClock
) -> None:
    await house.approve("wechat.subscribe", "resident.accepted", "sub-accepted", {"thing1": "category"})
    wechat.notices["sub-accepted"] = ("thing1",)
    resident, doer = wang(house, wechat), worker(house, telegram)
    await reported(house, resident)
    await resident.consent("sub-accepted")
    await house.settle()
    case = await house.case()
    await house.pass_time(hours=49)
    await doer.press(f"t:accept:{case.number}")
    await house.settle()
    assert wechat.ledger.of("openid-wang")[-1].route == "subscribe"
    assert wechat.consents["openid-wang", "sub-accepted"] == 0
    async with house.office.database.read() as session:
        found = await session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == "openid-wang"))
        identity = found.one()
    assert identity.consents["subscribe"] == {"sub-accepted": 0}


async def test_somebody_who_left_is_not_written_to_and_the_ledger_says_why(
    house: LiveHouse, wechat: WeChatServer, telegram: TelegramServer
) -> None:
    resident, doer = wang(house, wechat), worker(house, telegram)
    await reported(house, resident)
    await house.settle()
    received = len(wechat.ledger.of("openid-wang"))
    await resident.unfollow()
    await house.settle()
    case = await house.case()
    await doer.press(f"t:accept:{case.number}")
    await house.settle()
    assert len(wechat.ledger.of("openid-wang")) == received
    (told,) = [one for one in await house.notices() if one.milestone == "accepted"]
    assert told.status == "suppressed"
    assert "unfollowed" in (told.reason or "")


async def test_the_same_webhook_four_times_is_one_message_and_one_answer(
    house: LiveHouse, wechat: WeChatServer
) -> None:
    resident = wang(house, wechat)
    async with house.working():
        await resident.follow()
        xml = resident._xml("text", {"Content": LAMP})
        for _ in range(4):
            await resident.deliver(xml)
    await house.settle()
    assert len(await house.inbox()) == 2, "the follow and the text"
    answers = {row.text for row in wechat.ledger.of("openid-wang")}
    assert len(answers) == 2, "each repeat was answered with the same words again"


async def test_a_position_report_and_a_menu_view_are_recorded_but_not_answered(
    house: LiveHouse, wechat: WeChatServer
) -> None:
    resident = wang(house, wechat)
    async with house.working():
        await resident.deliver(resident._xml("event", {"Event": "VIEW", "EventKey": "http://a"}, numbered=False))
    await house.settle()
    assert wechat.ledger.of("openid-wang") == []
    assert [row.status for row in await house.inbox()] == ["done"]


async def test_a_click_opens_three_messages_for_a_minute_and_words_five_for_two_days(
    house: LiveHouse, wechat: WeChatServer
) -> None:
    resident = wang(house, wechat)
    wechat.follow("openid-wang")
    async with house.working():
        await resident.click("o:report")
        await resident.say("你好")
    windows = {row.kind: (row.allowed, row.spent) for row in await house.all(SendWindow)}
    assert windows == {"event": (3, 0), "message": (5, 0)}, "passive answers spend nothing"
