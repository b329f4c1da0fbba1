"""Counters that update by themselves: one stream per open page, silent while nothing changes, over at logout."""

import asyncio
import json
from collections.abc import AsyncIterator

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import Response

from backend.admin.case_finding import COUNT_CAP, capped_counts
from backend.admin.cookies import session_cookie
from backend.admin.panel import Panel, panel_of
from backend.admin.rights import CASE_ROLES, DESK
from backend.admin.scope import conversations_of, notices_of
from backend.admin.who import Who, who_is
from backend.conversations.models import Conversation
from backend.notices.models import Notice
from backend.people.sessions import find_session

EVERY_SECONDS = 3.0
PING_SECONDS = 20  # a comment keeps proxies from closing a silent stream


async def live(request: Request) -> Response:
    """The stream of counters."""
    token = request.cookies.get(session_cookie(request), "")
    return EventSourceResponse(_events(panel_of(request), token), ping=PING_SECONDS)


async def _events(panel: Panel, token: str) -> AsyncIterator[dict[str, str]]:
    last = ""
    while True:
        # shielded: a browser that goes away must not cut a database connection in the middle of its question
        counts = await asyncio.shield(counts_now(panel, token))
        if counts is None:
            yield {"event": "over", "data": "{}"}
            return
        said = json.dumps(counts)
        if said != last:
            last = said
            yield {"event": "counts", "data": said}
        await asyncio.sleep(EVERY_SECONDS)


async def counts_now(panel: Panel, token: str) -> dict[str, str] | None:
    """The counters of whoever holds this session now; None when the session is over."""
    now = panel.clock()
    async with panel.office.database.read() as session:
        found = await find_session(session, token, now)
        if found is None:
            return None
        who = who_is(panel.office.atlas, *found)
        counts: dict[str, str] = {}
        if who.role in CASE_ROLES:
            queues = await capped_counts(session, who, now, ("queue", "overdue"))
            counts["cases"] = queues["queue"]
            counts["overdue"] = queues["overdue"]
        if who.role in DESK:
            counts["conversations"] = await _waiting(session, who)
            counts["notices"] = await _dead(session, who)
        return counts


async def _waiting(session: AsyncSession, who: Who) -> str:
    some = select(col(Conversation.id)).where(Conversation.mode == "waiting", conversations_of(who))
    return await _capped(session, some)


async def _dead(session: AsyncSession, who: Who) -> str:
    return await _capped(session, select(col(Notice.id)).where(Notice.status == "dead", notices_of(who)))


async def _capped(session: AsyncSession, some: object) -> str:
    inner = some.limit(COUNT_CAP).subquery()  # type: ignore[attr-defined]
    count = int((await session.exec(select(func.count()).select_from(inner))).one())
    return str(count) if count < COUNT_CAP else f"{COUNT_CAP - 1}+"
