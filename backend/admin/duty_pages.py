"""The duty roster: two weeks at a glance, who is on, who is away; leave is entered and taken back here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.finding import NotHere
from backend.admin.panel import BASE, Panel, panel_of
from backend.admin.record_views import codes_below
from backend.admin.rendering import render, sentence_for
from backend.admin.who import Who, who_of
from backend.areas.models import DutyShift, Staff
from backend.office import Office
from nlu.errors import LinliError

DAYS = 14
LONGEST_LEAVE = timedelta(days=366)
ON_ROSTER = ("worker", "responsible")


class LeaveOverlaps(LinliError):
    """This person has leave in that time already."""

    code: ClassVar[str] = "leave_overlaps"
    status: ClassVar[int] = 409


class LeaveUnfit(LinliError):
    """Leave needs a first and a last day, in that order, a year apart at most."""

    code: ClassVar[str] = "leave_unfit"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Line:
    """One person over the days shown: `away` holds the leave of each day, or None."""

    staff: Staff
    away: tuple[DutyShift | None, ...]


async def show_roster(request: Request) -> Response:
    """The roster from today, or from the day asked for."""
    return await _page(request)


async def _page(request: Request, sentence: str = "", status: int = 200) -> Response:
    panel, who = panel_of(request), who_of(request)
    first = _day(request.query_params.get("from", "")) or panel.office.local(panel.clock()).date()
    days = [first + timedelta(days=step) for step in range(DAYS)]
    async with panel.office.database.read() as session:
        people = await _people(session, who)
        shifts = await _leave(session, panel, [person.id or 0 for person in people], days)
    lines = [Line(person, tuple(_on(panel.office, shifts, person, day) for day in days)) for person in people]
    uncovered = _uncovered(lines)
    back, on = days[0] - timedelta(days=DAYS), days[0] + timedelta(days=DAYS)
    return render(
        request, "roster.html", status, lines=lines, days=days, uncovered=uncovered, back=back, on=on, sentence=sentence
    )


def _uncovered(lines: Sequence[Line]) -> set[tuple[str, int]]:
    """(area, day) on which nobody of a grid is there: those cases will go to the community's queue."""
    areas = {line.staff.area_code for line in lines}
    found = set()
    for area in areas:
        here = [line for line in lines if line.staff.area_code == area]
        for place in range(DAYS):
            if all(line.away[place] is not None or not line.staff.on_duty for line in here):
                found.add((area, place))
    return found


async def _people(session: AsyncSession, who: Who) -> list[Staff]:
    found = await session.exec(
        select(Staff)
        .where(col(Staff.is_active), col(Staff.role).in_(ON_ROSTER), col(Staff.area_code).in_(codes_below(who)))
        .order_by(col(Staff.area_code), col(Staff.role).desc(), col(Staff.duty), col(Staff.id))
        .limit(600)
    )
    return list(found.all())


async def _leave(session: AsyncSession, panel: Panel, ids: list[int], days: list[date]) -> list[DutyShift]:
    start, end = _span(panel.office, days[0], days[-1])
    found = await session.exec(
        select(DutyShift).where(
            DutyShift.kind == "away",
            col(DutyShift.staff_id).in_(ids),
            DutyShift.starts_at < end,
            DutyShift.ends_at > start,
        )
    )
    return list(found.all())


def _span(office: Office, first: date, last: date) -> tuple[datetime, datetime]:
    """From the first local midnight to the one after the last day, in UTC."""
    start = datetime.combine(first, time(), office.zone)
    end = datetime.combine(last + timedelta(days=1), time(), office.zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def _on(office: Office, shifts: list[DutyShift], person: Staff, day: date) -> DutyShift | None:
    start, end = _span(office, day, day)
    mine = (one for one in shifts if one.staff_id == person.id and one.starts_at < end and one.ends_at > start)
    return next(mine, None)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


async def post_leave(request: Request) -> Response:
    """Enters leave; overlapping leave is refused."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    first, last = _day(str(form.get("first", ""))), _day(str(form.get("last", "")))
    try:
        if first is None or last is None or last < first or last - first > LONGEST_LEAVE:
            raise LeaveUnfit
        start, end = _span(panel.office, first, last)
        async with panel.office.database.write() as session:
            person = await _mine(session, who, str(form.get("staff_id", "")))
            await _check_free(session, person, start, end)
            shift = DutyShift(
                district_code=panel.office.district_code,
                staff_id=person.id or 0,
                kind="away",
                starts_at=start,
                ends_at=end,
                note=str(form.get("note", "")).strip()[:120],
            )
            session.add(shift)
            await panel.office.auditor.record(
                session,
                at=panel.clock(),
                actor=who.audit_key,
                action="enter_leave",
                subject=f"staff:{person.id}",
                first=first.isoformat(),
                last=last.isoformat(),
            )
    except NotHere:
        raise
    except LinliError as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    return RedirectResponse(f"{BASE}/roster", status_code=303)


async def _mine(session: AsyncSession, who: Who, wanted: str) -> Staff:
    if not wanted.isdecimal():
        raise NotHere
    found = await session.exec(
        select(Staff).where(col(Staff.id) == int(wanted), col(Staff.area_code).in_(codes_below(who)))
    )
    person = found.first()
    if person is None:
        raise NotHere
    return person


async def _check_free(session: AsyncSession, person: Staff, start: datetime, end: datetime) -> None:
    found = await session.exec(
        select(DutyShift.id).where(
            DutyShift.staff_id == person.id,
            DutyShift.kind == "away",
            DutyShift.starts_at < end,
            DutyShift.ends_at > start,
        )
    )
    if found.first() is not None:
        raise LeaveOverlaps


async def take_back(request: Request) -> Response:
    """Takes leave back."""
    panel, who = panel_of(request), who_of(request)
    async with panel.office.database.write() as session:
        shift = await session.get(DutyShift, int(request.path_params["shift_id"]))
        if shift is None:
            raise NotHere
        person = await _mine(session, who, str(shift.staff_id))
        await session.delete(shift)
        await panel.office.auditor.record(
            session, at=panel.clock(), actor=who.audit_key, action="take_leave_back", subject=f"staff:{person.id}"
        )
    return RedirectResponse(f"{BASE}/roster", status_code=303)
