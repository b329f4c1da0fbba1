"""The whole house as an attacker meets it: the real web application with every channel switched on, no loops running.

`Stand.client()` is a stranger, `Stand.browser("far")` a logged-in user of the panel, `Stand.token("far")` an API token.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func
from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from backend.api.tokens import make_token
from backend.intake.models import InboxMessage
from backend.office import Office
from backend.people.models import SecurityEvent, User
from bot.main import House, open_house
from bot.settings import (
    DatabaseSettings,
    Settings,
    TelegramSettings,
    WeChatSettings,
    WeComSettings,
)
from bot.web import build_app
from tests.backend.admin.building import USERS, Browser, Clock, stored_password
from tests.office_builder import DISTRICT, SECRET, fresh_office
from tests.servers.wechat_signer import Callback, Signer
from tests.servers.wired import AES_KEY, TOKEN

APP, CORP = "wx0linli", "ww0linli"
TELEGRAM_TOKEN, TELEGRAM_SECRET = "4200:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "a-secret-of-the-webhook"
JSON = {"content-type": "application/json"}


class Vendors:
    """The vendors' addresses, all answered here: what was asked of whom, and what they say."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.says: Callable[[httpx.Request], httpx.Response] = lambda request: httpx.Response(
            200, json={"access_token": "a-vendor-token-0123456789", "expires_in": 7200, "errcode": 0}
        )

    def transport(self) -> httpx.MockTransport:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            return self.says(request)

        return httpx.MockTransport(answer)


@dataclass
class Stand:
    """One house and those who stand before it."""

    office: Office
    house: House
    app: FastAPI
    clock: Clock
    vendors: Vendors
    browsers: dict[str, Browser] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    wechat: Signer = field(default_factory=lambda: Signer(TOKEN, AES_KEY, APP))
    wecom: Signer = field(default_factory=lambda: Signer(TOKEN, AES_KEY, CORP))

    def client(self, address: str = "127.0.0.9", base: str = "http://127.0.0.1:8000") -> httpx.AsyncClient:
        """A stranger from this address; exceptions of the application are answered, not raised, as a server does."""
        transport = httpx.ASGITransport(app=self.app, client=(address, 4711), raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=base)
        self.clients.append(client)
        return client

    async def browser(self, username: str) -> Browser:
        """A browser, logged in once as this user."""
        if username not in self.browsers:
            browser = Browser(self.app)  # type: ignore[arg-type]
            assert (await browser.log_in(username)).status_code == 303
            self.browsers[username] = browser
        return self.browsers[username]

    async def token(self, username: str) -> dict[str, str]:
        """The header with an API token of this user."""
        if username not in self.tokens:
            async with self.office.database.write() as session:
                self.tokens[username] = await make_token(session, self.office, username, "test", self.clock())
        return {"authorization": f"Bearer {self.tokens[username]}"}

    @property
    def stamp(self) -> int:
        """The platform's clock, in seconds."""
        return int(self.clock().timestamp())

    def wechat_text(self, text: str = "3号楼路灯不亮", who: str = "o-1", msg: int = 1, nonce: str = "") -> Callback:
        """A text message as WeChat sends it in safe mode."""
        return self.wechat.sealed_callback(self.wechat_xml(text, who, msg), self.stamp, nonce or f"n{msg}")

    def wechat_xml(self, text: str = "3号楼路灯不亮", who: str = "o-1", msg: int = 1) -> str:
        """The message inside."""
        return (
            f"<xml><ToUserName><![CDATA[gh_linli]]></ToUserName><FromUserName><![CDATA[{who}]]></FromUserName>"
            f"<CreateTime>{self.stamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{text}]]></Content><MsgId>{24000000000000000 + msg}</MsgId></xml>"
        )

    async def post_wechat(self, sent: Callback, client: httpx.AsyncClient | None = None) -> httpx.Response:
        """The platform's call."""
        return await (client or self.client()).post("/wechat", params=sent.params, content=sent.body)

    async def post_telegram(self, body: Any, secret: str | None = TELEGRAM_SECRET) -> httpx.Response:
        """The platform's call; `body` bytes or JSON."""
        headers = {**JSON} | ({"x-telegram-bot-api-secret-token": secret} if secret is not None else {})
        if isinstance(body, bytes):
            return await self.client().post("/telegram", content=body, headers=headers)
        return await self.client().post("/telegram", json=body, headers=headers)

    async def rows(self) -> int:
        """How many messages were stored."""
        async with self.office.database.read() as session:
            return (await session.exec(select(func.count()).select_from(InboxMessage))).one()

    async def events(self, kind: str) -> int:
        """How many security events of this kind there are."""
        async with self.office.database.read() as session:
            counted = select(func.count()).select_from(SecurityEvent).where(col(SecurityEvent.kind) == kind)
            return (await session.exec(counted)).one()

    async def work(self, rounds: int = 6) -> None:
        """The counter and the sender do what is due."""
        for _ in range(rounds):
            taken = await self.house.counter.work_off(50)
            sent = await self.house.sender.work_off(50)
            if not taken and not sent:
                return

    def pass_by(self, seconds: float) -> None:
        """Time passes."""
        self.clock.pass_by(timedelta(seconds=seconds))


def settings_for(folder: Path, **changes: Any) -> Settings:
    """Every channel on, keys made up."""
    given: dict[str, Any] = {
        "database": DatabaseSettings(url=f"sqlite+aiosqlite:///{folder / 'linli.db'}"),
        "secret_key": SecretStr(SECRET),
        "district": DISTRICT,
        "media_folder": folder / "media",
        "wechat": WeChatSettings(
            app_id=APP,
            app_secret=SecretStr("an-app-secret-0123456789"),
            token=SecretStr(TOKEN),
            encoding_aes_key=SecretStr(AES_KEY),
        ),
        "wecom": WeComSettings(
            corp_id=CORP,
            agent_id=7,
            secret=SecretStr("a-corp-secret-0123456789"),
            token=SecretStr(TOKEN),
            encoding_aes_key=SecretStr(AES_KEY),
        ),
        "telegram": TelegramSettings(
            token=SecretStr(TELEGRAM_TOKEN), mode="webhook", webhook_secret=SecretStr(TELEGRAM_SECRET)
        ),
        **changes,
    }
    return Settings(_env_file=None, **given)  # type: ignore[call-arg]


@asynccontextmanager
async def standing(folder: Path, monkeypatch: Any, **changes: Any) -> AsyncIterator[Stand]:
    """A house in `folder` with the tiny district and one user per role."""
    clock = Clock()
    first = await fresh_office(folder)
    async with first.database.write() as session:
        for username, role, area, unit, staff_id in USERS:
            session.add(
                User(
                    district_code=DISTRICT,
                    username=username,
                    display_name=f"{username}老师",
                    password_hash=stored_password(),
                    role=role.value,
                    area_code=area,
                    unit=unit,
                    staff_id=staff_id,
                    created_at=clock.now,
                )
            )
    await first.database.close()
    vendors = Vendors()
    real = httpx.AsyncClient
    monkeypatch.setattr("bot.main.httpx.AsyncClient", lambda **kw: real(**kw, transport=vendors.transport()))
    house = await open_house(settings_for(folder, **changes), clock)
    monkeypatch.setattr("bot.main.httpx.AsyncClient", real)
    stand = Stand(house.office, house, build_app(house, "web"), clock, vendors)
    stand.app.router.routes.insert(0, Route("/-/broken", _broken))
    try:
        yield stand
    finally:
        for client in [*stand.clients, *(one.client for one in stand.browsers.values())]:
            await client.aclose()
        await house.close()


async def _broken(request: Request) -> JSONResponse:
    """A page that fails with something personal in its hands."""
    raise RuntimeError(f"no way with 13812345678 for {request.query_params.get('secret')}")
