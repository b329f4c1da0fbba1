"""The list of cases: queues, filters and search, newest first or most pressing first, page by page without counting.

A page asks for one row more than it shows; the cursor is the last row's sort key, so that page 400 costs as page 1.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from backend.admin.panel import panel_of
from backend.admin.rendering import render
from backend.admin.scope import cases_of
from backend.admin.who import Who, who_of
from backend.areas.models import Staff
from backend.cases.models import Case, CaseReporter
from backend.domain.words import LIVE, CaseState, Kind, Urgency
from backend.office import Office
from backend.people.models import Resident

PAGE_ROWS = 50
COUNT_CAP = 100  # tabs say "99+" rather than count millions
LIVE_STATES = tuple(state.value for state in LIVE)
TABS = ("open", "queue", "unsure", "overdue", "boundary", "verify", "mine", "ended", "all")
ORDERS = ("new", "due")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; every value is one of a closed list or a bound parameter."""

    tab: str = "open"
    state: str = ""
    kind: str = ""
    urgency: str = ""
    area: str = ""
    category: str = ""
    text: str = ""
    order: str = "new"
    after: str = ""

    @classmethod
    def read(cls, params: Any) -> "Filters":
        """From the query string; unknown values fall back to "any"."""
        return cls(
            tab=_one_of(params.get("tab", ""), TABS, "open"),
            state=_one_of(params.get("state", ""), tuple(CaseState), ""),
            kind=_one_of(params.get("kind", ""), tuple(Kind), ""),
            urgency=_one_of(params.get("urgency", ""), tuple(Urgency), ""),
            area=params.get("area", "")[:20],
            category=params.get("category", "")[:60],
            text=params.get("q", "").strip()[:60],
            order=_one_of(params.get("order", ""), ORDERS, "new"),
            after=params.get("after", "")[:60],
        )

    def query(self, **changes: str) -> str:
        """The same filters as a query string, with some changed."""
        names = ("tab", "state", "kind", "urgency", "area", "category", "order", "after")
        values = {name: getattr(self, name) for name in names} | {"q": self.text} | changes
        return urlencode({name: value for name, value in values.items() if value})


def _one_of(value: str, allowed: tuple[str, ...], otherwise: str) -> str:
    return str(value) if value in allowed else otherwise


def tab_condition(tab: str, who: Who, now: datetime) -> ColumnElement[bool]:
    """What a tab holds."""
    live = col(Case.state).in_(LIVE_STATES)
    conditions: dict[str, ColumnElement[bool]] = {
        "open": live,
        "queue": and_(live, col(Case.queue) != ""),
        "unsure": and_(live, or_(col(Case.category_sure).is_(False), col(Case.category_code) == "")),
        "overdue": and_(live, col(Case.due_at) < now),
        "boundary": and_(live, col(Case.queue).startswith("boundary:")),
        "verify": col(Case.state).in_(("done", "verified")),
        "mine": and_(live, or_(col(Case.assignee) == who.actor.id, col(Case.claimed_by_id) == who.user_id)),
        "ended": col(Case.state).not_in(LIVE_STATES),
        "all": col(Case.id).is_not(None),
    }
    return conditions[tab]


async def find_cases(
    session: AsyncSession, office: Office, who: Who, filters: Filters, now: datetime
) -> tuple[list[Case], str]:
    """One page of cases and the cursor of the next one ("" on the last)."""
    statement = select(Case).where(cases_of(who), tab_condition(filters.tab, who, now))
    for condition in [*_plain_filters(office, filters), *await _text_filter(session, office, filters.text)]:
        statement = statement.where(condition)
    if filters.order == "due":
        statement = statement.where(col(Case.due_at).is_not(None), *_after_due(filters.after))
        statement = statement.order_by(col(Case.due_at), col(Case.id))
    else:
        if filters.after.isdecimal():
            statement = statement.where(col(Case.id) < int(filters.after))
        statement = statement.order_by(col(Case.id).desc())
    rows = list((await session.exec(statement.limit(PAGE_ROWS + 1))).all())
    page = rows[:PAGE_ROWS]
    return page, _cursor(page[-1], filters.order) if len(rows) > PAGE_ROWS else ""


def _plain_filters(office: Office, filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name in ("state", "kind", "urgency"):
        value = getattr(filters, name)
        if value:
            found.append(getattr(Case, name) == value)
    area = office.atlas.area(filters.area) if filters.area else None
    if area is not None:
        found.append(col(Case.area_path).startswith("".join(f"{code}/" for code in area.path), autoescape=True))
    if filters.category:
        whole_class = "." not in filters.category
        prefix = f"{filters.category}." if whole_class else filters.category
        code = col(Case.category_code)
        found.append(code.startswith(prefix, autoescape=True) if whole_class else code == filters.category)
    return found


async def _text_filter(session: AsyncSession, office: Office, text: str) -> list[ColumnElement[bool]]:
    """A number, a phone (by its blind index), or words in title, description and place."""
    if not text:
        return []
    digits = text.replace(" ", "").replace("-", "")
    if digits.isdecimal() and len(digits) == 11 and digits.startswith("1"):
        return [await _reported_by_phone(session, office, digits)]
    if digits.isdecimal() and len(digits) >= 6:
        return [col(Case.number).startswith(text.replace(" ", ""), autoescape=True)]
    columns = (Case.title, Case.description, Case.place, Case.number)
    return [or_(*(col(one).contains(text, autoescape=True) for one in columns))]


async def _reported_by_phone(session: AsyncSession, office: Office, phone: str) -> ColumnElement[bool]:
    index = office.vault.blind_index(phone)
    people = select(Resident.id).where(Resident.phone_index == index, col(Resident.erased_at).is_(None))
    return col(Case.id).in_(select(CaseReporter.case_id).where(col(CaseReporter.resident_id).in_(people)))


def _after_due(after: str) -> list[ColumnElement[bool]]:
    moment, _, row_id = after.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return []
    if at.tzinfo is None or not row_id.isdecimal():
        return []
    return [or_(col(Case.due_at) > at, and_(col(Case.due_at) == at, col(Case.id) > int(row_id)))]


def _cursor(case: Case, order: str) -> str:
    return str(case.id) if order == "new" else f"{case.due_at.isoformat() if case.due_at else ''}_{case.id}"


async def capped_counts(
    session: AsyncSession, who: Who, now: datetime, tabs: tuple[str, ...] = ("queue", "unsure", "overdue", "boundary")
) -> dict[str, str]:
    """How many wait in each queue, "99+" from a hundred on: counting stops there."""
    counts = {}
    for tab in tabs:
        some = select(col(Case.id)).where(cases_of(who), tab_condition(tab, who, now)).limit(COUNT_CAP).subquery()
        count = (await session.exec(select(func.count()).select_from(some))).one()
        counts[tab] = str(count) if count < COUNT_CAP else f"{COUNT_CAP - 1}+"
    return counts


async def holders_of(session: AsyncSession, cases: list[Case]) -> dict[str, str]:
    """Names by actor key for a page of cases, in one query."""
    ids = {int(case.assignee[6:]) for case in cases if case.assignee and case.assignee.startswith("staff:")}
    if not ids:
        return {}
    people = await session.exec(select(Staff).where(col(Staff.id).in_(ids)))
    return {f"staff:{person.id}": person.name for person in people.all()}


async def case_list(request: Request) -> Response:
    """The list page; htmx asks for the table alone."""
    panel, who = panel_of(request), who_of(request)
    filters = Filters.read(request.query_params)
    now = panel.clock()
    async with panel.office.database.read() as session:
        cases, following = await find_cases(session, panel.office, who, filters, now)
        holders = await holders_of(session, cases)
        counts = await capped_counts(session, who, now)
    areas = [code for level in ("street", "community") for code in panel.office.atlas.codes(level)]
    mine = [code for code in areas if _inside(panel.office, code, who)]
    facts: dict[str, Any] = {
        "cases": cases,
        "following": following,
        "filters": filters,
        "holders": holders,
        "counts": counts,
        "tabs": TABS,
        "now": now,
        "areas": mine,
        "classes": panel.office.taxonomy.classes,
    }
    part = request.headers.get("hx-target") == "cases"
    return render(request, "cases_table.html" if part else "cases.html", **facts)


def _inside(office: Office, code: str, who: Who) -> bool:
    area = office.atlas.area(code)
    return area is not None and ("".join(f"{one}/" for one in area.path)).startswith(who.area_path)
