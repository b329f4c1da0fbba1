"""The list of cases: queues, filters and search, newest first or most pressing first, page by page without counting."""

from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from backend.admin.case_filters import TABS, Filters
from backend.admin.case_finding import capped_counts, find_cases
from backend.admin.panel import panel_of
from backend.admin.rendering import render
from backend.admin.saved_filters import saved_of
from backend.admin.who import Who, who_of
from backend.areas.models import Staff
from backend.cases.models import Case
from backend.office import Office


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
        saved = await saved_of(session, who)
    areas = [code for level in ("street", "community") for code in panel.office.atlas.codes(level)]
    mine = [code for code in areas if _inside(panel.office, code, who)]
    facts: dict[str, Any] = {
        "cases": cases,
        "following": following,
        "filters": filters,
        "holders": holders,
        "counts": counts,
        "tabs": TABS,
        "saved": saved,
        "now": now,
        "areas": mine,
        "classes": panel.office.taxonomy.classes,
    }
    part = request.headers.get("hx-target") == "cases"
    return render(request, "cases_table.html" if part else "cases.html", **facts)


def _inside(office: Office, code: str, who: Who) -> bool:
    area = office.atlas.area(code)
    return area is not None and ("".join(f"{one}/" for one in area.path)).startswith(who.area_path)
