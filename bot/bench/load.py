"""A small HTTP load: prepared requests over kept connections, closed loop (as fast as answers come) or open loop."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

SECRET = "bench-secret-0123456789"  # noqa: S105  (made up, between the load and the measured server only)

Prepared = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Sample:
    """What a load found: requests per second, sorted seconds per request, answers that were not 200."""

    rate: float
    times: list[float]
    refused: int


def http_request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: bench", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Line:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def ask(self, request: bytes) -> int:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        place = lower.find(b"content-length:")
        if place >= 0:
            length = int(lower[place + 15 : lower.index(b"\r\n", place)])
            if length:
                await self._reader.readexactly(length)
        return int(head[9:12])

    def close(self) -> None:
        self._writer.close()


async def closed_loop(port: int, prepared: Prepared, seconds: float, lines: int = 64) -> Sample:
    """Every connection asks again as soon as it was answered."""
    times: list[float] = []
    refused = number = 0
    until = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal refused, number
        line = _Line(port)
        await line.open()
        while (begun := time.perf_counter()) < until:
            number += 1
            status = await line.ask(prepared(number))
            times.append(time.perf_counter() - begun)
            refused += status != 200
        line.close()

    await asyncio.gather(*(client() for _ in range(lines)))
    return Sample(len(times) / seconds, sorted(times), refused)


async def open_loop(port: int, prepared: Prepared, rate: int, seconds: float, lines: int = 100) -> Sample:
    """Requests leave at their time whatever the answers do; a late start counts as waiting."""
    free: asyncio.Queue[_Line] = asyncio.Queue()
    for _ in range(lines):
        line = _Line(port)
        await line.open()
        free.put_nowait(line)
    times: list[float] = []
    refused = 0
    begun = time.perf_counter()

    async def one(number: int, due: float) -> None:
        nonlocal refused
        line = await free.get()
        refused += await line.ask(prepared(number)) != 200
        times.append(time.perf_counter() - due)
        free.put_nowait(line)

    tasks = []
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        if (wait := due - time.perf_counter()) > 0.001:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    return Sample(len(times) / (time.perf_counter() - begun), sorted(times), refused)
