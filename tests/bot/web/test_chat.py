"""The web chat: what is acknowledged is stored, what is laid down arrives, and strangers see nothing."""

import asyncio
import json
from collections.abc import Callable

import httpx
from sqlmodel import col, select

from backend.intake.models import InboxMessage
from backend.notices.letters import Choice, Link, Outgoing
from backend.people.models import SecurityEvent
from bot.messages import Incoming, Said
from bot.wire import from_json
from tests.bot.web.conftest import WebChat


async def stored(web: WebChat) -> list[Incoming]:
    async with web.office.database.read() as session:
        rows = (await session.exec(select(InboxMessage).order_by(col(InboxMessage.id)))).all()
    return [from_json(web.office.vault.open_office(row.body_sealed).reveal()) for row in rows]


async def chat_id(web: WebChat, browser: httpx.AsyncClient) -> str:
    """The chat id inside this browser's cookie."""
    return browser.cookies["linli-chat"].rsplit(".", 1)[0]


async def test_a_message_is_stored_before_it_is_acknowledged(web: WebChat) -> None:
    answer = await web.browser().post("/chat/messages", json={"id": "m1", "text": "路灯坏了"})
    assert answer.status_code == 200
    assert [(one.kind, one.text) for one in await stored(web)] == [(Said.TEXT, "路灯坏了")]


async def test_the_same_message_four_times_is_stored_once_and_raises_no_alarm(web: WebChat) -> None:
    browser = web.browser()
    await browser.get("/chat")
    answers = await asyncio.gather(
        *(browser.post("/chat/messages", json={"id": "m1", "text": "路灯坏了"}) for _ in range(4))
    )
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sum(answer.json()["repeated"] for answer in answers) == 3
    assert len(await stored(web)) == 1
    async with web.office.database.read() as session:
        assert (await session.exec(select(SecurityEvent))).all() == []


async def test_choice_pin_and_scan_are_translated(web: WebChat) -> None:
    browser = web.browser()
    for body in ({"choice": "yes"}, {"pin": {"lat": 30.005, "lon": 120.004}}, {"scan": "99010100101"}):
        assert (await browser.post("/chat/messages", json=body)).status_code == 200
    choice, pin, scan = await stored(web)
    assert (choice.kind, choice.choice) == (Said.CHOICE, "yes")
    assert pin.pin is not None
    assert (pin.pin.lat, pin.pin.lon, pin.pin.system) == (30.005, 120.004, "wgs84")
    assert (scan.kind, scan.choice) == (Said.SCAN, "99010100101")


async def test_an_album_and_its_words_come_as_one_form(web: WebChat, photo: Callable[..., bytes]) -> None:
    files = [("photo", (f"{n}.jpg", photo(40 + n), "image/jpeg")) for n in range(3)]
    answer = await web.browser().post("/chat/messages", data={"id": "a1", "text": "垃圾没人收"}, files=files)
    assert answer.status_code == 200
    said = await stored(web)
    assert [one.kind for one in said] == [Said.PHOTO, Said.PHOTO, Said.PHOTO, Said.TEXT]
    assert len({one.album for one in said[:3]}) == 1
    for one in said[:3]:
        assert (web.office.media_folder / "incoming" / one.media[0].vendor_id).is_file()


async def test_a_form_without_javascript_goes_back_to_the_talk(web: WebChat) -> None:
    browser = web.browser()
    await browser.get("/chat")
    web.clock.turn(1)

    async def answer_comes() -> None:
        await asyncio.sleep(0)
        await web.lay(await chat_id(web, browser), Outgoing("收到", idempotency_key="n1"))

    posted, _ = await asyncio.gather(
        browser.post("/chat/messages", data={"text": "你好"}, headers={"accept": "text/html"}), answer_comes()
    )
    assert posted.status_code == 303
    assert posted.headers["location"] == "/chat#end"


async def test_two_browsers_never_share_a_chat(web: WebChat) -> None:
    for text in ("甲", "乙"):
        await web.browser().post("/chat/messages", json={"id": "same", "text": text})
    first, second = await stored(web)
    assert first.ref.chat != second.ref.chat
    assert len(first.ref.chat) == 22  # 128 bits


async def test_letters_arrive_in_order_and_resume_after_the_last_seen(web: WebChat) -> None:
    browser = web.browser()
    await browser.get("/chat")
    chat = await chat_id(web, browser)
    link = Link("查看进展", "http://127.0.0.1:8000/c/abc")
    await web.lay(chat, Outgoing("第一", choices=(Choice("yes", "对"),), link=link, idempotency_key="n1"))
    stream = web.door.streams.letters(chat, 0)
    opened, first = await anext(stream), await anext(stream)
    assert opened.event == "open"
    letter = json.loads(str(first.data))
    assert (letter["text"], letter["choices"]) == ("第一", [{"id": "yes", "label": "对"}])
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)
    await web.lay(chat, Outgoing("第二", idempotency_key="n2"))
    second = await asyncio.wait_for(waiting, 5)
    assert json.loads(str(second.data))["text"] == "第二"
    await stream.aclose()  # type: ignore[attr-defined]

    resumed = web.door.streams.letters(chat, int(str(first.id)))
    await anext(resumed)
    assert json.loads(str((await anext(resumed)).data))["text"] == "第二"
    await resumed.aclose()  # type: ignore[attr-defined]


async def test_the_stream_ends_when_the_house_closes(web: WebChat) -> None:
    browser = web.browser()
    await browser.get("/chat")
    chat = await chat_id(web, browser)
    await web.lay(chat, Outgoing("您好", idempotency_key="n1"))

    async def close_soon() -> None:
        await asyncio.sleep(0.05)
        web.door.close()

    answer, _ = await asyncio.gather(browser.get("/chat/stream", headers={"Last-Event-ID": "0"}), close_soon())
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "您好" in answer.text
    assert "id: 1" in answer.text


async def test_nobody_reads_another_ones_letters(web: WebChat) -> None:
    browser = web.browser()
    await browser.get("/chat")
    await web.lay(await chat_id(web, browser), Outgoing("只给甲", idempotency_key="n1"))
    stranger = web.browser()
    assert "只给甲" not in (await stranger.get("/chat")).text
    forged = web.browser()
    forged.cookies.set("linli-chat", (await chat_id(web, browser)) + ".forged")
    assert "只给甲" not in (await forged.get("/chat")).text


async def test_seen_letters_are_marked(web: WebChat) -> None:
    browser = web.browser()
    await browser.get("/chat")
    chat = await chat_id(web, browser)
    await web.lay(chat, Outgoing("一", idempotency_key="n1"))
    assert (await browser.post("/chat/seen", json={"up_to": 1})).status_code == 204
    async with web.office.database.read() as session:
        assert await web.mailbox.seen_up_to(session, chat) == 1
