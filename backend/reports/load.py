"""Who has how much on their hands now: held, waiting, overdue, due today, and what was done in the last seven days."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import case as when
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area, Staff
from backend.areas.roster import staff_key
from backend.cases.models import Case, CaseEvent
from backend.office import Office

HELD = ("dispatched", "accepted", "waiting")
DONE = ("done", "settle", "answer")


@dataclass(frozen=True, slots=True)
class LoadLine:
    """One grid worker or responsible person."""

    staff_key: str
    name: str
    area_code: str
    area_name: str
    held: int
    waiting: int
    overdue: int
    due_today: int
    done_week: int


async def worker_load(session: AsyncSession, office: Office, now: datetime, area: str = "") -> tuple[LoadLine, ...]:
    """All active workers and responsible persons of an area ("" = the district), the most loaded first."""
    asked = (
        select(Staff)
        .join(Area, col(Area.code) == col(Staff.area_code))
        .where(
            Staff.district_code == office.district_code,
            col(Staff.is_active),
            col(Staff.role).in_(("worker", "responsible")),
        )
    )
    place = await session.get(Area, area) if area else None
    if place is not None:
        asked = asked.where(col(Area.path).startswith(place.path, autoescape=True))
    people = (await session.exec(asked.order_by(col(Staff.id)))).all()
    held, done = await _held(session, office, now), await _done(session, office, now)
    lines = []
    for one in people:
        key, where = staff_key(one.id), office.atlas.full_name(one.area_code)
        lines.append(LoadLine(key, one.name, one.area_code, where, *held.get(key, (0, 0, 0, 0)), done.get(key, 0)))
    return tuple(sorted(lines, key=lambda line: (-line.overdue, -line.held, line.staff_key)))


async def _held(session: AsyncSession, office: Office, now: datetime) -> dict[str, tuple[int, int, int, int]]:
    tonight = datetime.combine(office.local(now).date() + timedelta(days=1), time(0), office.zone)

    def count(condition: Any) -> Any:
        return func.sum(when((condition, 1), else_=0))

    due = col(Case.due_at)
    found = await session.exec(
        select(  # type: ignore[call-overload]  # five columns of sums
            Case.assignee,
            func.count(),
            count(col(Case.state) == "waiting"),
            count(due < now),
            count((due >= now) & (due < tonight)),
        )
        .where(col(Case.state).in_(HELD), Case.district_code == office.district_code, col(Case.assignee).is_not(None))
        .group_by(col(Case.assignee))
    )
    return {str(row[0]): (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in found.all()}


async def _done(session: AsyncSession, office: Office, now: datetime) -> dict[str, int]:
    found = await session.exec(
        select(CaseEvent.actor, func.count())
        .where(
            col(CaseEvent.move).in_(DONE),
            CaseEvent.at > now - timedelta(days=7),
            CaseEvent.at <= now,
            CaseEvent.district_code == office.district_code,
        )
        .group_by(col(CaseEvent.actor))
    )
    return {actor: int(count) for actor, count in found.all()}
