"""Stand-ins and a live house for journeys; the time is Monday 2026-11-23 10:00 in Shanghai."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.live_house import LiveHouse, live_house, settings_for
from tests.office_builder import MONDAY
from tests.servers.clock import TurnableClock
from tests.servers.running import running
from tests.servers.sms import SmsServer
from tests.servers.telegram import TelegramServer
from tests.servers.wechat import WeChatServer
from tests.servers.wecom import WeComServer


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock(MONDAY)


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
def sms(clock: TurnableClock) -> Iterator[SmsServer]:
    server = SmsServer(clock=clock)
    with running(server):
        yield server


@pytest.fixture
async def house(
    tmp_path: Path, clock: TurnableClock, wechat: WeChatServer, telegram: TelegramServer, sms: SmsServer
) -> AsyncIterator[LiveHouse]:
    """WeChat for residents, Telegram (webhook) for both, SMS."""
    built = await live_house(tmp_path, settings_for(wechat, telegram, sms=sms), clock)
    yield built
    await built.close()
