"""The simulated people behave as the platforms do: signed, sealed, retried, and their ledgers are true."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.callback import SECRET_HEADER, check_secret
from bot.channels.telegram.parse import parse_update, read_webhook
from bot.channels.wechat.callback import WeChatCallback
from bot.channels.wecom.callback import WeComCallback
from bot.messages import Incoming, Outgoing, Said
from tests.servers.clock import TurnableClock
from tests.servers.stores import MemoryNonceStore
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import TelegramPerson
from tests.servers.wechat import WeChatServer
from tests.servers.wechat_people import WeChatPerson
from tests.servers.wecom import WeComServer
from tests.servers.wecom_people import WeComMember
from tests.servers.wired import AES_KEY, TOKEN, wechat_seal, wechat_signer

SECRET = "s" * 32
NOW = datetime(2026, 11, 5, 2, 0, tzinfo=UTC)


@dataclass
class Doors:
    """A product of three doors that notes what came in; its first answers may be failures."""

    clock: TurnableClock
    wechat_server: WeChatServer
    wecom_server: WeComServer
    came: list[Incoming] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)

    def app(self) -> Starlette:
        paths = (("/wechat", self.wechat), ("/wecom", self.wecom), ("/telegram", self.telegram))
        return Starlette(routes=[Route(path, door, methods=["POST"]) for path, door in paths])

    async def wechat(self, request: Request) -> Response:
        callback = WeChatCallback(wechat_seal(self.wechat_server), MemoryNonceStore())
        incoming = await callback.receive(dict(request.query_params), await request.body(), self.clock())
        self.came.append(incoming)
        if self.failures:
            return Response(status_code=self.failures.pop(0))
        if incoming.extra.get("silent"):
            return Response("success")
        return Response(callback.answer(incoming, Outgoing(f"收到:{incoming.kind.value}"), self.clock()))

    async def wecom(self, request: Request) -> Response:
        seal = wechat_seal(self.wechat_server).__class__(
            token=TOKEN, encoding_aes_key=AES_KEY, receiver=self.wecom_server.corp_id
        )
        callback = WeComCallback(seal, MemoryNonceStore())
        self.came.append(await callback.receive(dict(request.query_params), await request.body(), self.clock()))
        return Response("")

    async def telegram(self, request: Request) -> Response:
        check_secret(request.headers.get(SECRET_HEADER), SECRET)
        self.came.append(parse_update(read_webhook(await request.body()), "4200", self.clock()))
        return Response(status_code=self.failures.pop(0) if self.failures else 200)


@pytest.fixture
def doors() -> Doors:
    clock = TurnableClock(NOW)
    return Doors(clock, WeChatServer(clock=clock), WeComServer(clock=clock))


@pytest.fixture
async def door(doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(doors.app()), base_url="http://product") as client:
        yield client


@pytest.fixture
def resident(doors: Doors, door: httpx.AsyncClient) -> WeChatPerson:
    return WeChatPerson("o-1", doors.wechat_server, wechat_signer(doors.wechat_server), door)


async def test_a_residents_day(doors: Doors, resident: WeChatPerson) -> None:
    await resident.follow("grid-0412")
    await resident.say("3号楼路灯不亮 ]]> 真的")
    await resident.show(b"\xff\xd8p")
    await resident.speak(b"#!AMR")
    await resident.place(30.6, 104.1, "玉林路")
    await resident.tap("y:1", "对")
    await resident.click("menu:mine")
    await resident.scan("grid-0413")
    await resident.consent("sub-ready")
    await resident.unfollow()
    kinds = [incoming.kind for incoming in doors.came]
    assert kinds == [
        Said.FOLLOW,
        Said.TEXT,
        Said.PHOTO,
        Said.VOICE,
        Said.LOCATION,
        Said.CHOICE,
        Said.CHOICE,
        Said.SCAN,
        Said.CONSENT,
        Said.UNFOLLOW,
    ]
    assert doors.came[1].text == "3号楼路灯不亮 ]]> 真的"
    assert len({incoming.external_id for incoming in doors.came}) == 10
    replies = doors.wechat_server.ledger.texts("o-1")
    assert replies == [f"收到:{kind.value}" for kind in kinds[:-1]]


async def test_the_platform_tries_three_times_with_one_message_id(doors: Doors, resident: WeChatPerson) -> None:
    doors.failures = [500, 500]
    assert await resident.say("路灯") == [500, 500, 200]
    assert len({incoming.external_id for incoming in doors.came}) == 1
    doors.failures = [500] * 3
    assert await resident.say("路灯") == [500, 500, 500]
    assert len(doors.wechat_server.ledger.of("o-1")) == 1


async def test_a_workers_click(doors: Doors, door: httpx.AsyncClient) -> None:
    signer = wechat_signer(doors.wechat_server).__class__(TOKEN, AES_KEY, doors.wecom_server.corp_id)
    worker = WeComMember("zhang", doors.wecom_server, signer, door)
    assert await worker.say("在路上") == 200
    await worker.show(b"p")
    await worker.click("n-1", "accept:1")
    assert [incoming.kind for incoming in doors.came] == [Said.TEXT, Said.PHOTO, Said.CHOICE]
    assert doors.came[2].reply_token in doors.wecom_server.codes


async def test_telegram_brings_an_update_again_until_it_is_taken(doors: Doors, door: httpx.AsyncClient) -> None:
    telegram = TelegramServer(clock=doors.clock)
    person = TelegramPerson(501, telegram, door, secret=SECRET)
    doors.failures = [500]
    assert await person.say("路灯") == 200
    await person.show(b"p", album="al")
    await person.give_number("13800001234")
    await person.edit(1, "井盖")
    await person.block()
    assert [incoming.kind for incoming in doors.came[1:]] == [
        Said.TEXT,
        Said.PHOTO,
        Said.CONTACT,
        Said.EDITED,
        Said.UNFOLLOW,
    ]
    assert doors.came[0].external_id == doors.came[1].external_id


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("name", ["wechat", "wecom", "telegram", "sms"])
def test_every_stand_in_runs_alone(name: str) -> None:
    port = _free_port()
    program = subprocess.Popen(
        [sys.executable, "-m", f"tests.servers.{name}", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                assert httpx.get(f"http://127.0.0.1:{port}/_ledger", trust_env=False).json() == []
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, "did not start"
                time.sleep(0.05)
        turned = httpx.post(f"http://127.0.0.1:{port}/_clock", json={"advance": 60}, trust_env=False)
        assert "now" in turned.json()
        fault = {"operation": "x", "faults": [None, {"status": 500}]}
        assert httpx.post(f"http://127.0.0.1:{port}/_faults", json=fault, trust_env=False).json() == {"ok": True}
    finally:
        program.terminate()
        program.wait(timeout=10)
