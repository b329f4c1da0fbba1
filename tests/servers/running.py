"""How a stand-in runs: in a thread on an ephemeral loopback port, or alone by `python -m tests.servers.NAME`.

Every server has the same control addresses: GET /_ledger, POST /_faults, POST /_clock.
"""

import argparse
import asyncio
import json
import socket
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.clock import TurnableClock
from tests.servers.ledger import Ledger

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Fault:
    """A wrong answer: `after` does the work first (late success), `delay` waits that many seconds before answering."""

    body: dict[str, Any] | None = None
    status: int = 200
    delay: float = 0.0
    after: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The answer on the wire; no body gives a plain page, as a broken proxy would."""
        if self.body is None:
            return Response("broken gateway", self.status, self.headers, "text/html")
        return JSONResponse(self.body, self.status, self.headers)


class Faults:
    """Queues of wrong answers per operation, and lasting ones."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Fault | None]] = defaultdict(deque)
        self.always: dict[str, Fault] = {}

    def add(self, operation: str, *faults: Fault | None) -> None:
        """The next calls of `operation` meet these in turn; None lets one call pass."""
        self._queues[operation].extend(faults)

    def next_for(self, operation: str) -> Fault | None:
        """The wrong answer this call meets, if any."""
        queue = self._queues[operation]
        return queue.popleft() if queue else self.always.get(operation)


class StandIn:
    """What all stand-ins share: clock, ledger, faults, a count of calls, and the control addresses."""

    def __init__(self, clock: TurnableClock | None = None) -> None:
        self.clock = clock or TurnableClock()
        self.ledger = Ledger()
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.base = ""

    def routes(self) -> list[Route]:
        """The vendor's addresses."""
        raise AssertionError("each stand-in names its routes")

    def app(self) -> Starlette:
        """The server as an application."""
        control = [
            Route("/_ledger", self._show_ledger),
            Route("/_faults", self._add_faults, methods=["POST"]),
            Route("/_clock", self._turn_clock, methods=["POST"]),
        ]
        return Starlette(routes=control + self.routes())

    def faulty(self, operation: str, handler: Handler) -> Handler:
        """`handler` behind the fault queue of `operation`; every call is counted."""

        async def guarded(request: Request) -> Response:
            self.calls[operation] += 1
            fault = self.faults.next_for(operation)
            if fault is None:
                return await handler(request)
            if fault.after:
                await handler(request)
            if fault.delay:
                await asyncio.sleep(fault.delay)
            return fault.response()

        return guarded

    async def _show_ledger(self, _request: Request) -> Response:
        return JSONResponse(self.ledger.as_json())

    async def _add_faults(self, request: Request) -> Response:
        asked = json.loads(await request.body())
        faults = [None if fault is None else Fault(**fault) for fault in asked["faults"]]
        self.faults.add(asked["operation"], *faults)
        return JSONResponse({"ok": True})

    async def _turn_clock(self, request: Request) -> Response:
        self.clock.advance(seconds=json.loads(await request.body())["advance"])
        return JSONResponse({"now": self.clock().isoformat()})


@contextmanager
def running(server: StandIn) -> Iterator[str]:
    """Serve in a thread of its own until the block ends; gives the base address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    server.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        server.app(), log_level="error", lifespan="off", access_log=False, timeout_graceful_shutdown=1
    )
    program = uvicorn.Server(config)
    thread = threading.Thread(target=program.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield server.base
    finally:
        program.should_exit = True  # the thread ends at its next tick; nobody needs to wait for it


def serve_alone(server: StandIn, port: int) -> None:
    """The main program of a stand-in: serve on loopback until interrupted."""
    parser = argparse.ArgumentParser(description=type(server).__doc__)
    parser.add_argument("--port", type=int, default=port)
    chosen = parser.parse_args().port
    server.base = f"http://127.0.0.1:{chosen}"
    print(f"{type(server).__name__} at {server.base} (control: /_ledger /_faults /_clock)", flush=True)
    uvicorn.run(server.app(), host="127.0.0.1", port=chosen, log_level="warning")
