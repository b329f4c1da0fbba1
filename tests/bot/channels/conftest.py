"""Stand-in servers on loopback, one fresh server a test; the time stands at Thursday 2026-11-05 10:00 in Beijing."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from aiogram import Bot

from bot.channels.telegram.client import build_bot
from tests.servers.clock import TurnableClock
from tests.servers.running import running
from tests.servers.sms import SmsServer
from tests.servers.telegram import TelegramServer
from tests.servers.wechat import WeChatServer
from tests.servers.wecom import WeComServer

NOW = datetime(2026, 11, 5, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock(NOW)


@pytest.fixture
def wechat(clock: TurnableClock) -> Iterator[WeChatServer]:
    server = WeChatServer(clock=clock)
    with running(server):
        yield server


@pytest.fixture
def wecom(clock: TurnableClock) -> Iterator[WeComServer]:
    server = WeComServer(clock=clock)
    with running(server):
        yield server


@pytest.fixture
def telegram(clock: TurnableClock) -> Iterator[TelegramServer]:
    server = TelegramServer(clock=clock)
    with running(server):
        yield server


@pytest.fixture
async def bot(telegram: TelegramServer) -> AsyncIterator[Bot]:
    """The product's bot; its transport is closed without aiogram's quarter-second TLS pause."""
    made = build_bot(telegram.token, telegram.base)
    yield made
    inner = getattr(made.session, "_session", None)
    if inner is not None:
        await inner.close()


@pytest.fixture
def sms(clock: TurnableClock) -> Iterator[SmsServer]:
    server = SmsServer(clock=clock)
    with running(server):
        yield server
