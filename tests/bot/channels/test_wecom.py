"""What a grid worker receives in WeCom, what errcode 0 may hide, and what a broken card leads to."""

import pytest

from bot.channels.limits import RATES
from bot.channels.wecom.client import WeComClient
from bot.channels.wecom.parse import parse_callback
from bot.channels.wecom.sender import WeComSender
from bot.messages import Channel, Choice, Link, Media, Outcome, Outgoing, Pin, Said
from tests.bot.channels.conftest import NOW
from tests.servers.running import Fault
from tests.servers.wecom import LIMITS, WeComServer
from tests.servers.wired import wecom_client

SEND = "/cgi-bin/message/send"
TASK = Outgoing(
    "新任务 20261105-00001\n地点：玉林路3号\n3号楼路灯不亮\n时限：今天 18:00",
    choices=(Choice("accept:1", "签收"), Choice("return:1", "退回")),
    link=Link("详情", "https://linli/t/x"),
    idempotency_key="notice:1",
)


@pytest.fixture
def client(wecom: WeComServer) -> WeComClient:
    wecom.members.add("zhang")
    return wecom_client(wecom)


@pytest.fixture
def sender(client: WeComClient, wecom: WeComServer) -> WeComSender:
    return WeComSender(client, wecom.clock)


async def test_a_task_arrives_as_a_card_with_buttons(sender: WeComSender, wecom: WeComServer) -> None:
    assert (await sender.send("zhang", TASK)).outcome is Outcome.SENT
    (row,) = wecom.ledger.of("zhang")
    assert (row.route, row.text) == (
        "card",
        "新任务 20261105-00001\n地点：玉林路3号\n时限：今天 18:00\n3号楼路灯不亮",
    )
    assert row.detail["task_id"] == "notice-1"
    assert [button["key"] for button in row.detail["button_list"]] == ["accept:1", "return:1"]
    assert row.detail["card_action"]["url"] == "https://linli/t/x"


async def test_sent_again_the_same_notice_arrives_once(sender: WeComSender, wecom: WeComServer) -> None:
    for _ in range(3):
        assert (await sender.send("zhang", TASK)).outcome is Outcome.SENT
    assert len(wecom.ledger.of("zhang")) == 1


async def test_a_click_changes_the_card_once_and_later_news_come_as_text(
    sender: WeComSender, wecom: WeComServer
) -> None:
    await sender.send("zhang", TASK)
    code = wecom.new_code("notice-1", "zhang")
    first = await sender.send("zhang", Outgoing("已由网格员签收", replaces=code))
    second = await sender.send("zhang", Outgoing("已办结", replaces=code))
    late = wecom.new_code("notice-1", "zhang")
    wecom.clock.advance(hours=72)
    third = await sender.send("zhang", Outgoing("已评价", replaces=late))
    assert {first.outcome, second.outcome, third.outcome} == {Outcome.SENT}
    assert [(row.route, row.text) for row in wecom.ledger.of("zhang")[1:]] == [
        ("card_update", "已由网格员签收"),
        ("text", "已办结"),
        ("text", "已评价"),
    ]


async def test_more_buttons_than_a_card_holds_become_numbered_lines(sender: WeComSender, wecom: WeComServer) -> None:
    many = tuple(Choice(f"c{number}", f"选项{number}") for number in range(7))
    await sender.send("zhang", Outgoing("哪一个", choices=many, idempotency_key="k"))
    assert wecom.ledger.texts("zhang")[0].startswith("哪一个\n1. 选项0\n2. 选项1")


async def test_errcode_zero_with_our_member_unreached_is_not_a_delivery(
    sender: WeComSender, wecom: WeComServer
) -> None:
    wecom.faults.add(SEND, Fault(body={"errcode": 0, "errmsg": "ok", "invaliduser": "ZHANG", "msgid": "1"}))
    invalid = await sender.send("zhang", Outgoing("x"))
    wecom.unlicensed.add("zhang")
    unlicensed = await sender.send("zhang", Outgoing("y"))
    nobody = await sender.send("nobody", Outgoing("z"))
    assert {invalid.outcome, unlicensed.outcome, nobody.outcome} == {Outcome.UNREACHABLE}
    assert ("invaliduser" in invalid.reason, "unlicenseduser" in unlicensed.reason) == (True, True)


async def test_over_the_limit_the_platform_is_silent_so_the_planner_must_know_it(
    sender: WeComSender, wecom: WeComServer
) -> None:
    for number in range(31):
        assert (await sender.send("zhang", Outgoing(f"第{number}条"))).outcome is Outcome.SENT
    assert len(wecom.ledger.of("zhang")) == 30
    assert wecom.dropped == [("zhang", "第30条")]
    known = [(rate.count, rate.seconds) for rate in RATES[Channel.WECOM] if rate.silent]
    assert known == [(count, span.total_seconds()) for count, span in LIMITS]


async def test_a_token_that_ended_early_is_fetched_once_more(
    client: WeComClient, sender: WeComSender, wecom: WeComServer
) -> None:
    await sender.send("zhang", Outgoing("一"))
    wecom.revoke_token()
    assert (await sender.send("zhang", Outgoing("二"))).outcome is Outcome.SENT
    assert wecom.tokens_fetched == 2


async def test_pictures_go_up_and_come_down(client: WeComClient, sender: WeComSender, wecom: WeComServer) -> None:
    await sender.send("zhang", Outgoing("现场", media=(Media("photo", data=b"\xff\xd8p"),)))
    assert [row.route for row in wecom.ledger.of("zhang")] == ["text", "image"]
    assert await client.download_media(wecom.put_media(b"photo")) == (b"photo", "image/jpeg")


def _xml(kind: str, inner: str, sender: str = "zhang") -> str:
    return (
        f"<xml><ToUserName>ww0linli</ToUserName><FromUserName>{sender}</FromUserName>"
        f"<CreateTime>{int(NOW.timestamp())}</CreateTime><MsgType>{kind}</MsgType>{inner}<AgentID>1</AgentID></xml>"
    )


@pytest.mark.parametrize(
    ("kind", "inner", "said"),
    [
        ("text", "<Content>收到</Content><MsgId>1</MsgId>", Said.TEXT),
        ("image", "<PicUrl>u</PicUrl><MediaId>m</MediaId><MsgId>1</MsgId>", Said.PHOTO),
        ("voice", "<MediaId>m</MediaId><Format>amr</Format><MsgId>1</MsgId>", Said.VOICE),
        ("video", "<MediaId>m</MediaId><MsgId>1</MsgId>", Said.VIDEO),
        ("link", "<Title>t</Title><Url>u</Url><MsgId>1</MsgId>", Said.TEXT),
        ("hologram", "<MsgId>1</MsgId>", Said.UNKNOWN),
        ("event", "<Event>subscribe</Event>", Said.FOLLOW),
        ("event", "<Event>unsubscribe</Event>", Said.UNFOLLOW),
        ("event", "<Event>click</Event><EventKey>menu:mine</EventKey>", Said.CHOICE),
        ("event", "<Event>enter_agent</Event>", Said.UNKNOWN),
        ("event", "<Event>LOCATION</Event><Latitude>1</Latitude>", Said.UNKNOWN),
    ],
)
def test_kinds(kind: str, inner: str, said: Said) -> None:
    assert parse_callback(_xml(kind, inner), "ww0linli").kind is said


def test_a_pin_is_gcj02_and_a_system_event_is_silent() -> None:
    place = "<Location_X>30.6</Location_X><Location_Y>104.1</Location_Y><Label>玉林路</Label><MsgId>1</MsgId>"
    assert parse_callback(_xml("location", place), "ww0linli").pin == Pin(30.6, 104.1, "gcj02", "玉林路")
    changed = _xml("event", "<Event>change_contact</Event><ChangeType>delete_user</ChangeType>", sender="sys")
    assert parse_callback(changed, "ww0linli").extra["silent"] == "yes"


def test_a_second_click_is_another_message_and_a_retry_is_not() -> None:
    def key(code: str) -> str:
        inner = (
            "<Event>template_card_event</Event><EventKey>accept:1</EventKey><TaskId>t</TaskId>"
            f"<ResponseCode>{code}</ResponseCode>"
        )
        return parse_callback(_xml("event", inner), "ww0linli").external_id

    assert key("rc-1") == key("rc-1") != key("rc-2")
