"""A17–A23: hostile files and addresses, through the chat page, the panel and the vendors' media."""

import asyncio
import io
import struct
import time
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlmodel import col, select

from backend.api import bodies
from backend.cases.models import Attachment
from backend.cases.photos import MAX_BYTES, NotAPhoto, PhotoTooBig, store_photo, store_voice
from backend.pages import forms
from bot.channels.refusals import MediaTooLarge, MediaUnavailable
from bot.messages import Channel, Media
from nlu.errors import LinliError
from tests.attacks.stand import Stand
from tests.backend.admin.building import file_lamp

pytestmark = pytest.mark.asyncio(loop_scope="session")
SCRIPT = b"<script>alert(document.domain)</script><?php system($_GET[0]); ?>"


def jpeg(*, gps: bool = False, size: tuple[int, int] = (60, 40)) -> bytes:
    """A photo, with a place and a maker in its EXIF when asked for."""
    picture = Image.new("RGB", size, (200, 120, 40))
    exif = Image.Exif()
    if gps:
        exif[0x010F] = "MakerOfTheCamera"
        exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 16.0, 2.5), 3: "E", 4: (120.0, 9.0, 1.5)})
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"a comment with 13812345678")
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG file whose head claims a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def files_in(folder: Path) -> list[Path]:
    """Everything stored below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def polyglots() -> list[bytes]:
    """Photos that are something else too."""
    gif = io.BytesIO()
    Image.new("P", (8, 8)).save(gif, "GIF", comment=SCRIPT)
    return [
        jpeg() + SCRIPT,
        jpeg() + b"PK\x03\x04" + SCRIPT,
        gif.getvalue() + SCRIPT,
        jpeg(gps=True)[:-2] + SCRIPT + b"\xff\xd9",
    ]


@pytest.mark.parametrize("place", range(4))
async def test_a17_a_polyglot_is_encoded_anew_and_nothing_else_is_left_of_it(tmp_path: Path, place: int) -> None:
    stored = store_photo(tmp_path, polyglots()[place])
    kept = (tmp_path / stored.path).read_bytes()
    assert kept.startswith(b"\xff\xd8")
    for rest in (SCRIPT[:20], b"PK\x03\x04", b"php"):
        assert rest not in kept
    assert stored.mime == "image/jpeg"


async def test_a17_a_stored_photo_is_served_with_its_type_and_never_sniffed(stand: Stand) -> None:
    case = await file_lamp(stand.office, stand.clock())
    browser = await stand.browser("dispatcher")
    page = await browser.get(f"/cases/{case.number}")
    assert page.status_code == 200
    fields = {"csrftoken": browser.csrf, "version": str(case.version), "text": "照片"}
    answer = await browser.client.post(
        f"/admin/cases/{case.number}/moves/done",
        data={**fields, "result": "修好了"},
        files={"photo": ("x.svg.html", jpeg() + SCRIPT, "text/html")},
    )
    assert answer.status_code in (303, 403, 409, 422)
    async with stand.office.database.write() as session:
        stored = store_photo(stand.office.media_folder, jpeg() + SCRIPT)
        session.add(
            Attachment(district_code="990100", case_id=case.id, kind="before", path=stored.path, mime=stored.mime,
                       size=stored.size, sha256=stored.sha256, created_at=stand.clock())
        )  # fmt: skip
    async with stand.office.database.read() as session:
        media = (await session.exec(select(Attachment.id).order_by(col(Attachment.id).desc()))).first()
    served = await browser.get(f"/media/{media}")
    assert served.status_code == 200
    assert served.headers["content-type"] == "image/jpeg"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert SCRIPT not in served.content


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (7_000, 7_000), (2**31 - 1, 1), (40_000_001, 1)])
async def test_a18_a_pixel_bomb_is_refused_before_it_is_decoded(
    stand: Stand, tmp_path: Path, width: int, height: int
) -> None:
    bomb = png_claiming(width, height)
    started = time.process_time()
    with pytest.raises((PhotoTooBig, NotAPhoto)):
        store_photo(tmp_path, bomb)
    assert time.process_time() - started < 1.0
    assert not files_in(tmp_path)
    answer = await stand.client("10.2.0.1").post("/chat/messages", files={"photo": ("x.png", bomb, "image/png")})
    assert answer.status_code in (413, 415)


async def test_a18_a_file_of_more_than_twenty_megabytes_is_413(tmp_path: Path) -> None:
    with pytest.raises(PhotoTooBig):
        store_photo(tmp_path, jpeg() + b"\0" * MAX_BYTES)
    with pytest.raises(PhotoTooBig):
        store_voice(tmp_path, b"\0" * (MAX_BYTES + 1), "audio/amr")


async def test_a19_the_published_copy_knows_no_place_no_maker_and_no_comment(tmp_path: Path) -> None:
    assert b"MakerOfTheCamera" in jpeg(gps=True)
    stored = store_photo(tmp_path, jpeg(gps=True))
    kept = (tmp_path / stored.path).read_bytes()
    with Image.open(io.BytesIO(kept)) as picture:
        assert not picture.getexif()
        assert "comment" not in picture.info
    for trace in (b"MakerOfTheCamera", b"Exif", b"13812345678", b"GPS"):
        assert trace not in kept


NAMES = (
    "../../../../etc/passwd",
    "..\\..\\x.jpg",
    "/etc/passwd",
    "x.jpg\x00.html",
    "CON.jpg",
    "a" * 300 + ".jpg",
    ".htaccess",
)


@pytest.mark.parametrize("name", NAMES)
async def test_a20_a_senders_file_name_is_never_used(stand: Stand, name: str) -> None:
    client = stand.client("10.2.0.2")
    answer = await client.post("/chat/messages", files={"photo": (name.replace("\x00", "%00"), jpeg(), "image/jpeg")})
    assert answer.status_code == 200
    stand.pass_by(2)
    await stand.work()
    folder = stand.office.media_folder.resolve()
    for path in folder.rglob("*"):
        assert path.resolve().is_relative_to(folder)
        assert path.name.replace(".jpg", "").replace(".part", "").isalnum(), path.name
    assert not (folder.parent / "passwd").exists()


@pytest.mark.parametrize("wanted", ["../../linli.db", "..%2f..%2flinli.db", "/etc/passwd", "../linli.db"])
async def test_a20_a_stored_name_that_leads_outside_is_not_served_nor_fetched(stand: Stand, wanted: str) -> None:
    case = await file_lamp(stand.office, stand.clock())
    async with stand.office.database.write() as session:
        row = Attachment(district_code="990100", case_id=case.id, kind="before", path=wanted, mime="image/jpeg",
                         size=1, sha256="0" * 64, created_at=stand.clock())  # fmt: skip
        session.add(row)
        await session.flush()
        media = row.id
    assert (await (await stand.browser("dispatcher")).get(f"/media/{media}")).status_code == 404
    source = stand.house.channels.sources[Channel.WEB]
    with pytest.raises((FileNotFoundError, IsADirectoryError, MediaUnavailable, OSError)):
        await source.fetch(Media("photo", vendor_id=wanted))


WRONG = (
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    b"<html><script>1</script>",
    b"%PDF-1.7",
    b"MZ" + b"\0" * 99,
    b"\x00\x00\x00\x18ftypmp42",
    b"PK\x03\x04",
    b"GIF89a<script>",
    b"\xff\xd8\xff\xe0",
    b"",
    b"8BPS\0\x01",
    b"%!PS-Adobe-3.0",
)


@pytest.mark.parametrize("place", range(len(WRONG)))
async def test_a21_what_is_no_photo_is_415_and_leaves_nothing(tmp_path: Path, place: int) -> None:
    with pytest.raises(NotAPhoto):
        store_photo(tmp_path, WRONG[place])
    with pytest.raises(NotAPhoto):
        store_voice(tmp_path, WRONG[place], "text/html")
    assert not files_in(tmp_path)


PRIVATE = ("http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:8000/admin", "http://[::1]/", "file:///etc/passwd",
           "http://10.0.0.1/x.qq.com", "http://x.qq.com@127.0.0.1/", "http://127.0.0.1#.qq.com", "gopher://x.qq.com/",
           "http://evilqq.com/", "http://qq.com.evil.example/")  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
async def test_a22_an_address_in_a_vendors_answer_or_a_message_is_not_followed(stand: Stand, url: str) -> None:
    stand.vendors.asked.clear()
    honest = stand.vendors.says

    def says(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cgi-bin/media/get":
            return httpx.Response(200, json={"video_url": url})
        return honest(request)

    stand.vendors.says = says
    with pytest.raises((MediaUnavailable, httpx.HTTPError)):
        await stand.house.channels.sources[Channel.WECHAT].fetch(Media("video", vendor_id="m1"))
    stand.vendors.says = honest
    number = 220_000 + PRIVATE.index(url)
    picture = (
        f"<xml><ToUserName>gh</ToUserName><FromUserName>o-22</FromUserName><CreateTime>{stand.stamp}</CreateTime>"
        f"<MsgType>image</MsgType><PicUrl><![CDATA[{url}]]></PicUrl><MediaId>m2</MediaId><MsgId>{number}</MsgId></xml>"
    )
    sent = stand.wechat.sealed_callback(picture, stand.stamp, f"n{number}")
    assert (await stand.post_wechat(sent)).status_code == 200
    stand.pass_by(5)
    await stand.work()
    assert {request.url.host for request in stand.vendors.asked} <= {"api.weixin.qq.com"}


async def test_a22_a_redirect_of_a_vendor_is_refused(stand: Stand) -> None:
    stand.vendors.asked.clear()
    honest = stand.vendors.says

    def says(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cgi-bin/media/get":
            return httpx.Response(302, headers={"location": "http://169.254.169.254/"})
        return honest(request)

    stand.vendors.says = says
    with pytest.raises(LinliError):
        await stand.house.channels.sources[Channel.WECHAT].fetch(Media("photo", vendor_id="m1"))
    stand.vendors.says = honest
    assert {request.url.host for request in stand.vendors.asked} == {"api.weixin.qq.com"}


async def test_a23_a_vendors_file_without_end_is_cut_off(stand: Stand) -> None:
    honest, given = stand.vendors.says, []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                given.append(1)
                yield b"\xff" * 1_000_000

    def says(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cgi-bin/media/get":
            return httpx.Response(200, headers={"content-type": "image/jpeg"}, stream=Endless())
        return honest(request)

    stand.vendors.says = says
    with pytest.raises(MediaTooLarge):
        await stand.house.channels.sources[Channel.WECHAT].fetch(Media("photo", vendor_id="m1"))
    stand.vendors.says = honest
    assert len(given) < 25


async def _drip() -> AsyncIterator[bytes]:
    while True:
        yield b"a"
        await asyncio.sleep(0.02)


async def test_a23_no_door_waits_for_a_body_without_end(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "DEADLINE_SECONDS", 0.05)
    monkeypatch.setattr(bodies, "SECONDS", 0.05)
    monkeypatch.setattr("backend.admin.guard.BODY_SECONDS", 0.05)
    browser = await stand.browser("dispatcher")
    json_head, form_head = {"content-type": "application/json"}, {"content-type": "application/x-www-form-urlencoded"}
    token = await stand.token("operator")
    calls = (
        ("/chat/messages", form_head, stand.client("10.2.0.3")),
        ("/api/v1/cases", {**json_head, **token}, stand.client()),
        ("/open311/v2/requests.json", form_head, stand.client()),
        ("/admin/language", form_head, browser.client),
        ("/admin/login", form_head, stand.client()),
    )
    for path, headers, client in calls:
        answer = await asyncio.wait_for(client.post(path, content=_drip(), headers=headers), 5)
        assert answer.status_code in (403, 408, 413), (path, answer.status_code)
