"""What Telegram people really receive from us, and what a failed send means."""

import pytest
from aiogram import Bot
from aiogram.types import Update

from bot.channels.refusals import ChannelMisconfigured, MediaTooLarge, MediaUnavailable
from bot.channels.telegram.client import build_bot, download
from bot.channels.telegram.sender import TelegramSender
from bot.channels.vendor_http import VendorUnavailable
from bot.messages import Choice, Link, Media, Outcome, Outgoing, Pin
from tests.servers.running import Fault
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import TelegramPerson


@pytest.fixture
def sender(bot: Bot, telegram: TelegramServer) -> TelegramSender:
    TelegramPerson(501, telegram)
    return TelegramSender(bot)


async def test_text_with_buttons_and_a_link(sender: TelegramSender, telegram: TelegramServer) -> None:
    message = Outgoing("对吗", choices=(Choice("y:1", "对"), Choice("n:1", "改")), link=Link("进度", "https://l/c"))
    result = await sender.send("501", message)
    row = telegram.ledger.of("501")[0]
    assert (result.outcome, result.vendor_id) == (Outcome.SENT, str(row.detail["message_id"]))
    assert row.text == "对吗"
    assert row.detail["buttons"] == [("对", "y:1"), ("改", "n:1"), ("进度", "https://l/c")]


async def test_markup_of_people_stays_text(sender: TelegramSender, telegram: TelegramServer) -> None:
    await sender.send("501", Outgoing("<b>x</b> *y* _z_ [a](http://b)"))
    assert telegram.ledger.texts("501") == ["<b>x</b> *y* _z_ [a](http://b)"]


async def test_a_link_that_cannot_be_a_button_is_text(sender: TelegramSender, telegram: TelegramServer) -> None:
    await sender.send("501", Outgoing("看", link=Link("进度", "http://127.0.0.1:8000/c/x")))
    assert telegram.ledger.texts("501") == ["看\n进度\nhttp://127.0.0.1:8000/c/x"]


async def test_a_photo_carries_the_text_as_caption_and_the_pin_follows(
    sender: TelegramSender, telegram: TelegramServer
) -> None:
    photo = Media("photo", data=b"\xff\xd8jpeg", name="a.jpg")
    await sender.send("501", Outgoing("现场", media=(photo,), pin=Pin(30.6, 104.1)))
    assert [(row.route, row.text) for row in telegram.ledger.of("501")] == [
        ("photo", "现场"),
        ("location", "30.6,104.1"),
    ]
    assert b"\xff\xd8jpeg" in telegram.files.values()


async def test_an_extra_that_fails_does_not_repeat_the_text(sender: TelegramSender, telegram: TelegramServer) -> None:
    telegram.faults.add("sendLocation", Fault(status=500, body={"ok": False, "error_code": 500, "description": "x"}))
    result = await sender.send("501", Outgoing("去这里", pin=Pin(30.6, 104.1)))
    assert result.outcome is Outcome.SENT
    assert "extra was not sent" in result.reason
    assert telegram.ledger.texts("501") == ["去这里"]


async def test_an_edit_changes_the_message_twice_the_same_is_fine_and_a_lost_one_is_said_anew(
    sender: TelegramSender, telegram: TelegramServer
) -> None:
    sent = await sender.send("501", Outgoing("新任务", choices=(Choice("a", "签收"),)))
    for _ in range(2):
        edited = await sender.send("501", Outgoing("已签收", replaces=sent.vendor_id))
        assert (edited.outcome, edited.vendor_id) == (Outcome.SENT, sent.vendor_id)
    anew = await sender.send("501", Outgoing("已签收", replaces="999999"))
    assert anew.vendor_id not in ("", sent.vendor_id)
    assert [(row.route, row.text) for row in telegram.ledger.of("501")] == [
        ("message", "新任务"),
        ("edit", "已签收"),
        ("message", "已签收"),
    ]


async def test_a_text_of_any_length_arrives_cut(sender: TelegramSender, telegram: TelegramServer) -> None:
    assert (await sender.send("501", Outgoing("😀" * 5_000))).outcome is Outcome.SENT
    assert telegram.ledger.texts("501")[0].endswith("😀…")


async def test_flood_control_is_obeyed_to_the_second(sender: TelegramSender, telegram: TelegramServer) -> None:
    telegram.flood_per_minute = 1
    await sender.send("501", Outgoing("一"))
    result = await sender.send("501", Outgoing("二"))
    assert (result.outcome, result.retry_after) == (Outcome.RETRY, 61.0)
    telegram.clock.advance(seconds=result.retry_after)
    assert (await sender.send("501", Outgoing("二"))).outcome is Outcome.SENT


@pytest.mark.parametrize("chat", ["999", "-5"])
async def test_a_chat_that_does_not_exist_is_unreachable(sender: TelegramSender, chat: str) -> None:
    assert (await sender.send(chat, Outgoing("x"))).outcome is Outcome.UNREACHABLE


async def test_a_moved_group_is_followed_and_named(sender: TelegramSender, telegram: TelegramServer) -> None:
    TelegramPerson(502, telegram, group=-100999)
    telegram.migrated[-77] = -100999
    result = await sender.send("-77", Outgoing("x"))
    assert (result.outcome, result.reason) == (Outcome.SENT, "migrated: -100999")


async def test_a_lost_answer_is_marked_because_it_may_have_arrived(
    sender: TelegramSender, telegram: TelegramServer
) -> None:
    telegram.faults.add("sendMessage", Fault(status=502, after=True))
    result = await sender.send("501", Outgoing("x"))
    assert result.outcome is Outcome.RETRY
    assert result.reason.startswith("uncertain:")
    assert telegram.ledger.texts("501") == ["x"]


async def test_our_own_mistakes_are_dead_letters(sender: TelegramSender) -> None:
    assert (await sender.send("501", Outgoing("x", choices=(Choice("字" * 22, "长"),)))).outcome is Outcome.BUG
    assert (await sender.send("501", Outgoing(""))).outcome is Outcome.BUG
    assert (await sender.send("someone", Outgoing("x"))).outcome is Outcome.BUG


async def test_files_come_down_within_the_limit(bot: Bot, telegram: TelegramServer) -> None:
    file_id = telegram.put_file(b"p" * 100_000)
    assert await download(bot, file_id) == b"p" * 100_000
    with pytest.raises(MediaTooLarge):
        await download(bot, file_id, cap=99_999)
    with pytest.raises(MediaUnavailable):
        await download(bot, "gone")
    with pytest.raises(MediaTooLarge):
        await download(bot, telegram.put_file(b"p" * (20 * 1024 * 1024 + 1)))


async def test_a_failed_download_never_tells_the_token(bot: Bot, telegram: TelegramServer) -> None:
    file_id = telegram.put_file(b"p")
    telegram.faults.add("file", Fault(status=500))
    with pytest.raises(VendorUnavailable) as broken:
        await download(bot, file_id)
    assert telegram.token not in repr(broken.value) + str(broken.value)
    assert broken.value.__suppress_context__


def test_a_malformed_token_stops_the_channel_at_start() -> None:
    with pytest.raises(ChannelMisconfigured):
        build_bot("not a token")


async def test_polling_brings_updates_once_and_a_webhook_ends_it(bot: Bot, telegram: TelegramServer) -> None:
    assert (await bot.me()).is_bot
    person = TelegramPerson(501, telegram)
    await person.say("你好")
    await person.place(30.6, 104.1)
    updates = await bot.get_updates(timeout=1)
    assert [isinstance(update, Update) for update in updates] == [True, True]
    assert await bot.get_updates(offset=updates[-1].update_id + 1, timeout=0) == []
    await bot.set_webhook("https://linli/telegram", secret_token="s" * 20)
    assert telegram.webhook["secret"] == "s" * 20


async def test_a_press_is_acknowledged_and_its_button_found(
    sender: TelegramSender, bot: Bot, telegram: TelegramServer
) -> None:
    await sender.send("501", Outgoing("新任务", choices=(Choice("a:1", "签收"),)))
    person = TelegramPerson(501, telegram)
    await person.press("a:1")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "a:1"
    assert await sender.acknowledge(update.callback_query.id, "已签收")
    assert telegram.answered == [{"id": update.callback_query.id, "text": "已签收"}]
