"""Every kind of Telegram update in the words of all channels; broken ones are refused, strange ones kept."""

import json
from typing import Any

import pytest

from bot.channels.refusals import BodyTooLarge, ChannelMisconfigured, MalformedBody, WebhookForbidden
from bot.channels.telegram.callback import check_secret, require_secret
from bot.channels.telegram.parse import parse_update, read_webhook
from bot.messages import Incoming, Media, Pin, Said
from tests.bot.channels.conftest import NOW
from tests.servers.clock import TurnableClock
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import TelegramPerson

SERVER = TelegramServer(clock=TurnableClock(NOW))
WANG = TelegramPerson(501, SERVER)
IN_GROUP = TelegramPerson(502, SERVER, group=-100200)


def incoming(kind: str, part: dict[str, Any]) -> Incoming:
    return parse_update({"update_id": 9001, kind: part}, "4200", NOW)


def said(person: TelegramPerson = WANG, **content: Any) -> Incoming:
    return incoming("message", person.message(**content))


def test_a_text_has_its_update_as_key_and_its_own_time() -> None:
    got = said(text="井盖坏了")
    assert (got.kind, got.text, got.external_id, got.at) == (Said.TEXT, "井盖坏了", "9001", NOW)
    assert (got.ref.account, got.ref.chat, got.ref.sender, got.ref.is_group) == ("4200", "501", "501", False)


def test_in_a_group_the_speaker_is_kept_beside_the_chat() -> None:
    got = said(IN_GROUP, text="收到")
    assert (got.ref.chat, got.ref.sender, got.ref.is_group) == ("-100200", "502", True)


@pytest.mark.parametrize(
    ("text", "kind", "choice"),
    [
        ("/start", Said.FOLLOW, ""),
        ("/start bind-7Qx", Said.SCAN, "bind-7Qx"),
        ("/start@linli_test_bot grid-0412", Said.SCAN, "grid-0412"),
    ],
)
def test_start_greets_and_a_deep_link_is_a_scan(text: str, kind: Said, choice: str) -> None:
    got = said(text=text)
    assert (got.kind, got.choice) == (kind, choice)


def test_other_commands_are_named() -> None:
    got = said(text="/Track@linli_test_bot 20261105-00001")
    assert (got.kind, got.extra["command"], got.extra["arguments"]) == (Said.TEXT, "track", "20261105-00001")


def test_a_photo_is_taken_in_its_largest_size_with_caption_and_album() -> None:
    sizes = [
        {"file_id": "s", "file_unique_id": "1", "width": 90, "height": 67},
        {"file_id": "l", "file_unique_id": "2", "width": 1280, "height": 960},
        {"file_id": "m", "file_unique_id": "3", "width": 320, "height": 240},
    ]
    got = said(photo=sizes, caption="这里", media_group_id="al-1")
    assert (got.kind, got.text, got.album) == (Said.PHOTO, "这里", "al-1")
    assert got.media == (Media("photo", "l", mime="image/jpeg"),)


def _file(**more: Any) -> dict[str, Any]:
    return {"file_id": "f", "file_unique_id": "u", **more}


@pytest.mark.parametrize(
    ("content", "kind", "media"),
    [
        ({"voice": _file(duration=3)}, Said.VOICE, "voice"),
        ({"audio": _file(duration=3)}, Said.VOICE, "voice"),
        ({"video": _file(duration=3, width=1, height=1)}, Said.VIDEO, "video"),
        ({"video_note": _file(duration=3, length=1)}, Said.VIDEO, "video"),
        ({"document": _file(mime_type="image/png", file_name="a.png")}, Said.PHOTO, "photo"),
        ({"document": _file(mime_type="application/pdf", file_name="a.pdf")}, Said.UNKNOWN, "file"),
    ],
)
def test_files(content: dict[str, Any], kind: Said, media: str) -> None:
    got = said(**content)
    assert (got.kind, got.media[0].kind, got.media[0].vendor_id) == (kind, media, "f")


def test_a_location_is_wgs84() -> None:
    got = said(location={"latitude": 30.6, "longitude": 104.1})
    assert (got.kind, got.pin) == (Said.LOCATION, Pin(30.6, 104.1, "wgs84", ""))


@pytest.mark.parametrize(("user", "own"), [(501, "yes"), (999, "no")])
def test_a_contact_says_whether_it_is_the_senders_own(user: int, own: str) -> None:
    got = said(contact={"phone_number": "+8613800001234", "first_name": "王", "user_id": user})
    assert (got.kind, got.contact_phone, got.extra["own"]) == (Said.CONTACT, "+8613800001234", own)


def test_a_pressed_button_can_be_answered_and_its_message_edited() -> None:
    query = {
        "id": "q1",
        "from": {"id": 502, "is_bot": False, "first_name": "李"},
        "message": IN_GROUP.message(text="新任务"),
        "chat_instance": "ci",
        "data": "accept:77",
    }
    got = incoming("callback_query", query)
    assert (got.kind, got.choice, got.reply_token) == (Said.CHOICE, "accept:77", "q1")
    assert (got.ref.chat, got.ref.sender) == ("-100200", "502")
    assert got.extra["message_id"].isdigit()


def test_a_press_under_a_message_too_old_to_see_still_counts() -> None:
    old = {"chat": WANG.chat, "message_id": 3, "date": 0}
    query = {"id": "q1", "from": {"id": 501, "is_bot": False, "first_name": "王"}, "chat_instance": "ci", "data": "y"}
    assert incoming("callback_query", {**query, "message": old}).extra["message_id"] == "3"
    assert incoming("callback_query", query).ref.chat == "501"


def test_an_edited_message_names_what_it_corrects() -> None:
    message = WANG.message(text="2号楼")
    got = incoming("edited_message", {**message, "edit_date": message["date"]})
    assert (got.kind, got.text, got.extra["message_id"]) == (Said.EDITED, "2号楼", str(message["message_id"]))


def test_a_sticker_is_unknown_but_answered() -> None:
    got = said(sticker=_file(type="regular", width=1, height=1, is_animated=False, is_video=False, emoji="😡"))
    assert (got.kind, got.text) == (Said.UNKNOWN, "😡")
    assert "silent" not in got.extra


async def test_blocking_and_unblocking_the_bot() -> None:
    person = TelegramPerson(503, SERVER)
    await person.block()
    await person.unblock()
    blocked, unblocked = (parse_update(update, "4200", NOW) for update in SERVER.updates[-2:])
    assert (blocked.kind, blocked.ref.chat, blocked.extra["status"]) == (Said.UNFOLLOW, "503", "kicked")
    assert unblocked.kind is Said.FOLLOW


def test_a_group_that_moved_says_where() -> None:
    got = said(IN_GROUP, migrate_to_chat_id=-100999)
    assert (got.extra["migrate_to"], got.extra["silent"]) == ("-100999", "yes")


@pytest.mark.parametrize("kind", ["channel_post", "message_reaction", "tomorrows_invention"])
def test_kinds_that_we_do_not_read_are_recorded_silently(kind: str) -> None:
    got = incoming(kind, {"chat": WANG.chat, "date": 0, "message_id": 1, "from": {"id": 501}})
    assert (got.kind, got.ref.chat, got.extra["silent"]) == (Said.UNKNOWN, "501", "yes")


def test_a_message_that_the_library_cannot_read_is_not_lost() -> None:
    message = {**WANG.message(text="x"), "photo": "not a list"}
    got = incoming("message", message)
    assert (got.kind, got.ref.chat) == (Said.UNKNOWN, "501")
    assert "silent" not in got.extra


@pytest.mark.parametrize("update", [{}, *({"update_id": number} for number in ("7", True, 2**63, -1))])
def test_an_update_without_a_sane_number_is_refused(update: dict[str, Any]) -> None:
    with pytest.raises(MalformedBody):
        parse_update({**update, "message": WANG.message(text="x")}, "4200", NOW)


@pytest.mark.parametrize("part", [None, [], {"chat": {"id": 2**70}}, {"chat": {"id": "x"}}, {}])
def test_an_update_from_nobody_is_refused(part: object) -> None:
    with pytest.raises(MalformedBody):
        parse_update({"update_id": 1, "message": part}, "4200", NOW)


def test_nul_and_lone_surrogates_are_cleaned() -> None:
    body = json.dumps({"update_id": 1, "message": WANG.message(text="a\x00b\ud800c")}).encode()
    assert parse_update(read_webhook(body), "4200", NOW).text == "ab\ufffdc"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"update_id": 1, "update_id": 2}', MalformedBody),
        (b'{"update_id": NaN}', MalformedBody),
        (b"[1]", MalformedBody),
        (b"", MalformedBody),
        (b"\xff", MalformedBody),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, BodyTooLarge),
        (b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", BodyTooLarge),
        (b" " * 65_537, BodyTooLarge),
    ],
)
def test_a_broken_body_is_400_or_413(body: bytes, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        read_webhook(body)


def test_the_secret_is_required_and_compared() -> None:
    secret = "s" * 20
    check_secret(secret, secret)
    for wrong in (None, "", "é", secret + "x"):
        with pytest.raises(WebhookForbidden):
            check_secret(wrong, secret)
    for unfit in ("", "short", "with space " * 3):
        with pytest.raises(ChannelMisconfigured):
            require_secret(unfit)
