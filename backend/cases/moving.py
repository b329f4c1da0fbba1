"""The one way a case changes: ask the rules, append what they say, keep the present and the clocks, tell people.

Everything happens in the caller's transaction. A refused move raises the rules' own error and changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.cases.clocks import recompute_clocks
from backend.cases.history import append, project, view_of
from backend.cases.models import Case, CaseReporter
from backend.domain.case_view import SYSTEM, Actor, CaseView, Event
from backend.domain.history import evolve
from backend.domain.lifecycle import apply
from backend.domain.refusals import MoveRefused
from backend.notices.milestones import CASE_TELLS
from backend.notices.telling import Occasion, tell
from backend.office import Office


async def move(
    session: AsyncSession,
    office: Office,
    case: Case,
    actor: Actor,
    name: str,
    facts: Mapping[str, Any],
    now: datetime,
    actor_name: str = "",
) -> CaseView:
    """Makes the move `name` as `actor`; the case as it stands afterwards. Raises the rules' `MoveRefused`."""
    before = await view_of(session, case)
    events = apply(before, actor, name, facts, now)
    if not events:
        return before
    return await record(session, office, case, before, events, actor_name)


async def record(
    session: AsyncSession,
    office: Office,
    case: Case,
    before: CaseView | None,
    events: list[Event],
    actor_name: str,
) -> CaseView:
    """Appends events the rules have given out and lets their consequences happen."""
    rows = await append(session, case, events, actor_name)
    view = before
    for event in events:
        view = evolve(view, event) if view is not None else None
    after = view if view is not None else await view_of(session, case)
    await project(session, case, after, events)
    await _keep_reporters(session, office, case, after, events[-1].at)
    await recompute_clocks(session, office, case, after)
    for event, row in zip(events, rows, strict=True):
        await _tell_about(session, office, case, before, event, row.seq, actor_name)
    return await _close_when_possible(session, office, case, after, events)


async def _tell_about(
    session: AsyncSession,
    office: Office,
    case: Case,
    before: CaseView | None,
    event: Event,
    seq: int,
    actor_name: str,
) -> None:
    rows = CASE_TELLS.get(event.name, ())
    if not rows:
        return
    occasion = Occasion(
        case,
        seq,
        event.at,
        former=before.assignee if before is not None and before.assignee != case.assignee else None,
        facts=await _spoken_facts(session, office, case, event, actor_name),
    )
    for row in rows:
        await tell(session, office, row, occasion)


async def _spoken_facts(
    session: AsyncSession, office: Office, case: Case, event: Event, actor_name: str
) -> dict[str, str]:
    """The facts of an event as words for people; whoever holds the case is named by surname and title only."""
    spoken = {
        key: str(event.data[key])
        for key in ("reason", "text", "result", "where_to_go", "unit", "eta", "target")
        if event.data.get(key)
    }
    spoken.setdefault("text", spoken.get("result", ""))
    if case.assignee and case.assignee.startswith("staff:"):
        holder = await session.get(Staff, int(case.assignee.removeprefix("staff:")))
        if holder is not None:
            spoken["who"] = office.texts.say(f"notices.role.{holder.role}", surname=holder.name[:1])
    elif case.unit:
        spoken["who"] = case.unit
    if case.due_at is not None:
        spoken["due"] = f"{office.local(case.due_at):%m-%d %H:%M}"
    return spoken


async def _keep_reporters(session: AsyncSession, office: Office, case: Case, after: CaseView, now: datetime) -> None:
    """The table of reporters follows the rules' list, so that notices and "my cases" can be asked in SQL."""
    assert case.id is not None
    known = {
        row.resident_id: row
        for row in (await session.exec(select(CaseReporter).where(CaseReporter.case_id == case.id))).all()
    }
    wanted = {int(key.removeprefix("resident:")) for key in after.reporters if key.startswith("resident:")}
    for resident_id in sorted(wanted - known.keys()):
        session.add(
            CaseReporter(district_code=office.district_code, case_id=case.id, resident_id=resident_id, joined_at=now)
        )
    for resident_id in known.keys() - wanted:
        await session.delete(known[resident_id])
    await session.flush()


async def _close_when_possible(
    session: AsyncSession, office: Office, case: Case, after: CaseView, events: list[Event]
) -> CaseView:
    """A verified case closes by itself when its evidence is complete; else it waits for the staff, visibly."""
    if events[-1].name != "verify":
        return after
    try:
        closing = apply(after, SYSTEM, "close", {}, events[-1].at)
    except MoveRefused:
        return after
    return await record(session, office, case, after, closing, "")
