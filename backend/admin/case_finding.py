"""One page of cases: whatever is asked, an index is walked from a cursor and left after a page; nothing is counted.

| asked for                                   | walked                                                          |
|---------------------------------------------|-----------------------------------------------------------------|
| words                                       | the inverted index, newest first (area and liveness are in it)  |
| the beginning of a number                   | the numbers                                                     |
| a phone                                     | the reports of its owner, by blind index                        |
| open cases                                  | the narrow indexes of what is open                              |
| all or ended, in a community or a grid      | each of its areas newest first, merged                          |
| all or ended, in a street or the district   | newest first, until the page is full                            |
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.admin.case_filters import LIVE_TABS, WAITING_TABS, Filters, tab_condition
from backend.admin.scope import beginning_with, cases_of, in_range, reach_of
from backend.admin.who import Who
from backend.areas.models import Area
from backend.cases.models import Case, CaseReporter
from backend.cases.search import Wanted, join_found
from backend.office import Office
from backend.people.models import Resident

PAGE_ROWS = 50
COUNT_CAP = 100  # tabs say "99+" rather than count millions
NARROW = 3  # areas from a community down hold few cases beside all others
MOST_PLACES = 60  # of a community
NUMBER_DIGITS = 6


async def find_cases(
    session: AsyncSession, office: Office, who: Who, filters: Filters, now: datetime
) -> tuple[list[Case], str]:
    """One page of cases and the cursor of the next one ("" on the last)."""
    statement = select_rows(Case).where(cases_of(who), tab_condition(filters.tab, who, now))
    statement = statement.where(*_plain_filters(office, who, filters))
    if filters.text:
        statement, cursor = await _searched(session, office, who, filters, statement)
    elif filters.order == "due" and filters.tab != "ended":
        statement, cursor = _by_due(filters, statement), "due"
    else:
        statement, cursor = await _newest(session, office, who, filters, statement), "id"
    rows = list((await session.exec(statement.limit(PAGE_ROWS + 1))).all())
    page = rows[:PAGE_ROWS]
    return page, _cursor(page[-1], cursor) if len(rows) > PAGE_ROWS else ""


def _plain_filters(office: Office, who: Who, filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    apart = filters.tab in LIVE_TABS or _deepest(office, who, filters).count("/") >= NARROW
    for name in ("state", "kind", "urgency"):
        value = getattr(filters, name)
        if value:
            found.append(_kept_to(apart, getattr(Case, name)) == value)
    if filters.state:
        found.append(col(Case.district_code) == office.district_code)
    if filters.area and (inside := _path_of(office, filters.area)):
        found.append(beginning_with(col(Case.area_path), inside))
    if filters.category:
        code = _kept_to(apart, Case.category_code)
        whole_class = "." not in filters.category
        found.append(beginning_with(code, f"{filters.category}.") if whole_class else code == filters.category)
    return found


def _kept_to(apart: bool, column: Any) -> Any:
    """Within open cases, or one community, a filter must not lure the search into an index of all cases."""
    return func.coalesce(column, "") if apart else col(column)


def _path_of(office: Office, code: str) -> str:
    area = office.atlas.area(code)
    return "".join(f"{one}/" for one in area.path) if area is not None else ""


def _deepest(office: Office, who: Who, filters: Filters) -> str:
    """The narrowest area that everything asked for lies in."""
    return max(reach_of(who), _path_of(office, filters.area) if filters.area else "", key=len)


async def _newest(session: AsyncSession, office: Office, who: Who, filters: Filters, statement: Any) -> Any:
    before = int(filters.after) if filters.after.isdecimal() else None
    if before is not None:
        statement = statement.where(col(Case.id) < before)
    inside, sqlite = _deepest(office, who, filters), office.database.is_sqlite
    if inside.count("/") < NARROW:
        return statement.order_by(col(Case.id).desc())
    if filters.tab in LIVE_TABS:  # few: the open ones of a community or a grid
        return statement.where(*in_range(col(Case.area_path), inside, sqlite=sqlite)).order_by(col(Case.id).desc())
    places = (await session.exec(select_rows(Area.path).where(*in_range(col(Area.path), inside, sqlite=sqlite)))).all()
    if len(places) > MOST_PLACES:
        return statement.order_by(col(Case.id).desc())
    narrowed = statement.whereclause
    walks = [
        select(col(Case.id)).where(narrowed, col(Case.area_path) == path).order_by(col(Case.id).desc())
        for path in places
    ]
    each = [select(walk.limit(PAGE_ROWS + 1).subquery().c.id) for walk in walks]
    ids = union_all(*each) if len(each) > 1 else each[0]
    return select_rows(Case).where(col(Case.id).in_(ids)).order_by(col(Case.id).desc())


def _by_due(filters: Filters, statement: Any) -> Any:
    """Only what is open falls due."""
    due = col(Case.due_at)
    statement = statement.where(col(Case.closed_at).is_(None), due.is_not(None), *_after_due(filters.after))
    return statement.order_by(due, col(Case.id))


def _after_due(after: str) -> list[ColumnElement[bool]]:
    moment, _, row_id = after.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return []
    if at.tzinfo is None or not row_id.isdecimal():
        return []
    due = col(Case.due_at)
    return [due >= at, or_(due > at, and_(due == at, col(Case.id) > int(row_id)))]


async def _searched(
    session: AsyncSession, office: Office, who: Who, filters: Filters, statement: Any
) -> tuple[Any, str]:
    """A number, a phone (by its blind index), or words of number, title, description and place."""
    said = filters.text.replace(" ", "")
    digits = said.replace("-", "")
    if digits.isdecimal() and len(digits) == 11 and digits.startswith("1"):
        return _of_phone(office, digits, filters, statement), "id"
    if digits.isdecimal() and len(digits) >= NUMBER_DIGITS:
        if filters.after.isdecimal():  # the API continues from a row
            statement = statement.where(col(Case.id) < int(filters.after))
        elif filters.after:
            statement = statement.where(col(Case.number) < filters.after)
        begins = in_range(col(Case.number), said, sqlite=office.database.is_sqlite)
        return statement.where(*begins).order_by(col(Case.number).desc()), "number"
    areas = [f"@{code}" for code in _deepest(office, who, filters).strip("/").split("/")[1:]][-1:]
    live = ["#live"] if filters.tab in LIVE_TABS else ["#ended"] if filters.tab == "ended" else []
    wanted = Wanted.read(filters.text, [*areas, *live])
    if not wanted.parts:
        return statement.where(col(Case.id).is_(None)), "id"
    statement, newest = join_found(statement, wanted, sqlite=office.database.is_sqlite)
    if filters.after.isdecimal():
        statement = statement.where(newest < int(filters.after))
    return statement.order_by(newest.desc()), "id"


def _of_phone(office: Office, phone: str, filters: Filters, statement: Any) -> Any:
    index = office.vault.blind_index(phone)
    people = select(col(Resident.id)).where(col(Resident.phone_index) == index, col(Resident.erased_at).is_(None))
    reported = select(col(CaseReporter.case_id)).where(col(CaseReporter.resident_id).in_(people))
    if filters.after.isdecimal():
        statement = statement.where(col(Case.id) < int(filters.after))
    return statement.where(col(Case.id).in_(reported)).order_by(col(Case.id).desc())


def _cursor(case: Case, kind: str) -> str:
    if kind == "due":
        return f"{case.due_at.isoformat() if case.due_at else ''}_{case.id}"
    return case.number if kind == "number" else str(case.id)


async def capped_counts(
    session: AsyncSession, who: Who, now: datetime, tabs: tuple[str, ...] = ("queue", "unsure", "overdue", "boundary")
) -> dict[str, str]:
    """How many wait in each queue, "99+" from a hundred on: counting stops there."""
    counts = {}
    sqlite = session.get_bind().dialect.name == "sqlite"
    for tab in tabs:
        statement = select(col(Case.id)).where(cases_of(who), tab_condition(tab, who, now))
        if reach_of(who).count("/") >= NARROW:
            statement = statement.where(*in_range(col(Case.area_path), who.area_path, sqlite=sqlite))
        if tab not in WAITING_TABS and tab != "overdue":  # those have an index of their own
            statement = statement.order_by(col(Case.id).desc())
        some = statement.limit(COUNT_CAP).subquery()
        count = int((await session.execute(select(func.count()).select_from(some))).scalar_one())
        counts[tab] = str(count) if count < COUNT_CAP else f"{COUNT_CAP - 1}+"
    return counts
