"""Which callbacks are believed, and what an unbelievable one gets."""

import base64

import pytest

from bot.channels.refusals import BodyTooLarge, ChannelMisconfigured, MalformedBody, NonceReused, WebhookForbidden
from bot.channels.wechat.callback import WeChatCallback
from bot.channels.wechat.crypto import Seal
from bot.channels.wecom.callback import WeComCallback
from bot.messages import Outgoing, Said
from tests.bot.channels.conftest import NOW
from tests.servers.stores import MemoryNonceStore
from tests.servers.wechat_signer import Signer
from tests.servers.wired import AES_KEY, TOKEN

APP = "wx0linli"
STAMP = int(NOW.timestamp())
TEXT = (
    "<xml><ToUserName><![CDATA[gh_linli]]></ToUserName><FromUserName><![CDATA[o-1]]></FromUserName>"
    f"<CreateTime>{STAMP}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[3号楼路灯不亮]]></Content><MsgId>24000000000000001</MsgId></xml>"
)


@pytest.fixture
def signer() -> Signer:
    return Signer(TOKEN, AES_KEY, APP)


@pytest.fixture
def callback() -> WeChatCallback:
    return WeChatCallback(Seal(token=TOKEN, encoding_aes_key=AES_KEY, receiver=APP), MemoryNonceStore())


async def test_a_sealed_message_of_the_platform_is_read(callback: WeChatCallback, signer: Signer) -> None:
    sent = signer.sealed_callback(TEXT, STAMP, "n1")
    incoming = await callback.receive(sent.params, sent.body, NOW)
    assert (incoming.kind, incoming.text, incoming.external_id) == (Said.TEXT, "3号楼路灯不亮", "24000000000000001")
    assert (incoming.ref.account, incoming.ref.chat) == (APP, "o-1")


async def test_the_sealed_reply_is_readable_by_the_platform(callback: WeChatCallback, signer: Signer) -> None:
    sent = signer.sealed_callback(TEXT, STAMP, "n1")
    incoming = await callback.receive(sent.params, sent.body, NOW)
    reply = signer.open_reply(callback.answer(incoming, Outgoing("收到"), NOW))
    assert "<ToUserName><![CDATA[o-1]]></ToUserName>" in reply
    assert "<![CDATA[收到]]>" in reply


def _flipped(ciphertext: str) -> str:
    raw = bytearray(base64.b64decode(ciphertext))
    raw[20] ^= 1
    return base64.b64encode(bytes(raw)).decode()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p | {"msg_signature": "0" * 40},
        lambda p: p | {"msg_signature": "é"},
        lambda p: {name: value for name, value in p.items() if name != "msg_signature"},
        lambda p: p | {"timestamp": str(STAMP - 301)},
        lambda p: p | {"timestamp": str(STAMP + 301)},
        lambda p: p | {"timestamp": "soon"},
        lambda p: p | {"nonce": ""},
        lambda p: p | {"nonce": "other"},
        lambda p: {},
    ],
)
async def test_a_spoiled_query_is_forbidden(callback: WeChatCallback, signer: Signer, spoil) -> None:  # type: ignore[no-untyped-def]
    sent = signer.sealed_callback(TEXT, STAMP, "n1")
    with pytest.raises(WebhookForbidden):
        await callback.receive(spoil(sent.params), sent.body, NOW)


async def test_every_failure_of_the_seal_is_one_and_the_same_refusal(callback: WeChatCallback, signer: Signer) -> None:
    """Bit flip, wrong padding, not base64, other app id: properly signed, so that only the opening can fail."""
    good = signer.seal(TEXT)
    other_app = Signer(TOKEN, AES_KEY, "wx-other").seal(TEXT)
    unpadded = base64.b64encode(base64.b64decode(good)[:-16]).decode()
    answers = set()
    for number, bad in enumerate([_flipped(good), other_app, unpadded, good[:-8], "***", "5Lit"]):
        nonce = f"n{number}"
        body = f"<xml><Encrypt><![CDATA[{bad}]]></Encrypt></xml>".encode()
        params = {"timestamp": str(STAMP), "nonce": nonce, "encrypt_type": "aes"}
        params["msg_signature"] = signer.digest(str(STAMP), nonce, bad)
        with pytest.raises((WebhookForbidden, MalformedBody)) as refused:
            await callback.receive(params, body, NOW)
        answers.add((type(refused.value), refused.value.status, refused.value.code, str(refused.value)))
    forged = signer.sealed_callback(TEXT, STAMP, "n9")
    with pytest.raises(WebhookForbidden) as refused:
        await callback.receive(forged.params | {"msg_signature": "f" * 40}, forged.body, NOW)
    answers.add((type(refused.value), refused.value.status, refused.value.code, str(refused.value)))
    assert answers == {(WebhookForbidden, 403, "webhook_forbidden", "The callback is not accepted.")}


async def test_a_nonce_with_other_content_is_a_forgery_but_a_retry_is_not(
    callback: WeChatCallback, signer: Signer
) -> None:
    first = signer.sealed_callback(TEXT, STAMP, "n1")
    await callback.receive(first.params, first.body, NOW)
    again = await callback.receive(first.params, first.body, NOW)
    assert again.external_id == "24000000000000001"
    other = signer.sealed_callback(TEXT.replace("路灯", "井盖"), STAMP, "n1")
    with pytest.raises(NonceReused) as refused:
        await callback.receive(other.params, other.body, NOW)
    assert str(refused.value) == "The callback is not accepted."


async def test_plaintext_needs_an_explicit_permission(callback: WeChatCallback, signer: Signer) -> None:
    sent = signer.plain_callback(TEXT, STAMP, "n1")
    with pytest.raises(WebhookForbidden):
        await callback.receive(sent.params, sent.body, NOW)
    seal = Seal(token=TOKEN, encoding_aes_key=AES_KEY, receiver=APP)
    open_door = WeChatCallback(seal, MemoryNonceStore(), allow_plaintext=True)
    assert (await open_door.receive(sent.params, sent.body, NOW)).text == "3号楼路灯不亮"
    with pytest.raises(WebhookForbidden):
        await open_door.receive(sent.params | {"signature": "0" * 40}, sent.body, NOW)


BAD_INNER = {
    "doctype": ("<!DOCTYPE x [<!ENTITY a 'b'>]>" + TEXT, MalformedBody),
    "entity": (TEXT.replace("3号楼", "&a;").replace("<![CDATA[&a;路灯不亮]]>", "&a;"), MalformedBody),
    "gbk declared": ("<?xml version='1.0' encoding='gbk'?>" + TEXT, MalformedBody),
    "utf-16 declared": ('<?xml version="1.0" encoding="UTF-16"?>' + TEXT, MalformedBody),
    "a field twice": (TEXT.replace("<MsgId>", "<FromUserName>o-2</FromUserName><MsgId>"), MalformedBody),
    "nul": (TEXT.replace("<![CDATA[3号楼路灯不亮]]>", "&#0;"), MalformedBody),
    "lone surrogate": (TEXT.replace("<![CDATA[3号楼路灯不亮]]>", "&#xD800;"), MalformedBody),
    "deep": ("<xml>" + "<a>" * 40 + "</a>" * 40 + "</xml>", BodyTooLarge),
    "no type": ("<xml><a>1</a></xml>", MalformedBody),
    "no sender": (TEXT.replace("o-1", ""), MalformedBody),
    "no time": (TEXT.replace(str(STAMP), "9" * 30), MalformedBody),
    "a structure for a text": (TEXT.replace("<![CDATA[3号楼路灯不亮]]>", "<b>x</b>"), MalformedBody),
    "not xml": ("{}", MalformedBody),
    "empty": ("", MalformedBody),
    "other root": ("<html>hi</html>", MalformedBody),
}


@pytest.mark.parametrize("name", BAD_INNER)
async def test_a_broken_message_is_400_or_413_and_never_500(
    callback: WeChatCallback, signer: Signer, name: str
) -> None:
    inner, expected = BAD_INNER[name]
    sent = signer.sealed_callback(inner, STAMP, "n1")
    with pytest.raises(expected):
        await callback.receive(sent.params, sent.body, NOW)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<xml><Encrypt>x</Encrypt></xml>" + b" " * 65_536, BodyTooLarge),
        (b"\xff\xfe<\x00x\x00", MalformedBody),
        ("<xml>中</xml>".encode("gbk"), MalformedBody),
        (b"<!DOCTYPE a><xml><Encrypt>x</Encrypt></xml>", MalformedBody),
        (b"<xml><a>1</a></xml>", MalformedBody),
        (b"", MalformedBody),
        (b"<xml>", MalformedBody),
    ],
)
async def test_a_broken_envelope_is_400_or_413(
    callback: WeChatCallback, body: bytes, expected: type[Exception]
) -> None:
    params = {"timestamp": str(STAMP), "nonce": "n", "encrypt_type": "aes", "msg_signature": "x"}
    with pytest.raises(expected):
        await callback.receive(params, body, NOW)


def test_the_address_check_answers_the_echo_only_to_the_platform(callback: WeChatCallback, signer: Signer) -> None:
    params = {"timestamp": str(STAMP), "nonce": "n", "echostr": "42", "signature": signer.digest(str(STAMP), "n")}
    assert callback.verify_address(params, NOW) == "42"
    with pytest.raises(WebhookForbidden):
        callback.verify_address(params | {"signature": "x"}, NOW)


@pytest.mark.parametrize("key", ["", "short", "=" * 43, "é" * 43])
def test_a_malformed_key_stops_the_channel_at_start(key: str) -> None:
    with pytest.raises(ChannelMisconfigured):
        Seal(token=TOKEN, encoding_aes_key=key, receiver=APP)


async def test_wecom_opens_the_echo_and_the_card_click() -> None:
    signer = Signer(TOKEN, AES_KEY, "ww0linli")
    door = WeComCallback(Seal(token=TOKEN, encoding_aes_key=AES_KEY, receiver="ww0linli"), MemoryNonceStore())
    echo = signer.seal("echo-77")
    signed = {"timestamp": str(STAMP), "nonce": "n", "echostr": echo}
    signed["msg_signature"] = signer.digest(str(STAMP), "n", echo)
    assert door.verify_address(signed, NOW) == "echo-77"
    click = (
        "<xml><ToUserName>ww0linli</ToUserName><FromUserName>zhang</FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType>event</MsgType><Event>template_card_event</Event>"
        "<EventKey>accept:77</EventKey><TaskId>n-77</TaskId><CardType>button_interaction</CardType>"
        "<ResponseCode>rc-1</ResponseCode><AgentID>1</AgentID></xml>"
    )
    sent = signer.sealed_callback(click, STAMP, "n2")
    incoming = await door.receive(sent.params, sent.body, NOW)
    assert (incoming.kind, incoming.choice, incoming.reply_token) == (Said.CHOICE, "accept:77", "rc-1")
    assert incoming.extra["task_id"] == "n-77"
    with pytest.raises(WebhookForbidden):
        await door.receive(sent.params | {"msg_signature": "x"}, sent.body, NOW)
