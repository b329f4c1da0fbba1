"""What members of staff read at fixed times: the worker's morning list, the dispatcher's overdue list, the leader's
brief of yesterday and, on Mondays, of last week. Each is one notice per person and day, so a late tick sends no second.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area, Staff
from backend.areas.roster import staff_key
from backend.cases.models import Case
from backend.domain.rates import Rate
from backend.notices.letters import Outgoing
from backend.notices.models import Notice
from backend.notices.outbox import NORMAL, ToTell
from backend.office import Office
from backend.reports.rates import rates_report

HELD = ("dispatched", "accepted", "waiting")
OPEN = ("received", *HELD, "suspended", "done")
MOST_LINES = 8
LATE_TICK = timedelta(hours=3)  # a digest that could not be written for so long is not written any more
RATES = (Rate.RESPONSE, Rate.SOLVED, Rate.SATISFIED)

Text = Callable[[AsyncSession, Office, Staff, datetime], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Digest:
    """One row: who reads it, at which local time, on which weekdays (Monday is 0), and what it says (None: nothing)."""

    milestone: str
    roles: tuple[str, ...]
    at: time
    weekdays: tuple[int, ...]
    text: Text


async def write_digests(office: Office, now: datetime) -> int:
    """Writes the digests whose time has come today; how many."""
    local, written = office.local(now), 0
    for digest in DIGESTS:
        due = local.replace(hour=digest.at.hour, minute=digest.at.minute, second=0, microsecond=0)
        if local.weekday() in digest.weekdays and due <= local <= due + LATE_TICK:
            written += await _write(office, digest, local.date(), now)
    return written


async def _write(office: Office, digest: Digest, day: date, now: datetime) -> int:
    mark = f"digest:{digest.milestone}:{day.isoformat()}:{digest.at:%H%M}:"
    async with office.database.read() as session:
        told = set((await session.exec(select(Notice.staff_id).where(col(Notice.dedupe_key).startswith(mark)))).all())
        found = await session.exec(
            select(Staff).where(col(Staff.role).in_(digest.roles), col(Staff.is_active)).order_by(col(Staff.id))
        )
        texts = [
            (staff, await digest.text(session, office, staff, now)) for staff in found.all() if staff.id not in told
        ]
    wanted = [(staff, text) for staff, text in texts if text]
    if not wanted:
        return 0
    async with office.database.write() as session:
        for staff, text in wanted:
            tell = ToTell(
                milestone=digest.milestone,
                audience="worker" if "worker" in digest.roles else "staff",
                letter=Outgoing(text),
                dedupe_key=f"{mark}s{staff.id}",
                order_key=f"digest:s{staff.id}",
                lane=NORMAL,
                staff_id=staff.id,
            )
            await office.outbox.write(session, tell, now)
    return len(wanted)


async def morning_list(session: AsyncSession, office: Office, staff: Staff, now: datetime) -> str | None:
    """What a worker holds, the most pressing first; nothing for those who hold nothing."""
    held = select(Case).where(Case.assignee == staff_key(staff.id), col(Case.state).in_(HELD))
    cases = list((await session.exec(held.order_by(col(Case.due_at), col(Case.id)))).all())
    if not cases:
        return None
    tonight = office.local(now).replace(hour=23, minute=59, second=59)
    today = sum(case.due_at is not None and now <= case.due_at <= tonight for case in cases)
    overdue = sum(case.due_at is not None and case.due_at < now for case in cases)
    lines = _lines(office, cases, len(cases))
    return office.texts.say(
        "digests.morning_list", name=staff.name, count=len(cases), today=today, overdue=overdue, lines=lines
    )


async def overdue_list(session: AsyncSession, office: Office, staff: Staff, now: datetime) -> str | None:
    """What is overdue or without an owner in a dispatcher's area; nothing when all is well."""
    path = await _path_of(session, staff)
    here = (col(Case.area_path).startswith(path), col(Case.state).in_(OPEN))
    late = select(Case).where(*here, col(Case.due_at) < now).order_by(col(Case.due_at)).limit(MOST_LINES)
    count = (await session.exec(select(func.count()).where(*here, col(Case.due_at) < now))).one()
    unowned = (await session.exec(select(func.count()).where(*here, col(Case.queue) != ""))).one()
    if not count and not unowned:
        return None
    lines = _lines(office, (await session.exec(late)).all(), count)
    area = office.atlas.full_name(staff.area_code)
    return office.texts.say("digests.overdue_list", area=area, count=count, unowned=unowned, lines=lines)


async def daily_brief(session: AsyncSession, office: Office, staff: Staff, now: datetime) -> str | None:
    """Yesterday in a leader's area, with the three rates."""
    yesterday = office.local(now).date() - timedelta(days=1)
    return await _brief(session, office, staff, now, "daily_brief", yesterday, yesterday)


async def weekly_brief(session: AsyncSession, office: Office, staff: Staff, now: datetime) -> str | None:
    """Last week, Monday to Sunday."""
    monday = office.local(now).date() - timedelta(days=7 + office.local(now).weekday())
    return await _brief(session, office, staff, now, "weekly_brief", monday, monday + timedelta(days=6))


async def _brief(
    session: AsyncSession, office: Office, staff: Staff, now: datetime, name: str, first: date, last: date
) -> str:
    path = await _path_of(session, staff)
    begin = datetime.combine(first, time(), office.zone)
    end = datetime.combine(last + timedelta(days=1), time(), office.zone)
    here = col(Case.area_path).startswith(path)

    async def count(*where: object) -> int:
        return (await session.exec(select(func.count()).where(here, *where))).one()  # type: ignore[arg-type]

    filed = await count(col(Case.created_at) >= begin, col(Case.created_at) < end)
    closed = await count(col(Case.closed_at) >= begin, col(Case.closed_at) < end)
    report = await rates_report(session, office, first, last, staff.area_code)
    rates = [_rate(office, rate, report.total.figures[rate].above, report.total.figures[rate].below) for rate in RATES]
    return office.texts.say(
        f"digests.{name}",
        area=office.atlas.full_name(staff.area_code),
        period=f"{first:%m-%d}" if first == last else f"{first:%m-%d} – {last:%m-%d}",
        filed=filed,
        closed=closed,
        open=await count(col(Case.state).in_(OPEN)),
        overdue=await count(col(Case.state).in_(OPEN), col(Case.due_at) < now),
        rates="\n".join(rates),
    )


def _rate(office: Office, rate: Rate, above: int, below: int) -> str:
    name = office.texts.say(f"digests.name.{rate.value}")
    if not below:
        return office.texts.say("digests.no_rate", name=name)
    return office.texts.say("digests.rate", name=name, value=f"{above / below:.1%}", above=above, below=below)


def _lines(office: Office, cases: Sequence[Case], count: int) -> str:
    lines = [
        office.texts.say(
            "digests.line",
            number=case.number,
            title=case.title,
            place=case.place or office.texts.say("notices.part.no_place"),
            due=f"{office.local(case.due_at):%m-%d %H:%M}" if case.due_at else office.texts.say("notices.part.no_due"),
        )
        for case in cases[:MOST_LINES]
    ]
    if count > len(lines):
        lines.append(office.texts.say("digests.more", count=count - len(lines)))
    return "\n".join(lines)


async def _path_of(session: AsyncSession, staff: Staff) -> str:
    area = await session.get(Area, staff.area_code)
    return area.path if area is not None else f"{staff.area_code}/"


EVERY_DAY, WORKING_WEEK = tuple(range(7)), tuple(range(5))
DIGESTS: tuple[Digest, ...] = (
    Digest("morning_list", ("worker", "responsible"), time(8, 0), EVERY_DAY, morning_list),
    Digest("overdue_list", ("dispatcher",), time(8, 30), EVERY_DAY, overdue_list),
    Digest("overdue_list", ("dispatcher",), time(14, 30), WORKING_WEEK, overdue_list),
    Digest("daily_brief", ("leader",), time(8, 30), EVERY_DAY, daily_brief),
    Digest("weekly_brief", ("leader",), time(9, 0), (0,), weekly_brief),
)
