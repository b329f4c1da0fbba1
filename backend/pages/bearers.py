"""Who comes with a link: the worker of a task or delivery, or the resident of a case or application; nobody else."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.areas.roster import staff_key
from backend.cases.history import view_of
from backend.cases.links import LinkOver, LinkUnknown, open_link
from backend.cases.models import Case, PageLink
from backend.domain.case_view import Actor, CaseView
from backend.domain.lifecycle import is_holder
from backend.domain.visibility import in_conflict
from backend.domain.words import Role
from backend.items.models import Application
from backend.pages.refusals import TaskGone
from backend.people.models import Resident
from backend.people.residents import resident_key


@dataclass(frozen=True, slots=True)
class Worker:
    """The member of staff a link was made for."""

    link: PageLink
    staff: Staff
    actor: Actor


@dataclass(frozen=True, slots=True)
class Reader:
    """The resident a link was made for."""

    link: PageLink
    resident: Resident
    actor: Actor


async def worker_of(session: AsyncSession, token: str, now: datetime) -> Worker:
    """The worker behind a `/t/` link. Raises `LinkUnknown`, or `LinkOver` when they have left."""
    link = await open_link(session, token, now)
    if link.purpose not in ("task", "delivery") or link.staff_id is None:
        raise LinkUnknown
    staff = await session.get(Staff, link.staff_id)
    if staff is None or not staff.is_active:
        raise LinkOver
    actor = Actor(staff_key(staff.id), Role(staff.role), (staff.area_code,), staff.unit)
    return Worker(link, staff, actor)


async def reader_of(session: AsyncSession, token: str, now: datetime) -> Reader:
    """The resident behind a `/c/` link. Raises `LinkUnknown`, or `LinkOver` when they were erased."""
    link = await open_link(session, token, now)
    if link.purpose not in ("case", "application") or link.resident_id is None:
        raise LinkUnknown
    resident = await session.get(Resident, link.resident_id)
    if resident is None or resident.erased_at is not None:
        raise LinkOver
    return Reader(link, resident, Actor(resident_key(link.resident_id), Role.RESIDENT))


async def task_case(session: AsyncSession, worker: Worker, number: str) -> tuple[Case, CaseView]:
    """The link's own task, or with `number` another one this worker holds.

    Raises `LinkUnknown` for what was never theirs or accuses them, `TaskGone` for what is not theirs any more.
    """
    if number:
        case = (await session.exec(select(Case).where(Case.number == number))).first()
    else:
        case = await session.get(Case, worker.link.case_id) if worker.link.case_id else None
    if case is None:
        raise LinkUnknown
    view = await view_of(session, case)
    if in_conflict(view, worker.actor):
        raise LinkUnknown
    if is_holder(view, worker.actor) or view.doer == worker.actor.id:
        return case, view
    raise LinkUnknown if number else TaskGone


async def own_case(session: AsyncSession, reader: Reader) -> tuple[Case, CaseView]:
    """The link's case. Raises `LinkUnknown`, or `LinkOver` for one who does not follow it any more."""
    case = await session.get(Case, reader.link.case_id) if reader.link.case_id else None
    if case is None:
        raise LinkUnknown
    view = await view_of(session, case)
    if reader.actor.id not in view.reporters:
        raise LinkOver
    return case, view


async def own_application(session: AsyncSession, reader: Reader) -> Application:
    """The link's application, of its applicant or their proxy."""
    application = await session.get(Application, reader.link.application_id) if reader.link.application_id else None
    if application is None:
        raise LinkUnknown
    if reader.link.resident_id not in (application.resident_id, application.proxy_resident_id):
        raise LinkOver
    return application


async def carried(session: AsyncSession, worker: Worker) -> Application:
    """The application this worker is to bring. Raises `LinkUnknown` or `TaskGone`."""
    application = await session.get(Application, worker.link.application_id) if worker.link.application_id else None
    if application is None:
        raise LinkUnknown
    if application.delivery_staff_id != worker.staff.id:
        raise TaskGone
    return application
