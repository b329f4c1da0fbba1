"""Pages over the real office: a filed case with its worker's and resident's links, and a browser."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
from PIL import Image
from sqlmodel import col, select
from starlette.applications import Starlette

from backend.areas.models import Staff
from backend.cases.links import new_link
from backend.cases.models import Case, CaseEvent
from backend.cases.moving import move
from backend.domain.case_view import Actor
from backend.domain.words import Role
from backend.office import Office
from backend.pages.app import page_routes
from tests.backend.cases.test_filing_and_dispatching import file_lamp
from tests.office_builder import MONDAY

HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}


def jpeg(shade: int = 90) -> bytes:
    """A small real photo; another shade is another photo."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (shade, 120, 40)).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Bench:
    """The pages with one case in them; `now` can be turned."""

    office: Office
    now: datetime
    case: Case
    resident_id: int
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    worker: str = ""  # paths of the links
    resident: str = ""

    def browser(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """A browser without cookies."""
        app = Starlette(routes=page_routes(self.office, lambda: self.now))
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, client=(address, 4000)), base_url="http://127.0.0.1:8000"
        )
        self.clients.append(client)
        return client

    async def staff(self, name: str) -> Staff:
        async with self.office.database.read() as session:
            return (await session.exec(select(Staff).where(Staff.name == name))).one()

    async def link_for(self, name: str) -> str:
        """The path of a fresh task link for a member of staff."""
        person = await self.staff(name)
        async with self.office.database.write() as session:
            url = await new_link(session, self.office, "task", self.now, case_id=self.case.id, staff_id=person.id)
        return url.removeprefix(self.office.public_url)

    async def fresh(self) -> Case:
        """The case as it stands now."""
        async with self.office.database.read() as session:
            return (await session.exec(select(Case).where(Case.id == self.case.id))).one()

    async def events(self) -> list[CaseEvent]:
        async with self.office.database.read() as session:
            found = await session.exec(
                select(CaseEvent).where(CaseEvent.case_id == self.case.id).order_by(col(CaseEvent.seq))
            )
            return list(found.all())

    async def walk(self, *names: str) -> None:
        """Moves of the A person, one minute apart."""
        person = await self.staff("李建国")
        actor = Actor(f"staff:{person.id}", Role.WORKER, (person.area_code,))
        for name in names:
            self.now += timedelta(minutes=1)
            async with self.office.database.write() as session:
                case = (await session.exec(select(Case).where(Case.id == self.case.id))).one()
                facts = {"result": "换了灯泡，电话13911112222"} if name == "done" else {}
                await move(session, self.office, case, actor, name, facts, self.now, person.name)


@pytest.fixture
async def bench(office: Office) -> AsyncIterator[Bench]:
    """A dark lamp, dispatched to 李建国."""
    case, resident_id = await file_lamp(office)
    built = Bench(office, MONDAY + timedelta(minutes=5), case, resident_id)
    built.worker = await built.link_for("李建国")
    async with office.database.write() as session:
        url = await new_link(session, office, "case", MONDAY, case_id=case.id, resident_id=resident_id)
    built.resident = url.removeprefix(office.public_url)
    yield built
    for client in built.clients:
        await client.aclose()
