"""F1, F2, F3: a process is killed at random under load, at every named step, and with a hundred notices in flight."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from backend.cases.models import Case, CaseReporter
from backend.intake.models import InboxMessage
from backend.notices.letters import Outgoing
from backend.notices.models import Notice
from backend.notices.outbox import LEASE, ToTell
from backend.office import Office
from backend.people.residents import speaker_for
from bot.fail_points import STEPS
from tests.faults.experiment import Outcome
from tests.faults.process import Child, Plan, free_port
from tests.live_house import WEBHOOK_SECRET
from tests.office_builder import fresh_office
from tests.servers.clock import TurnableClock
from tests.servers.running import running
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import SECRET_HEADER, TelegramPerson

LAMP = "幸福里小区1号楼门口路灯坏了三天了"
PAST_THE_LEASES = 61.0  # seconds: the second child's clock, so that the lease is proven without waiting for it
pytestmark = pytest.mark.slow


@dataclass
class Scene:
    """The vendor outside, the database between the lives of the child, and what was acknowledged."""

    folder: Path
    office: Office
    vendor: TelegramServer
    port: int = field(default_factory=free_port)
    acked: set[int] = field(default_factory=set)

    def child(self, fail_point: str = "", ahead: float = 0.0) -> Child:
        return Child(Plan(str(self.folder), self.vendor.base, self.port, fail_point, ahead))

    async def post(self, client: httpx.AsyncClient, update: dict[str, object]) -> bool:
        """One delivery, as Telegram makes it."""
        try:
            answer = await client.post(
                f"http://127.0.0.1:{self.port}/telegram",
                json=update,
                headers={SECRET_HEADER: WEBHOOK_SECRET},
                timeout=6,
            )
        except httpx.HTTPError:
            return False
        if answer.status_code == 200:
            self.acked.add(int(str(update["update_id"])))
        return answer.status_code == 200

    async def bring(self, updates: list[dict[str, object]], seconds: float = 25) -> None:
        """Brings every update in order, again and again until it is acknowledged."""
        until = time.monotonic() + seconds
        async with httpx.AsyncClient() as client:
            for update in updates:
                while not await self.post(client, update) and time.monotonic() < until:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

    async def quiet(self, seconds: float = 25) -> float:
        """Waits until nothing waits any more; how long it took."""
        started = time.monotonic()
        while time.monotonic() - started < seconds and await self.unfinished():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return time.monotonic() - started

    async def unfinished(self) -> int:
        async with self.office.database.read() as session:
            inbox = (await session.exec(select(InboxMessage.status))).all()
            outbox = (await session.exec(select(Notice.status))).all()
        return sum(one in ("ready", "leased") for one in (*inbox, *outbox))

    async def stored(self) -> set[int]:
        async with self.office.database.read() as session:
            return {int(one) for one in (await session.exec(select(InboxMessage.external_id))).all()}


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    office = await fresh_office(tmp_path)
    vendor = TelegramServer()
    with running(vendor):
        for number in (7001, 7002, 7003, 7004, 7010, 7011, 7012, 7020):
            TelegramPerson(number, vendor)
        yield Scene(tmp_path, office, vendor)
    await office.database.close()


def words(scene: Scene, person: TelegramPerson, text: str) -> dict[str, object]:
    return {"update_id": scene.vendor.next_number(), "message": person.message(text=text)}


@pytest.mark.parametrize("step", STEPS)
async def test_f2_killed_at_every_named_step(scene: Scene, step: str) -> None:
    resident = TelegramPerson(5001, scene.vendor)
    said = [words(scene, resident, LAMP), words(scene, resident, "对")]
    child = scene.child(step)
    await child.ready()
    bringing = asyncio.create_task(scene.bring(said))
    assert await child.died(), "the fail point was reached"
    child = scene.child(ahead=PAST_THE_LEASES)
    try:
        started = await child.ready()
        await bringing
        took = await scene.quiet()
        async with scene.office.database.read() as session:
            cases = (await session.exec(select(Case))).all()
        Outcome(
            f"F2 killed at {step}",
            acked=len(scene.acked),
            lost=len(scene.acked - await scene.stored()) + (1 - len(cases)),
            duplicates=sum(count - 1 for count in scene.vendor.ledger.duplicates().values()),
            stuck=await scene.unfinished(),
            recovery=started + took,
            note=f"(after a lease of at most {LEASE.seconds} s)",
        ).judged(allowed=1 if step == "send" else 0)
        assert [case.state for case in cases] == ["dispatched"]
        assert scene.vendor.ledger.of("7001"), "the worker has the task"
    finally:
        child.kill()


async def test_f1_killed_at_random_under_load(scene: Scene) -> None:
    people = [TelegramPerson(5001 + number, scene.vendor) for number in range(12)]
    loads = [[words(scene, person, text) for text in (LAMP, "对", "谢谢")] for person in people]
    child = scene.child()
    await child.ready()
    bringing = asyncio.gather(*(scene.bring(load) for load in loads))
    ahead, recovery = 0.0, 0.0
    for moment in (0.15, 0.35, 0.6):
        await asyncio.sleep(moment)
        child.kill()
        ahead += PAST_THE_LEASES
        child = scene.child(ahead=ahead)
        recovery = max(recovery, await child.ready())
    try:
        await bringing
        recovery += await scene.quiet(40)
        async with scene.office.database.read() as session:
            delivered = (await session.exec(select(Notice.id).where(Notice.status == "delivered"))).all()
            cases = (await session.exec(select(Case))).all()
            joined = (await session.exec(select(CaseReporter))).all()
        Outcome(
            "F1 killed three times under load",
            acked=len(scene.acked),
            lost=len(scene.acked - await scene.stored()),
            duplicates=len(scene.vendor.ledger.rows) - len(delivered),
            stuck=await scene.unfinished(),
            recovery=recovery,
            note=f"{len(delivered)} notices, {len(cases)} cases with {len(joined)} reporters, 12 people",
        ).judged(allowed=3 * 15)
        assert len(joined) <= 12
    finally:
        child.kill()


async def test_f3_a_sender_killed_with_a_hundred_notices_in_flight(scene: Scene) -> None:
    now = TurnableClock()()
    async with scene.office.database.write() as session:
        for number in range(100):
            TelegramPerson(6000 + number, scene.vendor)
            speaker = await speaker_for(session, scene.office, "telegram", "4200", str(6000 + number), now)
            await scene.office.outbox.write(
                session,
                ToTell("emergency", "resident", Outgoing(f"news {number}"), f"k{number}", f"o{number}", lane=0,
                       resident_id=speaker.resident_id),
                now,
            )  # fmt: skip
    child = scene.child()
    await child.ready()
    for _ in range(400):
        if len(scene.vendor.ledger.rows) >= 20:
            break
        await asyncio.sleep(0.02)
    child.kill()
    before = len(scene.vendor.ledger.rows)
    child = scene.child(ahead=PAST_THE_LEASES)
    try:
        recovery = await child.ready() + await scene.quiet(30)
        told = {row.text for row in scene.vendor.ledger.rows}
        Outcome(
            "F3 sender killed with 100 in flight",
            acked=100,
            lost=100 - len(told),
            duplicates=len(scene.vendor.ledger.rows) - len(told),
            stuck=await scene.unfinished(),
            recovery=recovery,
            note=f"{before} were out when it died",
        ).judged(allowed=16)
    finally:
        child.kill()
