"""A panel to look at: `python -m tests.backend.admin.serve [PORT]`, the tiny office with cases in every state.

Only for developing pages; every user of `building.USERS` logs in with `building.PASSWORD`.
"""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from sqlmodel import select
from starlette.applications import Starlette

from backend.admin.app import mount_admin
from backend.admin.model_room import ModelRoom
from backend.cases.models import Case
from backend.cases.moving import move
from backend.conversations.talk import open_conversation, write_down
from backend.domain.case_view import Actor
from backend.domain.words import Kind, Role, Urgency
from backend.office import Office
from backend.people.residents import remember, speaker_for
from backend.reports.keeping import refresh_reports
from nlu.reader import open_reader
from tests.backend.admin.building import build_panel, file_lamp
from tests.office_builder import fresh_office

N, U, E = Urgency.NORMAL, Urgency.URGENT, Urgency.EMERGENCY
GRID_1, GRID_2, COMMUNITY = "99010100101", "99010100102", "990101001"
STORIES: tuple[tuple[str, str, Kind, Urgency, str, str], ...] = (
    ("幸福里1号楼门口的路灯坏了三天，老人下楼看不清路", "urban.lighting", Kind.REPAIR, N, GRID_1, "幸福里小区1号楼"),
    ("楼上装修电钻从早响到晚，说了三次都不听", "environment.noise", Kind.COMPLAINT, U, GRID_1, "幸福里小区2号楼"),
    ("解放路20号门口窨井盖没了，已经有人崴脚", "urban.manhole", Kind.REPORT, E, GRID_2, "解放路20号"),
    ("想问一下独生子女证在哪里办，要带什么材料", "civil.other", Kind.CONSULTATION, N, COMMUNITY, ""),
    ("菜场后面那条巷子垃圾堆成山，夏天味道受不了", "urban.garbage", Kind.REPORT, N, GRID_1, "清泉菜场"),
    ("建议在社区门口装几个长椅，老人走累了有地方坐", "urban.other", Kind.SUGGESTION, N, COMMUNITY, "清泉社区门口"),
)  # fmt: skip

TALK = (
    ("in", "我家水管爆了"),
    ("out", "是家里的水管还是楼道里的？在哪里？"),
    ("in", "幸福里1号楼，楼道里的，水一直流"),
    ("in", "别机器人了，找个人"),
)


async def main(port: int) -> None:
    """Builds the office in a temporary folder and serves it."""
    with tempfile.TemporaryDirectory() as folder:
        office = await fresh_office(Path(folder))
        await build_panel(office)
        await furnish(office, datetime.now(UTC))
        app = Starlette()
        reader = open_reader()
        models = ModelRoom(Path(folder) / "models", b"only for looking at pages", office.taxonomy)
        mount_admin(app, office, lambda: datetime.now(UTC), reader.read, reader.engine, models)
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
        await uvicorn.Server(config).serve()
        await office.database.close()


async def furnish(office: Office, now: datetime) -> None:
    """Cases at every stage over the last days, a talk that waits, and one that somebody holds."""
    leaves = list(office.taxonomy.leaves)
    for number in range(26):
        text, category, kind, urgency, area, place = STORIES[number % len(STORIES)]
        category = category if category in leaves else leaves[(number * 7) % len(leaves)]
        at = now - timedelta(hours=3 + number * 9)
        case = await file_lamp(
            office, at, text=text, category=category if number % 5 else "", kind=kind, urgency=urgency,
            area_code=area, place=place, lat=30.002 + number % 7 * 0.001, lon=120.002 + number % 11 * 0.0015,
            category_sure=bool(number % 5),
        )  # fmt: skip
        await advance(office, case.number, number, at)
    async with office.database.write() as session:
        speaker = await speaker_for(session, office, "wechat", "gh_1", "openid-1", now)
        await remember(session, office, speaker.resident, name="王小明", phone="13812345678")
        talk = await open_conversation(session, office, speaker, now, chat="openid-1")
        for minute, (side, text) in enumerate(TALK):
            await write_down(
                session, office, talk, speaker.wrapped_key, side, text, now - timedelta(minutes=9 - minute)
            )
        talk.mode, talk.waiting_since, talk.waiting_for = "waiting", now - timedelta(minutes=4), "要求人工"
        session.add(talk)
    await refresh_reports(office, now)


async def advance(office: Office, number: str, step: int, at: datetime) -> None:
    """Some cases are accepted, done, verified."""
    async with office.database.write() as session:
        case = (await session.exec(select(Case).where(Case.number == number))).one()
        if case.state != "dispatched" or not case.assignee or step % 4 == 0:
            return
        worker = Actor(case.assignee, Role.WORKER, (case.area_code,))
        await move(session, office, case, worker, "accept", {}, at + timedelta(minutes=12), "李建国")
        if step % 4 >= 2:
            facts = {"result": "已更换灯头，现场试亮正常。"}
            await move(session, office, case, worker, "done", facts, at + timedelta(hours=2), "李建国")
        if step % 4 == 3:
            chief = Actor("user:99", Role.VERIFIER, ("990101",))
            await move(session, office, case, chief, "verify", {}, at + timedelta(hours=3), "钱进")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8123))
