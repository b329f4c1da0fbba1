"""F12, F13: PostgreSQL restarted under load, and deadlocks; wake-ups between processes instead of polling."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.db.waking import listen
from backend.intake.inbox import Arrival
from backend.notices.letters import Outgoing
from backend.notices.outbox import ToTell
from backend.office import Office
from bot.messages import Channel, ChatRef, Incoming, Said
from bot.reception import InboxBusy
from tests.faults.experiment import Outcome
from tests.live_house import LiveHouse, live_house, settings_for
from tests.office_builder import MONDAY, fresh_office
from tests.postgres import ABSENT, Server, find_programs
from tests.servers.clock import TurnableClock

pytestmark = pytest.mark.postgres
ENDED = ("delivered", "suppressed")  # suppressed: the chat had said it in the same breath


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of its own, because it will be crashed."""
    programs = find_programs()
    if programs is None:
        pytest.skip(ABSENT)
    made = Server(programs)
    made.start()
    yield made
    made.remove()


@pytest.fixture
async def pg_house(tmp_path: Path, server: Server) -> AsyncIterator[LiveHouse]:
    house = await live_house(tmp_path, settings_for(), TurnableClock(), url=await server.fresh_url())
    yield house
    await house.close()


def said(house: LiveHouse, number: int) -> Incoming:
    who = ChatRef(Channel.TERMINAL, "terminal", f"p{number % 7}")
    return Incoming(who, f"m{number}", Said.TEXT, house.clock(), text=f"你好 {number}")


@pytest.mark.slow
async def test_f12_postgresql_crashes_and_restarts_under_load(pg_house: LiveHouse, server: Server) -> None:
    acked: set[str] = set()
    refused = 0

    async def resident(number: int) -> None:
        nonlocal refused
        message = said(pg_house, number)
        for _ in range(60):  # a platform repeats what was not acknowledged
            try:
                await pg_house.reception.receive(message)
            except (DBAPIError, OSError, InboxBusy):
                refused += 1
                await asyncio.sleep(0.2)
            else:
                acked.add(message.external_id)
                return

    async def work() -> None:
        while True:
            try:
                if not await pg_house.counter.work_off() and not await pg_house.sender.work_off():
                    await asyncio.sleep(0.02)
            except (DBAPIError, OSError):
                await asyncio.sleep(0.2)

    worker = asyncio.create_task(work())
    load = [asyncio.create_task(resident(number)) for number in range(20)]
    await asyncio.sleep(0.3)
    server.stop(signal.SIGQUIT)
    load += [asyncio.create_task(resident(number)) for number in range(20, 60)]
    await asyncio.sleep(0.5)
    await asyncio.to_thread(server.start)
    started = time.monotonic()
    await asyncio.gather(*load)
    recovery = time.monotonic() - started
    pg_house.clock.advance(seconds=61)  # past the leases of what was claimed when it crashed
    for _ in range(300):
        rows = await pg_house.inbox()
        notices = await pg_house.notices()
        if all(one.status == "done" for one in rows) and all(one.status in ENDED for one in notices):
            break
        await asyncio.sleep(0.05)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    rows = await pg_house.inbox()
    stuck = sum(one.status != "done" for one in rows) + sum(one.status not in ENDED for one in notices)
    lost = len(acked - {one.external_id for one in rows})
    Outcome("F12 PostgreSQL crashed under load", len(acked), lost, len(rows) - len({r.external_id for r in rows}),
            stuck, recovery, f"{refused} refusals were repeated").judged()  # fmt: skip
    assert len(acked) == 60


async def test_f13_a_deadlock_costs_one_try_and_nothing_else(pg_house: LiveHouse) -> None:
    """Two transactions lock two rows crosswise; PostgreSQL ends one of them, which simply runs again."""
    office = pg_house.office
    async with office.database.write() as session:
        ids = [
            await office.inbox.store(session, Arrival("terminal", "t", f"d{one}", f"p{one}", "{}"), MONDAY)
            for one in (1, 2)
        ]
    met = asyncio.Barrier(2)
    tries = 0

    async def cross(first: int | None, second: int | None) -> None:
        nonlocal tries
        for attempt in range(5):
            tries += 1
            try:
                async with office.database.write() as session:
                    lock = text("UPDATE inbox_message SET tries = tries + 1 WHERE id = :id")
                    await session.execute(lock, {"id": first})
                    if attempt == 0:
                        await met.wait()
                    await session.execute(lock, {"id": second})
            except DBAPIError:
                continue
            return

    started = time.monotonic()
    await asyncio.gather(cross(*ids), cross(*reversed(ids)))
    rows = await pg_house.inbox()
    Outcome("F13 deadlock", 2, sum(2 - one.tries for one in rows), 0, 0, time.monotonic() - started,
            f"{tries} tries for 2 transactions").judged()  # fmt: skip
    assert tries == 3


async def test_a_notice_written_by_one_process_wakes_another(tmp_path: Path, server: Server) -> None:
    office: Office = await fresh_office(tmp_path, await server.fresh_url())
    woken = asyncio.Event()
    rings: list[float] = []

    def ring() -> None:
        rings.append(time.monotonic())
        woken.set()

    listening = asyncio.create_task(listen(office.database.url, ring))
    try:
        await asyncio.wait_for(woken.wait(), 5)  # the connection itself counts as a wake-up
        woken.clear()
        async with office.database.write() as session:
            await office.outbox.write(session, ToTell("accepted", "resident", Outgoing("x"), "k", "o"), MONDAY)
        committed = time.monotonic()
        await asyncio.wait_for(woken.wait(), 5)
        assert rings[-1] - committed < 0.5
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await office.database.close()
