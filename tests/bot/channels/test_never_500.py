"""Whatever a vendor or an attacker sends, parsing ends in a message or in one of the named refusals."""

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.refusals import BodyTooLarge, MalformedBody
from bot.channels.telegram.parse import parse_update, read_webhook
from bot.channels.wechat import parse as wechat
from bot.channels.wecom import parse as wecom
from bot.messages import Incoming
from tests.bot.channels.conftest import NOW

REFUSED = (MalformedBody, BodyTooLarge)
STEADY = settings(derandomize=True, max_examples=300, deadline=None, database=None)

names = st.sampled_from(
    [
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "Event",
        "EventKey",
        "MsgId",
        "MsgID",
        "Content",
        "Location_X",
        "Location_Y",
        "Label",
        "MediaId",
        "SubscribeMsgPopupEvent",
        "SubscribeMsgSentEvent",
        "TaskId",
        "ResponseCode",
        "Format",
        "Recognition",
        "Status",
        "bizmsgmenuid",
    ]
)
kinds = st.sampled_from(
    [
        "text",
        "image",
        "voice",
        "video",
        "location",
        "link",
        "event",
        "subscribe",
        "SCAN",
        "CLICK",
        "VIEW",
        "TEMPLATESENDJOBFINISH",
        "subscribe_msg_popup_event",
        "subscribe_msg_sent_event",
        "template_card_event",
        "device_event",
    ]
)
values = st.one_of(
    kinds,
    st.text(max_size=12),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(
        ["", "nan", "inf", "1e999", "<List/>", "<List><TemplateId><a/></TemplateId></List>", "<![CDATA[]]>"]
    ),
)
base = {"ToUserName": "gh", "FromUserName": "o-1", "CreateTime": "1762308000", "MsgType": "event"}


@STEADY
@given(st.dictionaries(names, values, max_size=8), st.dictionaries(st.sampled_from(sorted(base)), kinds, max_size=1))
def test_wechat_and_wecom(fields: dict[str, str], spoiled: dict[str, str]) -> None:
    parts = {**base, **spoiled, **fields}
    xml = "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in parts.items()) + "</xml>"
    for read in (wechat.parse_callback, wecom.parse_callback):
        with contextlib.suppress(*REFUSED):
            _sound(read(xml, "account"))


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.text(max_size=8)
)
keys = st.sampled_from(
    [
        "message_id",
        "from",
        "chat",
        "date",
        "text",
        "photo",
        "id",
        "type",
        "is_bot",
        "first_name",
        "data",
        "message",
        "location",
        "latitude",
        "longitude",
        "user_id",
        "new_chat_member",
        "old_chat_member",
        "status",
        "user",
        "contact",
        "phone_number",
        "media_group_id",
        "caption",
        "file_id",
        "entities",
    ]
)
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6), max_leaves=12
)
update_kinds = st.sampled_from(
    [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "channel_post",
        "poll",
        "message_reaction",
        "invented",
    ]
)


@STEADY
@given(update_kinds, st.dictionaries(keys, trees, max_size=8), st.booleans())
def test_telegram(kind: str, part: dict[str, Any], sane: bool) -> None:
    if sane:
        user = {"id": 501, "is_bot": False, "first_name": "王"}
        part = {**part, "message_id": 1, "date": 1, "chat": {"id": 501, "type": "private"}, "from": user}
    with contextlib.suppress(*REFUSED):
        update = read_webhook(json.dumps({"update_id": 1, kind: part}).encode())
        _sound(parse_update(update, "4200", NOW))


@STEADY
@given(st.binary(max_size=200))
def test_bytes(body: bytes) -> None:
    with contextlib.suppress(*REFUSED):
        read_webhook(body)


def _sound(incoming: Incoming) -> None:
    """What every later room relies on: a key, a chat, an aware time, text that a database stores."""
    assert incoming.external_id
    assert incoming.ref.chat
    assert incoming.at.tzinfo is not None
    for text in (incoming.text, incoming.choice, incoming.external_id, incoming.ref.chat, incoming.contact_phone):
        assert "\x00" not in text
        text.encode()
