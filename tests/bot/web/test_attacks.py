"""Attacks on the web chat: each is refused in words, nothing is stored, and nobody else is hurt."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from sqlmodel import select

from backend.intake.models import InboxMessage
from backend.notices.letters import Choice, Link, Outgoing
from bot.channels.web.app import PERSON_BURST, WebDoor
from tests.bot.web.conftest import KEY, WebChat
from tests.bot.web.test_chat import chat_id, stored


async def rows(web: WebChat) -> int:
    async with web.office.database.read() as session:
        return len((await session.exec(select(InboxMessage.id))).all())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"text":"a","text":"b"}', 400),  # A9 duplicate keys
        (b'{"pin":{"lat":NaN,"lon":1}}', 400),
        (b'{"pin":{"lat":1e999,"lon":1}}', 422),
        (b'{"pin":{"lat":9223372036854775808,"lon":1}}', 422),
        (b'{"pin":{"lat":true,"lon":1}}', 422),
        (b'{"pin":[1,2]}', 422),
        (b'{"text":7}', 422),
        (b'{"text":null}', 422),
        (b'{"text":"  \\u0000 "}', 422),
        (b'{"text":"a","role":"admin"}', 422),  # A27
        (b'{"text":"a","choice":"b"}', 422),
        (b'{"choice":"' + b"x" * 65 + b'"}', 422),
        (b'{"id":"../../etc","text":"a"}', 422),
        (b"[1]", 400),
        (b"\xff\xfe", 400),
        (b"[" * 60_000, 413),
        (b'{"text":"' + b"a" * 70_000 + b'"}', 413),
    ],
)
async def test_a_crooked_body_is_refused_and_stores_nothing(web: WebChat, body: bytes, status: int) -> None:
    answer = await web.browser().post("/chat/messages", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["sentence"]
    assert await rows(web) == 0


async def test_lone_surrogates_and_control_characters_are_cleaned(web: WebChat) -> None:
    answer = await web.browser().post(
        "/chat/messages",
        content=b'{"text":"a\\ud800\\u0000\\u001b[31mb"}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 200
    (said,) = await stored(web)
    assert "\x1b" not in said.text
    assert "\x00" not in said.text
    assert said.text.encode("utf-8")


async def test_a_letter_over_4000_characters_is_kept_whole_with_a_kind_sentence(web: WebChat) -> None:
    answer = await web.browser().post("/chat/messages", json={"text": "长" * 5000})
    assert answer.status_code == 200
    assert answer.json()["note"]
    (said,) = await stored(web)
    assert len(said.text) == 5000


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8001", "file://"])
async def test_a_form_from_another_site_is_refused(web: WebChat, origin: str) -> None:
    answer = await web.browser().post("/chat/messages", json={"text": "a"}, headers={"origin": origin})
    assert answer.status_code == 403
    assert await rows(web) == 0


async def test_our_own_origin_passes(web: WebChat) -> None:
    headers = {"origin": "http://127.0.0.1:8000"}
    assert (await web.browser().post("/chat/messages", json={"text": "a"}, headers=headers)).status_code == 200


async def test_one_person_in_a_hurry_is_slowed_and_the_others_are_not(web: WebChat) -> None:
    flooder = web.browser()
    await flooder.get("/chat")
    codes = [(await flooder.post("/chat/seen", json={"up_to": 1})).status_code for _ in range(PERSON_BURST + 20)]
    assert codes.count(429) == 20
    refused = await flooder.post("/chat/messages", json={"text": "a"})
    assert refused.headers["retry-after"]
    assert (await web.browser().post("/chat/messages", json={"text": "别人"})).status_code == 200
    web.clock.turn(10)
    assert (await flooder.post("/chat/messages", json={"text": "慢一点"})).status_code == 200


async def test_dropping_the_cookie_does_not_escape_the_limit(web: WebChat) -> None:
    codes = []
    for _ in range(310):
        fresh = web.browser(address="10.0.0.9")
        codes.append((await fresh.post("/chat/messages", content=b"")).status_code)
    assert codes[-1] == 429
    assert (await web.browser(address="10.0.0.10").post("/chat/messages", json={"text": "a"})).status_code == 200


async def test_what_is_no_photo_is_refused(web: WebChat) -> None:
    for data in (b"<svg onload=alert(1)>", b"GIF89a<script>", b"%PDF-1.7", b"\x00\x00\x00\x18ftypmp42"):
        answer = await web.browser().post("/chat/messages", files={"photo": ("x.jpg", data, "image/jpeg")})
        assert answer.status_code == 415
    assert await rows(web) == 0


async def test_a_pixel_bomb_is_refused_before_it_is_decoded(web: WebChat) -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    answer = await web.browser().post("/chat/messages", files={"photo": ("x.png", out.getvalue(), "image/png")})
    assert answer.status_code == 413


async def test_a_file_name_never_reaches_the_disk(web: WebChat, photo: Callable[..., bytes]) -> None:
    files = {"photo": ("../../../evil.jpg", photo(), "image/jpeg")}
    assert (await web.browser().post("/chat/messages", files=files)).status_code == 200
    names = [path.name for path in (web.office.media_folder / "incoming").iterdir()]
    assert names
    assert all(name.isalnum() for name in names)


async def test_script_in_a_letter_stays_text_and_a_strange_link_goes_nowhere(web: WebChat) -> None:
    browser = web.browser()
    await browser.post("/chat/preferences", data={"language": "zh_CN"})
    letter = Outgoing(
        "<script>alert(1)</script>",
        choices=(Choice('"><img src=x onerror=alert(1)>', "<b>"),),
        link=Link("x", "javascript:alert(1)"),
        idempotency_key="n1",
    )
    await web.lay(await chat_id(web, browser), letter)
    page = await browser.get("/chat")
    assert "&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "javascript:" not in page.text
    assert "<img src=x" not in page.text


async def test_the_page_carries_a_strict_policy_and_is_small(web: WebChat) -> None:
    browser = web.browser()
    page = await browser.get("/chat")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "onclick" not in page.text
    size = len(page.content)
    for part in page.text.split('"'):
        if part.startswith("/assets/"):
            served = await browser.get(part)
            assert served.status_code == 200
            assert "immutable" in served.headers["cache-control"]
            size += len(served.content)  # before compression
    assert size < 60_000


async def test_the_cookie_is_hidden_from_scripts_and_travels_only_where_it_must(web: WebChat) -> None:
    plain = (await web.browser().get("/chat")).headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    secure = (await web.browser("https://linli.example").get("/chat")).headers["set-cookie"]
    assert secure.startswith("__Host-")
    assert "Secure" in secure
    office, mailbox, reception = web.office, web.mailbox, web.reception
    web.door = WebDoor(office, reception, mailbox, KEY, web.clock, frame_ancestors=("https://gov.example",))
    framed = await web.browser("https://linli.example").get("/chat?embed=1")
    assert "SameSite=none" in framed.headers["set-cookie"]
    assert "Partitioned" in framed.headers["set-cookie"]
    assert "frame-ancestors 'self' https://gov.example" in framed.headers["content-security-policy"]
    assert (await web.browser().get("/chat/embed.js")).status_code == 200


async def test_a_refused_form_keeps_what_was_typed(web: WebChat) -> None:
    files = {"photo": ("x.jpg", b"not a photo", "image/jpeg")}
    answer = await web.browser().post(
        "/chat/messages", data={"text": "楼道灯坏了三天"}, files=files, headers={"accept": "text/html"}
    )
    assert answer.status_code == 415
    assert "楼道灯坏了三天" in answer.text
