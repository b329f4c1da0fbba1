"""The pace of the sender behind 100,000 pieces of bulk news, judged by a vendor that counts every second of it."""

import asyncio
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from backend.notices.courier import Route
from backend.notices.letters import Channel, Outcome, Outgoing, SendResult
from backend.notices.models import Notice
from backend.notices.outbox import BULK, URGENT, ToTell, letter_to_json
from backend.notices.pace import Limit
from backend.notices.sender import Sender
from backend.office import Office
from backend.people.models import ChannelIdentity, Resident
from bot.bench.figures import Figure, show
from bot.bench.offices import DISTRICT, empty_office

PORTION = 5_000
RATE_GOAL, URGENT_GOAL = 0.97, 2.0
NETWORK = 0.02  # seconds: a fast vendor


@dataclass
class CountingVendor:
    """Permits `count` messages in any second and refuses the rest, as Telegram does."""

    count: int
    sent: deque[float] = field(default_factory=deque)
    arrived: dict[str, float] = field(default_factory=dict)
    sent_times: list[float] = field(default_factory=list)
    refused: int = 0

    async def deliver(self, route: Route, letter: Outgoing) -> SendResult:
        """One message."""
        now = time.perf_counter()
        while self.sent and self.sent[0] <= now - 1.0:
            self.sent.popleft()
        if len(self.sent) >= self.count:
            self.refused += 1
            return SendResult(Outcome.RETRY, retry_after=1.0, reason="429 flood control")
        self.sent.append(now)
        self.sent_times.append(now)
        self.arrived[letter.text] = now
        await asyncio.sleep(NETWORK)
        return SendResult(Outcome.SENT, vendor_id=str(len(self.arrived)))


async def _fill(office: Office, count: int, now: datetime) -> None:
    """`count` residents with a chat each, and one piece of bulk news for each of them."""
    body = office.vault.seal_office(letter_to_json(Outgoing("bulk")))
    for begin in range(1, count + 1, PORTION):
        numbers = range(begin, min(begin + PORTION, count + 1))
        rows: dict[type, list[dict[str, Any]]] = {Resident: [], ChannelIdentity: [], Notice: []}
        for number in numbers:
            common = {"district_code": DISTRICT, "created_at": now}
            rows[Resident].append({**common, "id": number, "language": "zh_CN"})
            rows[ChannelIdentity].append(
                {**common, "channel": "telegram", "account": "bench", "external_id": str(number), "consents": {},
                 "resident_id": number}
            )  # fmt: skip
            rows[Notice].append(
                {**common, "dedupe_key": f"b{number}", "milestone": "closed", "audience": "resident", "lane": BULK,
                 "resident_id": number, "order_key": f"b{number}", "body_sealed": body, "status": "ready",
                 "waits_for": "", "due_at": now, "tries": 0, "routes_tried": "", "plan": {}}
            )  # fmt: skip
        async with office.database.write() as session:
            for table, values in rows.items():
                await session.execute(insert(table), values)


async def _urgent(office: Office, number: int, now: datetime) -> None:
    async with office.database.write() as session:
        tell = ToTell("emergency", "resident", Outgoing(f"urgent {number}"), f"u{number}", f"u{number}", lane=URGENT,
                      resident_id=number)  # fmt: skip
        await office.outbox.write(session, tell, now)


async def _measure(folder: Path, url: str, count: int, permitted: int, seconds: float) -> bool:
    office = await empty_office(folder, url)
    noon = datetime.now(UTC).replace(hour=4, minute=0)  # no quiet hours in this measurement
    started = time.perf_counter()

    def clock() -> datetime:
        return noon + timedelta(seconds=time.perf_counter() - started)

    await _fill(office, count, noon)
    vendor = CountingVendor(permitted)
    limits = {Channel.TELEGRAM: (Limit("account", permitted, 1), Limit("person", 1, 1, burst=3))}
    sender = Sender(office, {Channel.TELEGRAM: vendor}, clock, "bench", limits=limits)
    stop = asyncio.Event()

    async def work() -> None:
        while not stop.is_set():
            if not await sender.stream():
                await asyncio.sleep(0.1)

    working = asyncio.create_task(work())
    await asyncio.sleep(2)
    before, begun = len(vendor.sent_times), time.perf_counter()
    waits = []
    for number in range(1, 6):
        await asyncio.sleep(seconds / 5)
        wrote = time.perf_counter()
        await _urgent(office, number, clock())
        while f"urgent {number}" not in vendor.arrived and time.perf_counter() - wrote < 30:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        waits.append(vendor.arrived.get(f"urgent {number}", wrote + 30) - wrote)
    took = time.perf_counter() - begun
    rate = sum(begun <= at <= begun + took for at in vendor.sent_times) / took
    stop.set()
    await working
    await sender.drain()
    await office.database.close()
    share = rate / permitted
    return show(
        f"notices ({office.database.kind}, {count:,} bulk behind, {permitted}/s permitted, {before} in the first 2 s)",
        (
            Figure("sent", f"{rate:.2f}/s"),
            Figure("share of the permitted rate", f"{share:.3f}", f"≥ {RATE_GOAL}", share >= RATE_GOAL),
            Figure("refused with 429", str(vendor.refused), "0", vendor.refused == 0),
            Figure("urgent, longest of 5", f"{max(waits):.2f} s", f"≤ {URGENT_GOAL:.0f} s", max(waits) <= URGENT_GOAL),
        ),
    )


def run(count: int = 100_000, permitted: int = 30, seconds: float = 20.0, url: str = "") -> bool:
    """Measures and prints; whether the goals hold."""
    with tempfile.TemporaryDirectory(dir="var" if Path("var").is_dir() else ".") as place:
        return asyncio.run(_measure(Path(place), url, count, permitted, seconds))
