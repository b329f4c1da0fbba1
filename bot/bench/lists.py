"""What an operator waits for with very many cases: the database's part of each list, and whole pages of the panel."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from rich.progress import Progress
from starlette.applications import Starlette

from backend.admin.app import build_admin
from backend.admin.case_filters import Filters
from backend.admin.case_finding import capped_counts, find_cases
from backend.admin.panel import BASE
from backend.admin.who import Who
from backend.domain.case_view import Actor
from backend.domain.words import Role
from backend.office import Office
from backend.people.models import User
from backend.people.passwords import Passwords
from bot.bench.figures import Figure, at, show
from bot.bench.many_cases import NOW, ManyCases, phone_of
from bot.bench.offices import DISTRICT, empty_office

LIST_GOAL_MS = 5.0  # the database's part, rows made into objects included
PAGE_GOAL_MS = 30.0  # server time of every page
TURNS = 21
PASSWORD = "measured-by-nobody-else"  # noqa: S105  # of an office that lives for one measurement

LISTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("open, newest", {"tab": "open"}),
    ("open, most pressing", {"tab": "open", "order": "due"}),
    ("waiting in a queue", {"tab": "queue"}),
    ("boundary: none there", {"tab": "boundary"}),
    ("unsure", {"tab": "unsure"}),
    ("overdue", {"tab": "overdue"}),
    ("overdue, most pressing", {"tab": "overdue", "order": "due"}),
    ("to verify", {"tab": "verify"}),
    ("mine", {"tab": "mine"}),
    ("open, one category", {"tab": "open", "category": "urban.lighting"}),
    ("open, emergencies", {"tab": "open", "urgency": "emergency"}),
    ("all", {"tab": "all"}),
    ("all, emergencies", {"tab": "all", "urgency": "emergency"}),
    ("all, one category", {"tab": "all", "category": "urban.lighting"}),
    ("all, one class", {"tab": "all", "category": "urban"}),
    ("all, rejected", {"tab": "all", "state": "rejected"}),
    ("ended, newest", {"tab": "ended"}),
    ("ended, of the middle", {"tab": "ended", "after": "middle"}),
)
SEARCHES: tuple[tuple[str, dict[str, str]], ...] = (
    ("search 路灯 in all", {"tab": "all", "q": "路灯"}),
    ("search 灯 第7号楼 in open", {"tab": "open", "q": "灯 第7号楼"}),
    ("search 第17号楼 in ended", {"tab": "ended", "q": "第17号楼"}),
    ("search, nothing there", {"tab": "all", "q": "恐龙化石展览"}),
    ("search 灯 (one character)", {"tab": "all", "q": "灯"}),
    ("search a number", {"tab": "all", "q": "20260301"}),
    ("search a phone", {"tab": "all", "q": phone_of(7)}),
)
PAGES = ("/cases", "/cases?tab=overdue&order=due", "/cases?tab=all&q=路灯", "/dashboard", "/map", "/map/data", "/call")


async def _timed(ask: Callable[[], Awaitable[Any]]) -> list[float]:
    """Milliseconds of each turn, sorted; the first turn warms the statement and the cache and does not count."""
    await ask()
    times = []
    for _ in range(TURNS):
        began = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def _figure(name: str, times: list[float], goal: float, note: str = "") -> Figure:
    p95 = at(times, 0.95)
    said = f"{at(times, 0.5):.1f} / {p95:.1f} ms{note}"
    return Figure(name, said, f"p95 ≤ {goal:.0f} ms", p95 <= goal)


def _who(area_code: str, area_path: str) -> Who:
    actor = Actor("user:1", Role.DISPATCHER)
    return Who(1, "bench", "bench", Role.DISPATCHER, actor, area_code, area_path, "zh_CN", "", "", False)


async def _lists(office: Office, many: ManyCases, now: datetime) -> list[Figure]:
    """The database's part, as the whole district, a street and a community see it."""
    parts = many.paths[len(many.paths) // 2].strip("/").split("/")
    figures = []
    for place, depth in (("district", 1), ("street", 2), ("community", 3)):
        who = _who(parts[depth - 1], "".join(f"{code}/" for code in parts[:depth]))
        for name, params in (*LISTS, *SEARCHES):
            said = {key: value.replace("middle", str(many.count // 2)) for key, value in params.items()}
            filters = Filters.read(said)

            async def ask(who: Who = who, filters: Filters = filters) -> list[Any]:
                async with office.database.read() as session:
                    return (await find_cases(session, office, who, filters, now))[0]

            figures.append(_figure(f"{place}: {name}", await _timed(ask), LIST_GOAL_MS, f" ({len(await ask())} rows)"))

        async def counters(who: Who = who) -> dict[str, str]:
            async with office.database.read() as session:
                return await capped_counts(session, who, now)

        figures.append(_figure(f"{place}: counters", await _timed(counters), LIST_GOAL_MS))
    return figures


async def _logged_in(office: Office, area_code: str) -> httpx.AsyncClient:
    async with office.database.write() as session:
        session.add(
            User(
                district_code=DISTRICT, username=area_code, display_name="bench", role=Role.DISPATCHER.value,
                password_hash=await Passwords().hash(PASSWORD), area_code=area_code, created_at=NOW,
            )
        )  # fmt: skip
    app = Starlette()
    app.mount(BASE, build_admin(office, lambda: NOW))
    origin = "http://127.0.0.1:8000"
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=("127.0.0.1", 9)), base_url=origin)
    page = (await client.get(f"{BASE}/login")).text
    token = page.split('name="form" value="')[1].split('"')[0]
    form = {"username": area_code, "password": PASSWORD, "form": token}
    await client.post(f"{BASE}/login", data=form, headers={"origin": origin})
    return client


async def _pages(office: Office, many: ManyCases) -> list[Figure]:
    parts = many.paths[len(many.paths) // 2].strip("/").split("/")
    figures = []
    for place, code in (("district", DISTRICT), ("street", parts[1])):
        client = await _logged_in(office, code)
        for path in PAGES:

            async def ask(client: httpx.AsyncClient = client, path: str = path) -> httpx.Response:
                answer = await client.get(BASE + path)
                assert answer.status_code == 200, (path, answer.status_code)
                return answer

            figures.append(_figure(f"{place}: page {path}", await _timed(ask), PAGE_GOAL_MS))
        await client.aclose()
    return figures


async def _measure(folder: Path, cases: int) -> bool:
    office = await empty_office(folder)
    file = folder / "bench.db"
    many = ManyCases(file, DISTRICT, cases, office.vault)
    began = time.perf_counter()
    with Progress(transient=True) as bar:
        task = bar.add_task("cases", total=cases)
        await asyncio.to_thread(many.write, lambda done: bar.update(task, completed=done))
    seconds = time.perf_counter() - began
    async with office.database.read() as session:
        await office.atlas.reload(session)
    holds = show(f"lists with {cases:,} cases, p50 / p95 in the database", await _lists(office, many, NOW))
    holds &= show(f"pages with {cases:,} cases, p50 / p95 of the server", await _pages(office, many))
    load, size = os.getloadavg()[0], file.stat().st_size / 2**20
    show("written", [Figure("cases", f"{seconds:.0f} s, {size:,.0f} MB; load of the machine {load:.1f}")])
    await office.database.close()
    return holds


def run(cases: int = 1_000_000) -> bool:
    """Measures and prints; whether the goals hold."""
    with tempfile.TemporaryDirectory(dir=".") as place:
        return asyncio.run(_measure(Path(place), cases))
