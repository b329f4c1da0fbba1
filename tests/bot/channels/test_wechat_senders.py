"""The three routes to a WeChat resident, judged by what the resident really received."""

import pytest

from bot.channels.limits import WECHAT_MESSAGE_WINDOW, WECHAT_TOUCH_WINDOW
from bot.channels.wechat.senders import CustomerSender, SubscribeSender, TemplateSender
from bot.messages import Choice, Link, Media, Outcome, Outgoing, Pin
from tests.servers.running import Fault
from tests.servers.wechat import WeChatServer
from tests.servers.wechat_rules import MESSAGE_WINDOW, TOUCH_WINDOW
from tests.servers.wired import BOOK, READY, wechat_client

SEND = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
NOTICE = Outgoing(
    "x",
    template=READY,
    fields={"item": "独生子女证", "state": "已办好"},
    link=Link("进度", "https://l/c/1"),
    idempotency_key="n-1",
)


@pytest.fixture
def customer(wechat: WeChatServer) -> CustomerSender:
    wechat.follow("o-1")
    return CustomerSender(wechat_client(wechat), wechat.clock)


def test_the_windows_that_the_planner_knows_are_the_platforms() -> None:
    for ours, theirs in ((WECHAT_MESSAGE_WINDOW, MESSAGE_WINDOW), (WECHAT_TOUCH_WINDOW, TOUCH_WINDOW)):
        assert (ours.messages, ours.seconds) == (theirs[0], theirs[1].total_seconds())


async def test_five_messages_in_48_hours_after_a_message(customer: CustomerSender, wechat: WeChatServer) -> None:
    closed = await customer.send("o-1", Outgoing("早"))
    wechat.windows.wrote("o-1")
    sent = [await customer.send("o-1", Outgoing(f"第{number}条")) for number in range(6)]
    assert [result.outcome for result in sent] == [Outcome.SENT] * 5 + [Outcome.OTHER_ROUTE]
    assert ("45015" in closed.reason, "45047" in sent[-1].reason) == (True, True)
    wechat.windows.wrote("o-1")
    wechat.clock.advance(hours=48)
    assert (await customer.send("o-1", Outgoing("晚"))).outcome is Outcome.OTHER_ROUTE
    assert len(wechat.ledger.of("o-1")) == 5


async def test_three_messages_in_a_minute_after_a_touch(customer: CustomerSender, wechat: WeChatServer) -> None:
    wechat.windows.touched("o-1")
    sent = [await customer.send("o-1", Outgoing(f"第{number}条")) for number in range(4)]
    assert [result.outcome for result in sent] == [Outcome.SENT] * 3 + [Outcome.OTHER_ROUTE]
    wechat.windows.touched("o-1")
    wechat.clock.advance(seconds=60)
    assert (await customer.send("o-1", Outgoing("晚"))).outcome is Outcome.OTHER_ROUTE


async def test_buttons_are_lines_to_tap(customer: CustomerSender, wechat: WeChatServer) -> None:
    wechat.windows.wrote("o-1")
    await customer.send("o-1", Outgoing("对吗", choices=(Choice("y:1", "对"), Choice("n:1", "改"))))
    (row,) = wechat.ledger.of("o-1")
    assert row.text == "对吗\n对\n改"
    assert row.detail["list"] == [{"id": "y:1", "content": "对"}, {"id": "n:1", "content": "改"}]


async def test_pictures_follow_and_a_pin_is_written_out(customer: CustomerSender, wechat: WeChatServer) -> None:
    wechat.windows.wrote("o-1")
    photo = Media("photo", data=b"\xff\xd8p")
    await customer.send("o-1", Outgoing("已修好", media=(photo,), pin=Pin(30.6, 104.1, label="玉林路")))
    assert [row.detail["kind"] for row in wechat.ledger.of("o-1")] == ["text", "image"]
    assert wechat.ledger.texts("o-1")[0] == "已修好\n玉林路 (30.600000,104.100000)"


async def test_a_picture_that_fails_does_not_repeat_the_text(customer: CustomerSender, wechat: WeChatServer) -> None:
    wechat.windows.wrote("o-1")
    wechat.faults.add("/cgi-bin/media/upload", Fault(status=500))
    result = await customer.send("o-1", Outgoing("已修好", media=(Media("photo", data=b"p"),)))
    assert result.outcome is Outcome.SENT
    assert "picture was not sent" in result.reason


async def test_a_template_needs_no_window_and_a_repeat_within_ten_minutes_arrives_once(wechat: WeChatServer) -> None:
    wechat.follow("o-1")
    sender = TemplateSender(wechat_client(wechat), BOOK, wechat.clock)
    wechat.faults.add(TEMPLATE, Fault(status=502, after=True))
    first = await sender.send("o-1", NOTICE)
    second = await sender.send("o-1", NOTICE)
    assert (first.outcome, second.outcome) == (Outcome.RETRY, Outcome.SENT)
    assert first.reason.startswith("uncertain:")
    assert second.vendor_id
    (row,) = wechat.ledger.of("o-1")
    assert (row.text, row.detail["url"]) == ("独生子女证 已办好", "https://l/c/1")


async def test_a_field_that_the_platform_refuses_is_a_dead_letter(wechat: WeChatServer) -> None:
    wechat.follow("o-1")
    sender = TemplateSender(wechat_client(wechat), BOOK, wechat.clock)
    ours = await sender.send("o-1", Outgoing("x", template=READY, fields={"item": "证", "state": "ready now"}))
    wechat.templates["tpl-ready"] = ("thing1", "phrase2", "time3")  # the approved template was changed
    theirs = await sender.send("o-1", NOTICE)
    assert (ours.outcome, theirs.outcome) == (Outcome.BUG, Outcome.BUG)
    assert "47003" in theirs.reason


async def test_a_subscribe_notice_spends_one_consent_unless_it_is_long_term(wechat: WeChatServer) -> None:
    wechat.follow("o-1", "o-2")
    sender = SubscribeSender(wechat_client(wechat), BOOK, wechat.clock)
    wechat.consents["o-1", "sub-ready"] = 1
    wechat.long_term.add(("o-2", "sub-ready"))
    once = [(await sender.send("o-1", NOTICE)).outcome for _ in range(2)]
    always = [(await sender.send("o-2", NOTICE)).outcome for _ in range(3)]
    assert once == [Outcome.SENT, Outcome.OTHER_ROUTE]
    assert always == [Outcome.SENT] * 3


async def test_the_day_quota_stops_the_channel_until_midnight(customer: CustomerSender, wechat: WeChatServer) -> None:
    wechat.windows.wrote("o-1")
    wechat.quota_of_day[SEND] = 1
    await customer.send("o-1", Outgoing("一"))
    result = await customer.send("o-1", Outgoing("二"))
    assert (result.outcome, result.retry_after) == (Outcome.CHANNEL_DOWN, 14 * 3_600 + 60)
