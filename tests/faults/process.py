"""A whole house in a process of its own that can be killed: started from a fork server, so that a start is cheap."""

import asyncio
import multiprocessing
import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.fail_points import armed
from tests.live_house import LiveHouse, live_house, settings_for
from tests.office_builder import fresh_office
from tests.servers.clock import TurnableClock
from tests.servers.telegram import TelegramServer


@dataclass(frozen=True)
class Plan:
    """How to start: over which folder and vendor, with which fail point, how far its clock is ahead."""

    folder: str
    telegram_base: str
    port: int
    fail_point: str = ""
    ahead: float = 0.0
    url: str = ""


def run(plan: Plan) -> None:
    """The child's main."""
    asyncio.run(_serve(plan))


async def _serve(plan: Plan) -> None:
    clock = TurnableClock()
    clock.advance(seconds=plan.ahead)
    office = await fresh_office(Path(plan.folder), plan.url or None, seeded=False)
    async with office.database.read() as session:
        await office.atlas.rebuild(session)
    vendor = TelegramServer()
    vendor.base = plan.telegram_base
    house = await live_house(
        Path(plan.folder),
        settings_for(telegram=vendor),
        clock,
        office=office,
        owner=f"child-{os.getpid()}",
        reached=armed(plan.fail_point),
    )
    app = Starlette(routes=[*house.kit.routes, Route("/ready", _ready)])
    server = uvicorn.Server(uvicorn.Config(app, port=plan.port, log_level="error", access_log=False, lifespan="off"))
    await asyncio.gather(server.serve(), _counter(house), _sender(house))


async def _ready(_request: Any) -> PlainTextResponse:
    return PlainTextResponse("ready")


async def _counter(house: LiveHouse) -> None:
    while True:
        heard = house.reception.arrived.heard
        if await house.counter.work_off():
            house.reception.arrived.set()
        else:
            await house.reception.arrived.wait(heard, 0.1)


async def _sender(house: LiveHouse) -> None:
    while True:
        heard = house.reception.arrived.heard
        if not await house.sender.stream():
            await house.reception.arrived.wait(heard, 0.1)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Child:
    """One killable house."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.faults.process"])
        self.plan = plan
        self.process = context.Process(target=run, args=(plan,), daemon=True)
        self.process.start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.plan.port}"

    async def ready(self, seconds: float = 30.0) -> float:
        """Waits until it answers; how long that took."""
        started = time.monotonic()
        async with httpx.AsyncClient() as client:
            while time.monotonic() - started < seconds:
                try:
                    await client.get(f"{self.base}/ready", timeout=1)
                except httpx.HTTPError:
                    await asyncio.sleep(0.02)
                else:
                    return time.monotonic() - started
        raise AssertionError("the child never answered")

    def kill(self) -> None:
        """Like the power switch of one process."""
        if self.process.is_alive() and self.process.pid:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.join(5)

    async def died(self, seconds: float = 20.0) -> bool:
        """Waits until its fail point has killed it."""
        for _ in range(int(seconds / 0.02)):
            if not self.process.is_alive():
                return True
            await asyncio.sleep(0.02)
        return False
