"""The ledger of notices: told, seen, waiting, or could not be told and why; stopped channels; calls still to make."""

from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.finding import NotHere
from backend.admin.panel import BASE, panel_of
from backend.admin.rendering import render
from backend.admin.scope import notices_of
from backend.admin.who import who_of
from backend.cases.models import Case
from backend.notices.callbacks import callback_text, finish_callback, open_callbacks
from backend.notices.health import channel_banners, resume_channel
from backend.notices.ledger import LedgerFilter, Verdict, ledger, verdict_counts
from backend.notices.models import CallBack, Notice

PAGE_ROWS = 50
COUNTED_DAYS = 30
TABS: tuple[Verdict, ...] = ("could_not_tell", "waiting", "told", "seen")
CALLS = "calls"


async def notice_list(request: Request) -> Response:
    """One page of the ledger under the tab of its verdict; the last tab is the list of calls to make."""
    panel, who = panel_of(request), who_of(request)
    asked, after = request.query_params.get("tab", ""), request.query_params.get("after", "")
    verdict = next((one for one in TABS if one == asked), TABS[0])
    before = int(after) if after.isdecimal() else None
    now, mine = panel.clock(), notices_of(who)
    async with panel.office.database.read() as session:
        wanted = LedgerFilter(verdict=verdict, before_id=before, limit=PAGE_ROWS + 1)
        rows = [] if asked == CALLS else await ledger(session, wanted, mine)
        counts = await verdict_counts(session, now - timedelta(days=COUNTED_DAYS), mine)
        banners = await channel_banners(session, now)
        in_scope = set((await session.exec(select(CallBack.id).where(_calls_of(mine)))).all())
        calls = [one for one in await open_callbacks(session) if one.id in in_scope]
        page = rows[:PAGE_ROWS]
        ids = {row.case_id for row in page} | {call.case_id for call in calls}
        numbers = dict((await session.exec(select(Case.id, Case.number).where(col(Case.id).in_(ids)))).all())
    return render(
        request,
        "notices.html",
        rows=page,
        tab=CALLS if asked == CALLS else verdict,
        tabs=TABS,
        counts=counts,
        banners=banners,
        calls=[(one, callback_text(panel.office, one)) for one in calls],
        numbers=numbers,
        days=COUNTED_DAYS,
        now=now,
        following=str(page[-1].id) if len(rows) > PAGE_ROWS else "",
    )


def _calls_of(mine: ColumnElement[bool]) -> ColumnElement[bool]:
    return col(CallBack.notice_id).in_(select(Notice.id).where(mine))


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


async def resume(request: Request) -> Response:
    """A stopped channel is tried again now."""
    panel, who = panel_of(request), who_of(request)
    account = str((await request.form()).get("account", ""))[:100]
    now = panel.clock()
    async with panel.office.database.write() as session:
        if not await resume_channel(session, account):
            raise NotHere
        await panel.office.auditor.record(
            session, at=now, actor=who.audit_key, action="resume_channel", subject=account
        )
    return RedirectResponse(f"{BASE}/notices", status_code=303)


async def finish_call(request: Request) -> Response:
    """An operator made the call: what came of it."""
    panel, who = panel_of(request), who_of(request)
    call_id, now = int(request.path_params["call_id"]), panel.clock()
    outcome = str((await request.form()).get("outcome", "")).strip()[:200]
    async with panel.office.database.write() as session:
        mine = _calls_of(notices_of(who))
        found = await session.exec(select(CallBack.id).where(col(CallBack.id) == call_id, mine))
        if found.first() is None or not await finish_callback(session, call_id, who.user_id, outcome, now):
            raise NotHere
    return RedirectResponse(f"{BASE}/notices?tab={CALLS}", status_code=303)
