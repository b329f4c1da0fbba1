"""Every message and event of the official account in the words of all channels, and our replies in WeChat's."""

from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from bot.channels.ports import TemplateSpec
from bot.channels.wechat.parse import parse_callback
from bot.channels.wechat.render import customer_text, passive_reply
from bot.channels.wechat.templates import TemplateFieldRefused, fill
from bot.messages import Choice, Incoming, Link, Media, Outgoing, Pin, Said
from tests.bot.channels.conftest import NOW

STAMP = int(NOW.timestamp())


def callback(kind: str, inner: str, message_id: str = "77") -> Incoming:
    number = f"<MsgId>{message_id}</MsgId>" if message_id else ""
    return parse_callback(
        "<xml><ToUserName>gh_linli</ToUserName><FromUserName>o-1</FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType>{kind}</MsgType>{inner}{number}</xml>",
        "wx0linli",
    )


def event(name: str, inner: str = "") -> Incoming:
    return callback("event", f"<Event>{name}</Event>{inner}", "")


def test_a_text_keeps_its_time_and_our_own_id_for_the_reply() -> None:
    incoming = callback("text", "<Content>井盖坏了</Content>")
    assert (incoming.text, incoming.at, incoming.extra["original_id"]) == ("井盖坏了", NOW, "gh_linli")


def test_a_tapped_menu_line_is_a_choice() -> None:
    incoming = callback("text", "<Content>对</Content><bizmsgmenuid>yes:5</bizmsgmenuid>")
    assert (incoming.kind, incoming.choice, incoming.text) == (Said.CHOICE, "yes:5", "对")


def test_a_photo_names_its_media_id() -> None:
    incoming = callback("image", "<PicUrl>http://p/1</PicUrl><MediaId>m1</MediaId>")
    assert (incoming.kind, incoming.media) == (Said.PHOTO, (Media("photo", "m1", "http://p/1"),))


def test_a_voice_prefers_the_16k_recording_and_keeps_the_other() -> None:
    incoming = callback(
        "voice", "<MediaId>m1</MediaId><Format>amr</Format><Recognition></Recognition><MediaId16K>m16</MediaId16K>"
    )
    assert (incoming.kind, incoming.text, incoming.media[0].vendor_id) == (Said.VOICE, "", "m16")
    assert incoming.extra["media_id"] == "m1"


@pytest.mark.parametrize("kind", ["video", "shortvideo"])
def test_videos_are_videos(kind: str) -> None:
    incoming = callback(kind, "<MediaId>m1</MediaId><ThumbMediaId>t</ThumbMediaId>")
    assert (incoming.kind, incoming.media[0].vendor_id) == (Said.VIDEO, "m1")


def test_a_pin_stays_in_the_coordinates_of_the_platform_and_says_so() -> None:
    incoming = callback(
        "location", "<Location_X>30.6</Location_X><Location_Y>104.1</Location_Y><Scale>16</Scale><Label>玉林路</Label>"
    )
    assert (incoming.kind, incoming.pin) == (Said.LOCATION, Pin(30.6, 104.1, "gcj02", "玉林路"))


def test_a_link_is_read_as_its_words() -> None:
    incoming = callback("link", "<Title>标题</Title><Description>说明</Description><Url>http://u</Url>")
    assert (incoming.kind, incoming.text) == (Said.TEXT, "标题\n说明\nhttp://u")


def test_an_unknown_kind_is_kept_and_named() -> None:
    incoming = callback("hologram", "<Title>t</Title>")
    assert (incoming.kind, incoming.extra["vendor_kind"]) == (Said.UNKNOWN, "hologram")


def test_follow_through_a_poster_carries_its_scene() -> None:
    assert event("subscribe", "<EventKey></EventKey>").kind is Said.FOLLOW
    followed = event("subscribe", "<EventKey>qrscene_grid-0412</EventKey><Ticket>T</Ticket>")
    assert (followed.kind, followed.choice) == (Said.FOLLOW, "grid-0412")


@pytest.mark.parametrize(
    ("name", "key", "kind", "choice"),
    [
        ("SCAN", "grid-0412", Said.SCAN, "grid-0412"),
        ("CLICK", "menu:report", Said.CHOICE, "menu:report"),
        ("unsubscribe", "", Said.UNFOLLOW, ""),
        ("VIEW", "https://linli/p", Said.UNKNOWN, ""),
        ("pic_weixin", "k", Said.UNKNOWN, ""),
        ("brand_new_event", "k", Said.UNKNOWN, ""),
    ],
)
def test_events(name: str, key: str, kind: Said, choice: str) -> None:
    incoming = event(name, f"<EventKey>{key}</EventKey>")
    assert (incoming.kind, incoming.choice) == (kind, choice)


def test_a_position_that_the_app_reports_by_itself_is_not_kept() -> None:
    incoming = event("LOCATION", "<Latitude>30.6</Latitude><Longitude>104.1</Longitude><Precision>9</Precision>")
    assert (incoming.kind, incoming.pin, incoming.extra["silent"]) == (Said.UNKNOWN, None, "yes")


def test_the_end_of_a_template_is_a_receipt() -> None:
    incoming = event("TEMPLATESENDJOBFINISH", "<MsgID>2001</MsgID><Status>failed:user block</Status>")
    assert incoming.kind is Said.RECEIPT
    assert (incoming.extra["vendor_id"], incoming.extra["status"]) == ("2001", "failed:user block")


def _rows(holder: str, *rows: tuple[str, str]) -> str:
    listed = "".join(
        f"<List><TemplateId>{name}</TemplateId><SubscribeStatusString>{answer}</SubscribeStatusString></List>"
        for name, answer in rows
    )
    return f"<{holder}>{listed}</{holder}>"


def test_consents_name_each_template() -> None:
    popup = event("subscribe_msg_popup_event", _rows("SubscribeMsgPopupEvent", ("a", "accept"), ("b", "reject")))
    assert popup.kind is Said.CONSENT
    assert (popup.extra["a"], popup.extra["b"]) == ("accept", "reject")
    change = event("subscribe_msg_change_event", _rows("SubscribeMsgChangeEvent", ("a", "reject")))
    assert (change.kind, change.extra["a"]) == (Said.CONSENT, "reject")


def test_a_sent_notice_is_a_receipt() -> None:
    row = (
        "<SubscribeMsgSentEvent><List><TemplateId>a</TemplateId><MsgID>9</MsgID><ErrorCode>0</ErrorCode>"
        "<ErrorStatus>success</ErrorStatus></List></SubscribeMsgSentEvent>"
    )
    incoming = event("subscribe_msg_sent_event", row)
    assert (incoming.kind, incoming.extra["vendor_id"], incoming.extra["status"]) == (Said.RECEIPT, "9", "success")


def test_events_repeat_their_key_in_a_retry_and_differ_otherwise() -> None:
    first = event("CLICK", "<EventKey>a</EventKey>").external_id
    assert first == event("CLICK", "<EventKey>a</EventKey>").external_id
    assert first != event("CLICK", "<EventKey>b</EventKey>").external_id
    assert len(event("VIEW", f"<EventKey>{'u' * 900}</EventKey>").external_id) <= 64


# -- out ----------------------------------------------------------------------------------------------------------
def reply_of(text: str, **parts: object) -> Element:
    incoming = callback("text", "<Content>x</Content>")
    reply: Element = fromstring(passive_reply(incoming, Outgoing(text, **parts), NOW))  # type: ignore[arg-type]
    return reply


def test_text_of_people_cannot_forge_a_reply() -> None:
    evil = "a]]></Content><ToUserName>o-2</ToUserName><Content><![CDATA[b"
    reply = reply_of(evil)
    assert reply.findtext("ToUserName") == "o-1"
    assert len(reply.findall("ToUserName")) == 1
    assert reply.findtext("Content") == evil


def test_text_of_people_cannot_place_a_tappable_link() -> None:
    evil = '<a href="weixin://bizmsgmenu?msgmenuid=close">x</a>'
    assert "<a" not in customer_text(Outgoing(evil))
    assert "<a" not in (reply_of(evil).findtext("Content") or "")


def test_control_characters_do_not_break_the_reply() -> None:
    assert reply_of("a\x00\x0b\ud800b").findtext("Content") == "a\ufffdb"


def test_choices_degrade_to_numbered_lines_and_links_to_text() -> None:
    reply = reply_of("对吗", choices=(Choice("y", "对"), Choice("n", "改")), link=Link("进度", "https://l/c"))
    assert reply.findtext("Content") == "对吗\n进度\nhttps://l/c\n1. 对\n2. 改"


def test_a_long_text_is_cut_at_the_platforms_limit_without_splitting_a_character() -> None:
    content = reply_of("井" * 3_000).findtext("Content") or ""
    assert len(content.encode()) <= 2_048
    assert content.endswith("井…")


SPEC = TemplateSpec("t", {"thing1": "item", "character_string2": "number", "phrase3": "state", "time4": "at"})
FACTS = {"item": "独生子女证", "number": "20261105-00001", "state": "已办好", "at": "2026-11-05 10:00"}


def test_a_template_is_filled_and_a_sentence_cut_to_twenty() -> None:
    data = fill(SPEC, FACTS | {"item": "很长的事项名称" * 5 + "🎉\n"})
    assert data["character_string2"] == "20261105-00001"
    assert len(data["thing1"]) == 20


@pytest.mark.parametrize(
    "wrong", [{"item": ""}, {"item": "🎉"}, {"number": "编号"}, {"state": "已经全部办理好了"}, {"at": "明天"}]
)
def test_a_value_that_the_platform_would_refuse_is_refused_before_sending(wrong: dict[str, str]) -> None:
    with pytest.raises(TemplateFieldRefused):
        fill(SPEC, FACTS | wrong)
