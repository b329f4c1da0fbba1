"""Short ways to act in the tiny district: file a lamp, act as a person of the roster, read what was told."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from backend.areas.models import Staff
from backend.cases.filing import NewCase, file_new
from backend.cases.models import Case
from backend.cases.moving import move
from backend.domain.case_view import Actor, CaseView
from backend.domain.words import Kind, Role, Source, Urgency
from backend.notices.models import Notice
from backend.office import Office
from backend.people.residents import new_resident, resident_key
from tests.office_builder import MONDAY

GRID = "99010100101"
PHOTO = {"result": "灯泡换了", "photo": ["1"], "evidence": ("photo_after",)}


def lamp(resident_id: int | None, **more: object) -> NewCase:
    """A dark street lamp at 幸福里 1号楼."""
    facts: dict[str, object] = {
        "text": "幸福里1号楼门口路灯不亮",
        "kind": Kind.REPAIR,
        "category": "urban.lighting",
        "urgency": Urgency.NORMAL,
        "source": Source.WEB,
        "area_code": GRID,
        "place": "幸福里小区1号楼",
        "resident_id": resident_id,
        **more,
    }
    return NewCase(**facts)  # type: ignore[arg-type]  # tests vary single fields


async def file(office: Office, at: datetime = MONDAY, **more: object) -> tuple[Case, Actor]:
    """Files a lamp as a new resident; the case and the resident as actor."""
    async with office.database.write() as session:
        resident = await new_resident(session, office, at)
        assert resident.id is not None
        actor = Actor(resident_key(resident.id), Role.RESIDENT)
        return await file_new(session, office, lamp(resident.id, **more), actor, at), actor


async def person(office: Office, name: str) -> Actor:
    """A member of staff as the rules see them."""
    async with office.database.read() as session:
        row = (await session.exec(select(Staff).where(Staff.name == name))).one()
    return Actor(f"staff:{row.id}", Role(row.role), (row.area_code,), row.unit)


async def act(office: Office, case: Case, actor: Actor, name: str, hours: float = 1, **facts: object) -> CaseView:
    """Makes a move so many hours after Monday 10:00."""
    async with office.database.write() as session:
        row = await session.get_one(Case, case.id)
        return await move(session, office, row, actor, name, facts, MONDAY + timedelta(hours=hours))


async def now_is(office: Office, case: Case) -> Case:
    """The case's row as it stands."""
    async with office.database.read() as session:
        return await session.get_one(Case, case.id)


async def told(office: Office, who: Actor | None = None, milestone: str | None = None) -> list[str]:
    """Milestones told to a person, oldest first; or everybody who was told of one, as actor keys."""
    async with office.database.read() as session:
        rows = (await session.exec(select(Notice).order_by(col(Notice.id)))).all()
    keys = [(f"staff:{r.staff_id}" if r.staff_id else f"resident:{r.resident_id}", r.milestone) for r in rows]
    if who is not None:
        return [name for key, name in keys if key == who.id]
    return [key for key, name in keys if name == milestone]
