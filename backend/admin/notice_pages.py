"""Notices that did not arrive: why, after how many tries, and one press to send them again."""

from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.finding import NotHere
from backend.admin.panel import BASE, panel_of
from backend.admin.rendering import render
from backend.admin.scope import notices_of
from backend.admin.who import who_of
from backend.cases.models import Case
from backend.notices.models import Notice, NoticeTry

PAGE_ROWS = 50
TABS = ("dead", "suppressed")


async def notice_list(request: Request) -> Response:
    """Dead notices, newest first; the other tab shows what was held back and why."""
    panel, who = panel_of(request), who_of(request)
    tab = request.query_params.get("tab", "dead")
    tab = tab if tab in TABS else "dead"
    after = request.query_params.get("after", "")
    statement = select(Notice).where(Notice.status == tab, notices_of(who))
    if after.isdecimal():
        statement = statement.where(col(Notice.id) < int(after))
    async with panel.office.database.read() as session:
        rows = list((await session.exec(statement.order_by(col(Notice.id).desc()).limit(PAGE_ROWS + 1))).all())
        page = rows[:PAGE_ROWS]
        numbers = await session.exec(
            select(Case.id, Case.number).where(col(Case.id).in_([row.case_id for row in page if row.case_id]))
        )
        tries = await session.exec(
            select(NoticeTry).where(col(NoticeTry.notice_id).in_([row.id for row in page])).order_by(col(NoticeTry.id))
        )
        last = {one.notice_id: one for one in tries.all()}
        by_case = dict(numbers.all())
    following = str(page[-1].id) if len(rows) > PAGE_ROWS else ""
    return render(
        request, "notices.html", rows=page, tab=tab, tabs=TABS, numbers=by_case, last=last, following=following
    )


async def replay(request: Request) -> Response:
    """Puts a notice back into the outbox."""
    panel, who = panel_of(request), who_of(request)
    notice_id = int(request.path_params["notice_id"])
    now = panel.clock()
    async with panel.office.database.write() as session:
        mine = await session.exec(select(Notice.id).where(col(Notice.id) == notice_id, notices_of(who)))
        if mine.first() is None:
            raise NotHere
        await panel.office.outbox.replay(session, notice_id, now)
        await panel.office.auditor.record(
            session, at=now, actor=who.audit_key, action="replay_notice", subject=f"notice:{notice_id}"
        )
    return RedirectResponse(f"{BASE}/notices", status_code=303)
