"""A panel over the tiny office, with one user per role, browsers that keep cookies, and cases to look at.

dispatcher, operator, verifier, leader of 990101 云桥街道 · far: a dispatcher of 990102 河湾街道 · chief: district
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import httpx
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.applications import Starlette

from backend.admin.app import build_admin
from backend.admin.panel import BASE
from backend.cases.filing import NewCase, file_new
from backend.cases.models import Case
from backend.domain.case_view import Actor
from backend.domain.words import Kind, Role, Source, Urgency
from backend.office import Office
from backend.people.models import User
from backend.people.residents import new_resident, remember, resident_key
from backend.people.users import create_user
from tests.office_builder import MONDAY

PASSWORD = "correct horse battery"
USERS = (
    ("worker", Role.WORKER, "99010100101", None, 1),
    ("responsible", Role.RESPONSIBLE, "99010100101", None, 3),
    ("operator", Role.OPERATOR, "990101", None, None),
    ("dispatcher", Role.DISPATCHER, "990101", None, 6),
    ("far", Role.DISPATCHER, "990102", None, None),
    ("chief", Role.DISPATCHER, "990100", None, 7),
    ("verifier", Role.VERIFIER, "990101", None, 8),
    ("leader", Role.LEADER, "990101", None, 9),
    ("department", Role.DEPARTMENT, "990100", "综合执法队", 10),
    ("sysadmin", Role.SYSADMIN, "990100", None, None),
    ("security", Role.SECURITY_ADMIN, "990100", None, None),
    ("auditor", Role.AUDITOR, "990100", None, None),
)


@dataclass
class Clock:
    """A clock that stands until somebody moves it."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


@cache
def stored_password() -> str:
    """The hash of `PASSWORD`, made once: twelve users share it."""
    return Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)


@dataclass
class PanelUnderTest:
    """The panel, its clock, and a browser per user."""

    office: Office
    clock: Clock
    app: Starlette
    browsers: dict[str, "Browser"] = field(default_factory=dict)

    async def browser(self, username: str = "") -> "Browser":
        """A browser, logged in as `username` (once; "" is a stranger)."""
        if username and username in self.browsers:
            return self.browsers[username]
        browser = Browser(self.app)
        if username:
            await browser.log_in(username)
            self.browsers[username] = browser
        return browser


class Browser:
    """An httpx client that behaves like one: same origin, cookies, the CSRF token of the last page."""

    def __init__(self, app: Starlette, base: str = "http://127.0.0.1:8000") -> None:
        transport = httpx.ASGITransport(app=app, client=("127.0.0.9", 4711))
        self.client = httpx.AsyncClient(transport=transport, base_url=base)
        self.csrf = ""

    async def get(self, path: str, **more: object) -> httpx.Response:
        answer = await self.client.get(BASE + path, **more)  # type: ignore[arg-type]
        found = re.search(r'name="csrf-token" content="([^"]+)"', answer.text)
        self.csrf = found[1] if found else self.csrf
        return answer

    async def post(self, path: str, data: dict[str, str] | None = None, **more: object) -> httpx.Response:
        body = {"csrftoken": self.csrf, **(data or {})}
        return await self.client.post(BASE + path, data=body, **more)  # type: ignore[arg-type]

    async def log_in(self, username: str, password: str = PASSWORD) -> httpx.Response:
        page = await self.get("/login")
        token = re.search(r'name="form" value="([^"]+)"', page.text)
        assert token is not None
        answer = await self.client.post(
            f"{BASE}/login",
            data={"username": username, "password": password, "form": token[1]},
            headers={"origin": str(self.client.base_url).rstrip("/")},
        )
        if answer.status_code == 303:
            await self.get("/me")
        return answer


async def build_panel(office: Office) -> PanelUnderTest:
    """The panel with all users."""
    clock = Clock()
    async with office.database.write() as session:
        for username, role, area, unit, staff_id in USERS:
            session.add(
                User(
                    district_code=office.district_code,
                    username=username,
                    display_name=f"{username}老师",
                    password_hash=stored_password(),
                    role=role.value,
                    area_code=area,
                    unit=unit,
                    staff_id=staff_id,
                    created_at=clock.now,
                )
            )
    app = Starlette()
    app.mount(BASE, build_admin(office, clock))
    return PanelUnderTest(office, clock, app)


async def file_lamp(office: Office, now: datetime, **changes: object) -> Case:
    """A broken street lamp in grid 1 of 清泉社区, reported by a resident with name and telephone."""
    async with office.database.write() as session:
        resident = await new_resident(session, office, now)
        assert resident.id is not None
        await remember(session, office, resident, phone="13812345678", name="王小明")
        facts: dict[str, object] = {
            "text": "幸福里1号楼门口的路灯坏了三天，晚上黑漆漆的",
            "kind": Kind.REPAIR,
            "category": "urban.lighting",
            "urgency": Urgency.NORMAL,
            "source": Source.WEB,
            "area_code": "99010100101",
            "place": "幸福里小区1号楼",
            "resident_id": resident.id,
            **changes,
        }
        actor = Actor(resident_key(resident.id), Role.RESIDENT)
        return await file_new(session, office, NewCase(**facts), actor, now)  # type: ignore[arg-type]


__all__ = ["PASSWORD", "USERS", "Browser", "Clock", "PanelUnderTest", "build_panel", "create_user", "file_lamp"]
