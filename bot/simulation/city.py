"""A city month in bulk: days played by several processes, stored in batches, and the house measured on them."""

import asyncio
import os
import queue
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area, Staff
from backend.cases.models import Case, CaseClock, CaseEvent, CaseReporter
from backend.cases.sweeping import BATCH, due_clocks
from backend.office import Office
from backend.people.models import Resident
from backend.reports.keeping import Sums, add_counts, rollup_values
from backend.reports.ladder import ladder_report
from backend.reports.models import CaseFlags, Rollup
from backend.reports.rates import rates_report
from backend.reports.scope import GroupBy
from bot.settings import Settings
from bot.simulation.tape import OPEN_MINUTES, SPAN, Day, Rows, Tape, stories
from bot.simulation.town import Town, resident_rows, staff_rows
from nlu.errors import LinliError

CASES_PER_RESIDENT_AND_DAY = 66_000 / 20_000_000  # a city of 20 million files about 66,000 cases a day
DAY_PART = 2_000  # cases per piece of work, and per transaction
MOST_A_DAY = 99_999  # what a case number can count
CASES_PER_REPORTER = 20
ROWS_AT_ONCE = 5_000


class BadCity(LinliError):
    """Say the city as `residents=1000000,days=30`, and optionally `processes=2`."""

    code: ClassVar[str] = "bad_city"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class City:
    """How big and how long."""

    residents: int
    days: int = 30
    processes: int = 0

    @classmethod
    def read(cls, said: str) -> "City":
        """From `residents=…,days=…,processes=…`. Raises `BadCity`."""
        try:
            values = {name.strip(): int(value) for name, _, value in (part.partition("=") for part in said.split(","))}
            city = cls(**values)
        except (ValueError, TypeError) as bad:
            raise BadCity from bad
        if not (city.residents >= 1000 and 1 <= city.days <= 366 and city.a_day <= MOST_A_DAY):
            raise BadCity
        return city

    @property
    def a_day(self) -> int:
        """Cases filed on one day."""
        return max(1, round(self.residents * CASES_PER_RESIDENT_AND_DAY))


async def generate(
    office: Office,
    city: City,
    start: datetime,
    settings: Settings,
    progress: Callable[[int], None] = lambda _: None,
) -> list[str]:
    """Fills an empty office with a city month that begins at `start`; lines that say what was measured."""
    began = time.perf_counter()
    stored, sums = await store_city(office, city, start, settings, progress)
    seconds = time.perf_counter() - began
    return [
        f"{stored:,} cases, {sums:,} sums in {seconds:.1f} s: {stored / seconds:,.0f} cases a second",
        *await measured(office, start, start + timedelta(days=city.days - 1)),
    ]


async def store_city(
    office: Office,
    city: City,
    start: datetime,
    settings: Settings,
    progress: Callable[[int], None] = lambda _: None,
    *,
    in_process: bool = False,
) -> tuple[int, int]:
    """Plays and stores the city; how many cases and sums. `in_process` plays here instead of in other processes."""
    units = tuple(dict.fromkeys(one["unit"] for one in stories()["problems"] if one["unit"]))
    town = Town(office.district_code, city.residents, units)
    reporters = max(100, city.a_day * city.days // CASES_PER_REPORTER)
    people = [(Staff, staff_rows(town)), (Resident, resident_rows(town, reporters, start))]
    await _insert(office, [(Area, town.areas()), *people])
    sums: Sums = {}
    stored = 0
    played = _played_here if in_process else _played
    async for rows in played(city, town, reporters, start, settings):
        more = [(Case, rows.cases), (CaseEvent, rows.events), (CaseReporter, rows.reporters)]
        more += [(CaseClock, rows.clocks), (CaseFlags, rows.flags)]
        await _insert(office, [(table, iter(values)) for table, values in more])
        _join(sums, rows.sums)
        stored += len(rows.cases)
        progress(stored)
    await _insert(office, [(Rollup, _rollups(office.district_code, sums))])
    return stored, len(sums)


async def measured(office: Office, start: datetime, end: datetime) -> list[str]:
    """How long the sweep's query and the reports take on what is stored now."""
    lines = []
    async with office.database.read() as session:

        async def timed(name: str, ask: Callable[[], Any]) -> None:
            began = time.perf_counter()
            answer = await ask()
            lines.append(f"{name}: {(time.perf_counter() - began) * 1000:.1f} ms{answer}")

        await timed("the sweep's query", lambda: _due(session, end))
        await timed("ladder table of the month", lambda: _ladder(session, office, start, end))
        await timed("rates by street", lambda: _rates(session, office, start, end, GroupBy.STREET))
        await timed("rates by worker", lambda: _rates(session, office, start, end, GroupBy.WORKER))
    return lines


async def _due(session: AsyncSession, now: datetime) -> str:
    return f" ({len(await due_clocks(session, now, BATCH))} clocks due, at most {BATCH} asked for)"


async def _ladder(session: AsyncSession, office: Office, start: datetime, end: datetime) -> str:
    table = await ladder_report(session, office, start.date(), end.date())
    shares = table.share(table.settled), table.share(table.reported_up)
    return f" (accepted {table.accepted:,}, settled {shares[0]} %, reported up {shares[1]} %, open {table.open:,})"


async def _rates(session: AsyncSession, office: Office, start: datetime, end: datetime, by: GroupBy) -> str:
    return f" ({len((await rates_report(session, office, start.date(), end.date(), by=by)).lines):,} lines)"


def _work(town: Town, reporters: int, settings: Settings, folder: str, todo: Any, done: Any) -> None:
    """A process: plays pieces of days until it is handed None."""
    tape = Tape(town, reporters, settings, folder)
    while (day := todo.get()) is not None:
        done.put(tape.play(day))


def pieces(city: City, start: datetime) -> Iterator[Day]:
    """The days cut into pieces of at most 2,000 cases, in order of time and number."""
    opens = start.replace(hour=0, minute=0, second=0, microsecond=0)
    end, first = opens + timedelta(days=city.days), 1
    for number in range(city.days):
        parts = -(-city.a_day // DAY_PART)
        for part in range(parts):
            size = city.a_day * (part + 1) // parts - city.a_day * part // parts
            before = city.a_day * part // parts
            window = (OPEN_MINUTES[0] + SPAN * part // parts, max(1, SPAN // parts))
            yield Day(opens + timedelta(days=number), size, first, before, window, end)
            first += size


async def _played(city: City, town: Town, reporters: int, start: datetime, settings: Settings) -> AsyncIterator[Rows]:
    """The pieces as the processes finish them; a few wait at most, so that memory stays small."""
    context = get_context("spawn")
    count = city.processes or os.cpu_count() or 1
    work = list(pieces(city, start))
    todo, done = context.Queue(), context.Queue(maxsize=count * 2)
    for day in [*work, *[None] * count]:
        todo.put(day)
    with TemporaryDirectory() as folder:
        arguments = (town, reporters, settings, folder, todo, done)
        workers = [context.Process(target=_work, args=arguments, daemon=True) for _ in range(count)]
        for worker in workers:
            worker.start()
        try:
            for _ in work:
                yield await asyncio.to_thread(_next, done, workers)
        finally:
            for worker in workers:
                worker.terminate()
                worker.join()


async def _played_here(
    city: City, town: Town, reporters: int, start: datetime, settings: Settings
) -> AsyncIterator[Rows]:
    with TemporaryDirectory() as folder:
        tape = Tape(town, reporters, settings, folder)
        for day in pieces(city, start):
            yield tape.play(day)


def _next(done: Any, workers: list[SpawnProcess]) -> Rows:
    """Waits for a piece; a process that died says so instead of leaving us waiting for ever."""
    while True:
        try:
            rows: Rows = done.get(timeout=1)
            return rows
        except queue.Empty:
            if any(worker.exitcode not in (None, 0) for worker in workers):
                raise BadCity("a process that plays the city ended early") from None


async def _insert(office: Office, tables: Iterable[tuple[Any, Iterator[dict[str, Any]]]]) -> None:
    """One transaction; many rows to a statement."""
    async with office.database.write() as session:
        for table, rows in tables:
            while some := list(islice(rows, ROWS_AT_ONCE)):
                await session.execute(insert(table.__table__), some)


def _join(sums: Sums, more: Sums) -> None:
    for key, counts in more.items():
        add_counts(sums, key, counts)


def _rollups(district_code: str, sums: Sums) -> Iterator[dict[str, Any]]:
    for key, counts in sums.items():
        yield rollup_values(district_code, key, counts)
