"""Case lists that a person keeps under a name: at most twenty, their own alone."""

from urllib.parse import parse_qsl

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.case_filters import Filters
from backend.admin.finding import NotHere
from backend.admin.panel import BASE, panel_of
from backend.admin.who import Who, who_of
from backend.people.models import SavedFilter

MOST = 20
NAME_CHARS, QUERY_CHARS = 40, 300


async def saved_of(session: AsyncSession, who: Who) -> list[SavedFilter]:
    """A person's filters, oldest first."""
    found = await session.exec(
        select(SavedFilter).where(SavedFilter.user_id == who.user_id).order_by(col(SavedFilter.id)).limit(MOST)
    )
    return list(found.all())


async def keep_filter(request: Request) -> Response:
    """Keeps the filter under its name; the same name again replaces it. Unknown parts of the query fall away."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    name = " ".join(str(form.get("name", "")).split())[:NAME_CHARS]
    asked = Filters.read(dict(parse_qsl(str(form.get("query", ""))[:QUERY_CHARS])))
    query = asked.query(after="")[:QUERY_CHARS]
    async with panel.office.database.write() as session:
        rows = await saved_of(session, who)
        row = next((one for one in rows if one.name == name), None)
        if row is None and name and len(rows) < MOST:
            row = SavedFilter(district_code=panel.office.district_code, user_id=who.user_id, name=name, query=query)
        if row is not None:
            row.query = query
            session.add(row)
    return RedirectResponse(f"{BASE}/cases?{query}", status_code=303)


async def drop_filter(request: Request) -> Response:
    """Forgets one of one's own filters."""
    who, filter_id = who_of(request), int(request.path_params["filter_id"])
    async with panel_of(request).office.database.write() as session:
        mine = delete(SavedFilter).where(col(SavedFilter.id) == filter_id, col(SavedFilter.user_id) == who.user_id)
        gone = await session.execute(mine.returning(col(SavedFilter.id)))
        if gone.scalar_one_or_none() is None:
            raise NotHere
    return RedirectResponse(f"{BASE}/cases", status_code=303)
