"""Webhook → durable inbox row → acknowledged, beside the same server answering a no-op and the bare commit rate.

One message a commit is the disk's own limit; arrivals of one moment share a commit, which is why the door may be
faster than that.
"""

import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.bench.figures import Figure, at, show
from bot.bench.load import SECRET, Sample, closed_loop, http_request, open_loop
from bot.channels.telegram.callback import SECRET_HEADER

RATIO, P99_MS, OPEN_RATE = 0.6, 50.0, 1000
PORT = 18_761


def raw_commits(folder: Path, seconds: float = 2.0) -> float:
    """Single-row commits per second with full sync, without any of our code."""
    database = sqlite3.connect(folder / "raw.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)")
    count, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        database.execute("INSERT INTO t (body) VALUES (?)", (b"x" * 500,))
        count += 1
    database.close()
    return count / seconds


def _update(number: int) -> bytes:
    person = 10_000 + number % 5_000
    update = {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1_790_000_000,
            "chat": {"id": person, "type": "private", "first_name": "王"},
            "from": {"id": person, "is_bot": False, "first_name": "王"},
            "text": f"幸福里小区{number % 90}号楼门口路灯坏了",
        },
    }
    return json.dumps(update, ensure_ascii=False).encode()


@contextmanager
def _serving(folder: Path, url: str) -> Iterator[None]:
    command = [sys.executable, "-m", "bot.bench.intake_server", str(folder), str(PORT), url]
    server = subprocess.Popen(command)  # noqa: S603  (ourselves)
    try:
        yield
    finally:
        server.kill()
        server.wait(5)


async def _answers(seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", PORT)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError("the measured server did not start")


async def _measure(seconds: float) -> tuple[Sample, Sample, Sample]:
    await _answers()
    headers = {SECRET_HEADER: SECRET}
    noop = [http_request("/noop", _update(number), headers) for number in range(1000)]
    base = int(time.time()) * 1000

    def fresh(number: int) -> bytes:
        return http_request("/telegram", _update(base + number), headers)

    def later(number: int) -> bytes:
        return fresh(10_000_000 + number)

    nothing = await closed_loop(PORT, lambda number: noop[number % 1000], seconds)
    stored = await closed_loop(PORT, fresh, seconds)
    steady = await open_loop(PORT, later, OPEN_RATE, seconds)
    return nothing, stored, steady


def run(seconds: float = 4.0, url: str = "") -> bool:
    """Measures and prints; whether the goals hold."""
    with tempfile.TemporaryDirectory(dir="var" if Path("var").is_dir() else ".") as place:
        folder = Path(place)
        commits = raw_commits(folder)
        with _serving(folder, url):
            nothing, stored, steady = asyncio.run(_measure(seconds))
    ratio, p99 = stored.rate / nothing.rate, at(steady.times, 0.99) * 1000
    return show(
        f"intake ({'SQLite' if not url else 'PostgreSQL'}, load and server share this machine)",
        (
            Figure("no-op answers", f"{nothing.rate:.0f}/s"),
            Figure("bare commits of one row, full sync", f"{commits:.0f}/s"),
            Figure("webhook, durable, acknowledged", f"{stored.rate:.0f}/s, {stored.refused} refused"),
            Figure("ratio to the no-op", f"{ratio:.2f}", f"≥ {RATIO}", ratio >= RATIO),
            Figure("ratio to the bare commit rate", f"{stored.rate / commits:.2f}"),
            Figure(f"p50 at {OPEN_RATE}/s open loop", f"{at(steady.times, 0.5) * 1000:.1f} ms"),
            Figure(f"p99 at {OPEN_RATE}/s open loop", f"{p99:.1f} ms", f"≤ {P99_MS:.0f} ms", p99 <= P99_MS),
            Figure("reached in the open loop", f"{steady.rate:.0f}/s, {steady.refused} refused"),
        ),
    )
