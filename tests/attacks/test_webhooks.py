"""A1–A10: forged, replayed, broken and endless calls to the webhooks; nothing of them is stored."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import select

from backend.intake.models import InboxMessage
from bot.channels import doors
from bot.channels.refusals import ChannelMisconfigured
from bot.main import open_house
from bot.settings import TelegramSettings
from tests.attacks.stand import AES_KEY, TELEGRAM_TOKEN, Stand, settings_for
from tests.servers.wechat_signer import Callback, Signer
from tests.servers.wired import TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="session")
Spoil = Callable[[dict[str, str]], dict[str, str]]


def update(number: int, **message: object) -> dict[str, object]:
    """A Telegram update with a text."""
    person = {"id": 501, "is_bot": False, "first_name": "王"}
    chat = {"id": 501, "type": "private"}
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1763863200,
            "chat": chat,
            "from": person,
            "text": "灯坏了",
            **message,
        },
    }


async def test_the_stand_itself_takes_an_honest_message(stand: Stand) -> None:
    before = await stand.rows()
    assert (await stand.post_wechat(stand.wechat_text(msg=1))).status_code == 200
    assert (await stand.post_telegram(update(1))).status_code == 200
    assert await stand.rows() == before + 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: {},
        lambda p: {**p, "msg_signature": "0" * 40},
        lambda p: {**p, "msg_signature": ""},
        lambda p: {**p, "msg_signature": "é\u0000"},
        lambda p: {**p, "msg_signature": p["signature"]},
        lambda p: {name: value for name, value in p.items() if name != "msg_signature"},
        lambda p: {**p, "nonce": "another"},
        lambda p: {**p, "timestamp": str(int(p["timestamp"]) + 1)},
    ],
)
@pytest.mark.parametrize("door", ["/wechat", "/wecom"])
async def test_a01_unsigned_or_wrongly_signed_is_403_and_stores_nothing(stand: Stand, door: str, spoil: Spoil) -> None:
    before = await stand.rows()
    sent = stand.wechat_text(msg=101)
    if door == "/wecom":
        sent = stand.wecom.sealed_callback(stand.wechat_xml(msg=101), stand.stamp, "n101")
    answer = await stand.client().post(door, params=spoil(sent.params), content=sent.body)
    assert answer.status_code in ((403, 400) if "\u0000" in spoil(sent.params).get("msg_signature", "") else (403,))
    assert await stand.rows() == before


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
async def test_a02_a_valid_signature_older_than_five_minutes_is_403(stand: Stand, seconds: int) -> None:
    before = await stand.rows()
    sent = stand.wechat.sealed_callback(stand.wechat_xml(msg=201), stand.stamp + seconds, f"old{seconds}")
    assert (await stand.post_wechat(sent)).status_code == 403
    assert await stand.rows() == before


async def test_a03_a_nonce_with_other_content_is_403_and_an_event_and_a_repeat_is_neither(stand: Stand) -> None:
    first = stand.wechat_text("第一句", msg=301, nonce="same")
    assert (await stand.post_wechat(first)).status_code == 200
    before, events = await stand.rows(), await stand.events("nonce_reused")
    assert (await stand.post_wechat(first)).status_code == 200
    assert await stand.events("nonce_reused") == events
    other = stand.wechat_text("换了一句", msg=302, nonce="same")
    assert (await stand.post_wechat(other)).status_code == 403
    assert await stand.rows() == before
    assert await stand.events("nonce_reused") == events + 1


async def test_a04_plaintext_mode_is_refused_unless_allowed(stand: Stand) -> None:
    """Its signature covers nothing of the body: whoever has seen one may say anything."""
    before = await stand.rows()
    plain = stand.wechat.plain_callback(stand.wechat_xml(msg=401), stand.stamp, "n401")
    assert (await stand.post_wechat(plain)).status_code == 403
    disguised = Callback({**plain.params, "encrypt_type": "raw"}, plain.body)
    assert (await stand.post_wechat(disguised)).status_code == 403
    assert await stand.rows() == before


async def test_a05_every_failure_of_the_seal_gives_one_and_the_same_answer(stand: Stand) -> None:
    """No oracle: bit flips, padding, other app ids, not base64: properly signed, so that only the opening fails."""
    before = await stand.rows()
    good = base64.b64decode(stand.wechat.seal(stand.wechat_xml(msg=501)))
    flipped = [bytes([*good[:at], good[at] ^ 1, *good[at + 1 :]]) for at in (0, 20, len(good) - 1)]
    sealed = [base64.b64encode(raw).decode() for raw in (*flipped, good[:-16], good[:-5], b"", b"x" * 32)]
    sealed += [Signer(TOKEN, AES_KEY, "wx-other").seal(stand.wechat_xml(msg=501)), "not base64 !", "é"]
    answers = set()
    for place, ciphertext in enumerate(sealed):
        stamp, nonce = str(stand.stamp), f"n5{place:02}"
        body = f"<xml><ToUserName>gh</ToUserName><Encrypt>{ciphertext}</Encrypt></xml>".encode()
        signature = stand.wechat.digest(stamp, nonce, ciphertext)
        params = {"timestamp": stamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": signature}
        answer = await stand.post_wechat(Callback(params, body))
        if ciphertext:
            answers.add((answer.status_code, answer.text))
    assert len(answers) == 1
    assert answers.pop()[0] == 403
    assert await stand.rows() == before


HOSTILE_XML = (
    '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml>{0}</xml>',
    '<!DOCTYPE lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml>&b;{0}</xml>',
    '<?xml version="1.0" encoding="utf-7"?><xml>{0}</xml>',
    '<?xml version="1.0" encoding="utf-16"?><xml>{0}</xml>',
    "<xml>{0}{0}</xml>",
    "<xml>{0}",
    "",
    "\x00",
)


@pytest.mark.parametrize("form", HOSTILE_XML)
async def test_a06_doctype_entities_and_odd_encodings_are_400_outside_and_inside_the_seal(
    stand: Stand, form: str
) -> None:
    before = await stand.rows()
    honest = stand.wechat_text(msg=601)
    inner = honest.body.decode().removeprefix("<xml>").removesuffix("</xml>")
    answer = await stand.post_wechat(replace(honest, body=form.format(inner).encode()))
    assert answer.status_code == 400
    inside = stand.wechat_xml(msg=602).removeprefix("<xml>").removesuffix("</xml>")
    nonce = f"n6{HOSTILE_XML.index(form)}"
    sealed = stand.wechat.sealed_callback(form.format(inside), stand.stamp, nonce)
    assert (await stand.post_wechat(sealed)).status_code == 400
    for raw in (form.format(inner).encode("utf-16"), b"\xff\xfe<xml/>", b"<xml>\x80</xml>"):
        assert (await stand.post_wechat(replace(honest, body=raw))).status_code == 400
    assert await stand.rows() == before


async def test_a07_deep_xml_and_large_bodies_are_413(stand: Stand) -> None:
    before = await stand.rows()
    honest = stand.wechat_text(msg=701)
    deep = b"<xml>" + b"<a>" * 40 + b"</a>" * 40 + b"</xml>"
    for body in (deep, b"<xml>" + b" " * 65_536 + b"</xml>"):
        assert (await stand.post_wechat(replace(honest, body=body))).status_code == 413
    assert (await stand.post_telegram(b'{"update_id":7,"x":"' + b"a" * 65_536 + b'"}')).status_code == 413
    assert (await stand.post_telegram(b"[" * 60_000)).status_code in (400, 413)
    assert await stand.rows() == before


@pytest.mark.parametrize("secret", [None, "", "wrong", "a-secret-of-the-webhoo", "é"])
async def test_a08_telegram_without_the_secret_is_403(stand: Stand, secret: str | None) -> None:
    before = await stand.rows()
    given = secret.encode("latin-1").decode("latin-1") if secret else secret
    headers = {} if given is None else {"x-telegram-bot-api-secret-token": given.encode("latin-1")}
    answer = await stand.client().post("/telegram", json=update(801), headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 403
    assert await stand.rows() == before


@pytest.mark.parametrize("secret", ["", "short", "has spaces in it, long"])
async def test_a08_webhook_mode_does_not_start_without_a_secret(stand: Stand, tmp_path: Path, secret: str) -> None:
    telegram = TelegramSettings(token=SecretStr(TELEGRAM_TOKEN), mode="webhook", webhook_secret=SecretStr(secret))
    folder = stand.office.media_folder.parent
    with pytest.raises(ChannelMisconfigured):
        await open_house(settings_for(folder, telegram=telegram))


ODD_JSON = (
    b'{"update_id":901,"update_id":902,"message":{}}',
    b'{"update_id":NaN}',
    b'{"update_id":Infinity}',
    b'{"update_id":9223372036854775808,"message":{"message_id":1}}',
    b'{"update_id":' + b"9" * 5000 + b"}",
    b'{"update_id":-1e400}',
    b'{"update_id":903,"message":{"message_id":1,"date":9223372036854775807,"chat":{"id":1,"type":"private"},"text":"a"}}',
    b'{"update_id":904,"message":null}',
    b'{"update_id":"905"}',
    b"[]",
    b"null",
    b'"a"',
    b"",
    b"\xff",
    b'{"a":"\\ud800"}',
)


@pytest.mark.parametrize("body", ODD_JSON)
async def test_a09_odd_json_is_400_or_taken_cleanly_never_500(stand: Stand, body: bytes) -> None:
    assert (await stand.post_telegram(body)).status_code in (200, 400, 413)


async def test_a09_surrogates_and_nul_are_cleaned_before_they_are_stored(stand: Stand) -> None:
    body = json.dumps(update(910, text="A")).replace('"A"', '"a\\ud800\\u0000b"').encode()
    assert (await stand.post_telegram(body)).status_code == 200
    async with stand.office.database.read() as session:
        row = (await session.exec(select(InboxMessage).where(InboxMessage.external_id == "910"))).first()
    assert row is not None
    stored = stand.office.vault.open_office(row.body_sealed).reveal()
    assert "\\u0000" not in stored
    assert "\ud800" not in stored


async def test_a10_a_flood_of_one_person_is_limited_and_the_others_are_served(stand: Stand) -> None:
    await stand.work(40)
    before = await stand.rows()
    client = stand.client()
    for number in range(300):
        answer = await stand.post_wechat(stand.wechat_text(f"第{number}句", "o-flood", 10_000 + number), client)
        assert answer.status_code == 200, "a platform that is refused calls again, and again"
    kept = await stand.rows() - before
    assert 20 <= kept <= 100
    assert await stand.events("flood") == 1
    assert (await stand.post_wechat(stand.wechat_text("路灯坏了", "o-quiet", 10_900))).status_code == 200
    assert await stand.rows() == before + kept + 1
    async with stand.office.database.write() as session:
        claimed = await stand.office.inbox.claim(session, "test", stand.clock(), 8)
    assert any("o-quiet" in one.body for one in claimed), "one's own messages wait behind each other, nobody else's"
    stand.pass_by(60)
    assert (await stand.post_wechat(stand.wechat_text("慢慢说", "o-flood", 10_901))).status_code == 200
    assert await stand.rows() == before + kept + 2


async def test_a23_a_webhook_body_that_never_ends_is_given_up(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "BODY_SECONDS", 0.05)
    answer = await stand.client().post("/wechat", params=stand.wechat_text(msg=2301).params, content=_endless())
    assert answer.status_code == 413


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"<xml>"
        await asyncio.sleep(0.02)
