"""Our own client of the official account: tokens fetched rarely and never in a loop, files capped, secrets unlogged."""

import asyncio
import logging

import httpx
import pytest

from bot.channels.refusals import MediaTooLarge, MediaUnavailable
from bot.channels.vendor_http import VendorUnavailable, hide_request_lines, vendor_client
from bot.channels.wechat.client import OAuthCodeRefused, WeChatClient
from bot.channels.wechat.errors import POLICY, ApiRefused, Handling, TokenRefused, handling_of, result_of
from bot.messages import Outcome
from tests.bot.channels.conftest import NOW
from tests.servers.running import Fault
from tests.servers.stores import MemoryTokenStore
from tests.servers.wechat import WeChatServer
from tests.servers.wired import wechat_client

SEND = "/cgi-bin/message/custom/send"
TOKEN = "/cgi-bin/stable_token"
KEY = "wechat:wx0linli"


@pytest.fixture
def store() -> MemoryTokenStore:
    return MemoryTokenStore()


@pytest.fixture
def client(wechat: WeChatServer, store: MemoryTokenStore) -> WeChatClient:
    wechat.follow("o-1")
    wechat.windows.wrote("o-1")
    return wechat_client(wechat, store)


# -- tokens -------------------------------------------------------------------------------------------------------
async def test_a_hundred_waiting_calls_cause_one_token_fetch(client: WeChatClient, wechat: WeChatServer) -> None:
    await asyncio.gather(*(client.follower("o-1") for _ in range(100)))
    assert wechat.calls[TOKEN] == 1


async def test_a_token_serves_until_shortly_before_its_end(client: WeChatClient, wechat: WeChatServer) -> None:
    await client.follower("o-1")
    wechat.clock.advance(seconds=6_000)
    await client.follower("o-1")
    assert wechat.calls[TOKEN] == 1
    wechat.clock.advance(seconds=1_000)
    await client.follower("o-1")
    assert wechat.calls[TOKEN] == 2


async def test_a_revoked_token_is_renewed_once_and_the_message_arrives(
    client: WeChatClient, wechat: WeChatServer
) -> None:
    await client.send_text("o-1", "一")
    wechat.tokens.revoke()
    await client.send_text("o-1", "二")
    assert wechat.ledger.texts("o-1") == ["一", "二"]


async def test_a_token_renewed_by_another_process_is_taken_over_without_a_fetch(
    client: WeChatClient, wechat: WeChatServer, store: MemoryTokenStore
) -> None:
    await client.send_text("o-1", "一")
    other = wechat_client(wechat, store)
    wechat.tokens.revoke()
    await asyncio.gather(client.send_text("o-1", "二"), other.send_text("o-1", "三"))
    assert wechat.calls[TOKEN] <= 3
    assert sorted(wechat.ledger.texts("o-1")) == ["一", "三", "二"]


async def test_a_token_always_refused_costs_two_fetches_per_half_minute_and_twenty_forced_a_day(
    client: WeChatClient, wechat: WeChatServer
) -> None:
    await client.follower("o-1")
    wechat.tokens.refuse_all = True
    before = wechat.calls[TOKEN]
    for _ in range(50):
        with pytest.raises(TokenRefused):
            await client.send_text("o-1", "x")
    assert wechat.calls[TOKEN] - before <= 2
    for _ in range(60):
        wechat.clock.advance(seconds=31)
        with pytest.raises((TokenRefused, ApiRefused)):
            await client.send_text("o-1", "x")
    assert wechat.tokens.forced_in_all <= 20
    wechat.tokens.refuse_all = False
    wechat.clock.advance(seconds=31)
    await client.send_text("o-1", "recovered")
    assert wechat.ledger.texts("o-1") == ["recovered"]


async def test_a_wrong_secret_is_asked_once_per_half_minute(wechat: WeChatServer) -> None:
    client = wechat_client(wechat)
    wechat.app_secret = "changed"
    for _ in range(20):
        with pytest.raises(ApiRefused) as refused:
            await client.send_text("o-1", "x")
    assert refused.value.handling is Handling.STOP
    assert wechat.calls[TOKEN] == 1


# -- the policy -----------------------------------------------------------------------------------------------------
EXPECTED = {
    Outcome.RETRY: (-1, 45011),
    Outcome.CHANNEL_DOWN: (40001, 40014, 42001, 45009, 40164, 40125, 48001, 48004, 50002),
    Outcome.OTHER_ROUTE: (43117, 45015, 45047, 43101),
    Outcome.UNREACHABLE: (43004, 43019, 48002, 40003),
    Outcome.BUG: (47003, 45002, 40033, 40007, 99999),
}


@pytest.mark.parametrize(("code", "outcome"), [(code, key) for key, codes in EXPECTED.items() for code in codes])
def test_every_code_has_its_outcome(code: int, outcome: Outcome) -> None:
    result = result_of(ApiRefused(code, "words", handling_of(code)), NOW)
    assert result.outcome is outcome
    assert str(code) in result.reason


def test_the_day_quota_comes_back_after_midnight_in_beijing_and_the_minute_quota_after_a_minute() -> None:
    day = result_of(ApiRefused(45009, "", POLICY[45009]), NOW)  # 10:00 in Beijing
    assert day.retry_after == 14 * 3_600 + 60
    assert result_of(ApiRefused(45011, "", POLICY[45011]), NOW).retry_after == 60


@pytest.mark.parametrize(
    ("fault", "uncertain"),
    [
        (Fault(status=502), True),
        (Fault(status=200), True),  # a page instead of JSON
        (Fault(status=302, headers={"location": "http://127.0.0.1:1/"}), False),
        (Fault(status=200, body={"errcode": "soon"}), True),
    ],
)
async def test_a_broken_answer_is_a_retry(
    client: WeChatClient, wechat: WeChatServer, fault: Fault, uncertain: bool
) -> None:
    wechat.faults.add(SEND, fault)
    with pytest.raises(VendorUnavailable) as broken:
        await client.send_text("o-1", "x")
    assert broken.value.uncertain is uncertain
    assert result_of(broken.value, NOW).outcome is Outcome.RETRY


async def test_a_silent_vendor_is_given_up_at_the_deadline(client: WeChatClient, wechat: WeChatServer) -> None:
    await client.follower("o-1")
    client._http._deadline = 0.05
    wechat.faults.add(SEND, Fault(delay=0.3))
    with pytest.raises(VendorUnavailable) as silent:
        await client.send_text("o-1", "x")
    assert silent.value.uncertain


async def test_a_dead_vendor_is_a_certain_failure(store: MemoryTokenStore) -> None:
    client = WeChatClient(vendor_client(), app_id="a", app_secret="s", base="http://127.0.0.1:9", tokens=store)
    with pytest.raises(VendorUnavailable) as dead:
        await client.send_text("o-1", "x")
    assert not dead.value.uncertain


# -- the calls ------------------------------------------------------------------------------------------------------
async def test_chinese_arrives_as_written(client: WeChatClient, wechat: WeChatServer) -> None:
    await client.send_text("o-1", '您的"低保"已办好😀')
    assert wechat.ledger.texts("o-1") == ['您的"低保"已办好😀']


async def test_menu_and_scenes(client: WeChatClient, wechat: WeChatServer) -> None:
    await client.create_menu({"button": [{"type": "click", "name": "我要反映", "key": "menu:report"}]})
    assert wechat.menu is not None
    scene = await client.create_scene("grid-0412")
    assert wechat.scenes[scene.ticket] == "grid-0412"
    assert scene.ticket in scene.picture_url
    with pytest.raises(ApiRefused):
        await client.create_scene("x" * 65)


async def test_whether_a_person_follows(client: WeChatClient, wechat: WeChatServer) -> None:
    assert (await client.follower("o-1")).follows
    wechat.unfollow("o-1")
    assert not (await client.follower("o-1")).follows


async def test_photos_come_down_and_go_up(client: WeChatClient, wechat: WeChatServer) -> None:
    photo = b"\xff\xd8" + b"p" * 5_000
    assert await client.download_media(wechat.put_media(photo, "image/jpeg")) == (photo, "image/jpeg")
    media_id = await client.upload_image(photo)
    assert wechat.media[media_id].data == photo
    video = wechat.put_media(b"v" * 10, "video/mp4")
    assert await client.download_media(video) == (b"v" * 10, "video/mp4")


async def test_media_is_gone_after_three_days_and_never_larger_than_the_cap(
    client: WeChatClient, wechat: WeChatServer
) -> None:
    media_id = wechat.put_media(b"x" * 1_000, "image/jpeg")
    with pytest.raises(MediaTooLarge):
        await client.download_media(media_id, cap=999)
    wechat.clock.advance(days=3)
    with pytest.raises(MediaUnavailable):
        await client.download_media(media_id)


@pytest.mark.parametrize("url", ["http://169.254.169.254/x", "http://evilqq.com/x", "file:///etc/passwd", ""])
async def test_a_video_address_elsewhere_is_not_followed(client: WeChatClient, wechat: WeChatServer, url: str) -> None:
    wechat.faults.add("/cgi-bin/media/get", Fault(body={"video_url": url}))
    with pytest.raises(MediaUnavailable):
        await client.download_media("m")


async def test_a_sign_in_code_works_once(client: WeChatClient, wechat: WeChatServer) -> None:
    code = wechat.sign_in_code("o-1")
    assert await client.openid_of_code(code) == "o-1"
    for spent in (code, "made-up"):
        with pytest.raises(OAuthCodeRefused):
            await client.openid_of_code(spent)
    assert "state=s%26t" in client.sign_in_url("https://linli/c", "s&t")


async def test_no_log_line_and_no_error_holds_a_token_or_a_secret(
    client: WeChatClient, wechat: WeChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    hide_request_lines()
    caplog.set_level(logging.INFO, "linli")
    await client.send_text("o-1", "x")
    wechat.faults.add(SEND, Fault(status=500))
    with pytest.raises(VendorUnavailable) as broken:
        await client.send_text("o-1", "x")
    seen = caplog.text + repr(broken.value) + str(broken.value.__context__)
    assert wechat.tokens.value not in seen
    assert wechat.app_secret not in seen


async def test_redirects_are_never_followed() -> None:
    assert vendor_client().follow_redirects is False
    assert isinstance(vendor_client().timeout, httpx.Timeout)
