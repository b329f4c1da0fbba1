"""The one way a case changes: ask the rules, append what they say, keep the present and the clocks, tell people.

Everything happens in the caller's transaction. A refused move raises the rules' own error and changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.cases.clocks import recompute_clocks, resolve_due
from backend.cases.escalating import PUSHING, pushes_up
from backend.cases.history import append, as_event, events_of, project, view_of
from backend.cases.milestones import CASE_TELLS, Tell
from backend.cases.models import Case, CaseReporter
from backend.cases.telling import Occasion, tell
from backend.domain.case_view import SYSTEM, Actor, CaseView, Event
from backend.domain.feedback import take_feedback
from backend.domain.history import evolve
from backend.domain.lifecycle import apply
from backend.domain.needs import names
from backend.domain.refusals import MoveRefused, TransferLoop
from backend.domain.words import ENDS, CaseState, Role
from backend.notices.outbox import URGENT
from backend.office import Office
from backend.people.models import Resident


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
    """Makes the move `name` as `actor`; the case as it stands afterwards. Raises the rules' `MoveRefused`.

    The third pass without an owner is not made: the case is handed over to the level above instead.
    """
    before = await view_of(session, case)
    if name == "feedback":
        return await _take_feedback(session, office, case, before, actor, facts, now, actor_name)
    if name == "request_reopen" and before.reopen_asked_by == actor.id:
        return before  # buttons repeat; the request is already waiting
    try:
        events = apply(before, actor, name, facts, now)
    except TransferLoop:
        events = await _up_instead(session, office, case, before, now)
        if not events:
            raise
    if not events:
        return before
    return await record(session, office, case, before, events, actor_name)


async def push_up(
    session: AsyncSession, office: Office, case: Case, view: CaseView, history: list[Event], now: datetime
) -> CaseView:
    """Carries out whatever pushes the case up now (the sweep asks after its warnings); the case afterwards."""
    events = await pushes_up(session, office, case, view, history, now)
    return await record(session, office, case, view, events, "") if events else view


async def _up_instead(
    session: AsyncSession, office: Office, case: Case, before: CaseView, now: datetime
) -> list[Event]:
    assert case.id is not None
    history = [as_event(case.number, row) for row in await events_of(session, case.id)]
    return await pushes_up(session, office, case, before, history, now, refused_pass=True)


async def _take_feedback(
    session: AsyncSession,
    office: Office,
    case: Case,
    before: CaseView,
    actor: Actor,
    facts: Mapping[str, Any],
    now: datetime,
    actor_name: str,
) -> CaseView:
    """A score: unhappy words ask for a reopening, praise reaches the doer, "do not ask again" is kept."""
    wish = facts.get("contact_again")
    taken = take_feedback(before, actor, facts.get("score", 0), now, str(facts.get("text") or ""), wish)
    after = await record(session, office, case, before, taken.events, actor_name)
    if taken.praise_for is not None:
        words = {"text": str(facts["text"]).strip()}
        occasion = Occasion(case, case.version, now, facts=words, persons=(taken.praise_for,))
        await tell(session, office, Tell("worker", "praised"), occasion)
    if wish is not None and actor.role is Role.RESIDENT:
        resident = await session.get(Resident, int(actor.id.removeprefix("resident:")))
        if resident is not None:
            resident.may_contact = bool(wish)
            session.add(resident)
    return after


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
        await _tell_about(session, office, case, before, after, event, row.seq, actor_name)
    await _alarm_when_dropped(session, office, case, before, after, events[-1])
    more = await _next_events(session, office, case, after, events)
    return await record(session, office, case, after, more, "") if more else after


async def _tell_about(
    session: AsyncSession,
    office: Office,
    case: Case,
    before: CaseView | None,
    after: CaseView,
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
        former=_former(before, case, event),
        facts=await _spoken_facts(session, office, case, event, actor_name),
        persons=names(event.data.get("person")) if event.name == "inform" else (),
        subjects=after.subjects,
    )
    for row in rows:
        await tell(session, office, row, occasion)


def _former(before: CaseView | None, case: Case, event: Event) -> str | None:
    """Who had it and has it no longer, because somebody else has it now or because it came to an end."""
    if before is None or before.assignee is None:
        return None
    ended = event.to_state is not None and CaseState(event.to_state) in ENDS
    return before.assignee if ended or before.assignee != case.assignee else None


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
    promised = await resolve_due(session, case)
    if promised is not None:
        spoken["due"] = f"{office.local(promised):%m-%d %H:%M}"
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


async def _alarm_when_dropped(
    session: AsyncSession, office: Office, case: Case, before: CaseView | None, after: CaseView, event: Event
) -> None:
    """A correction may take a case from the person it turns out to be about: the dispatchers hear of it at once."""
    held = before is not None and (before.assignee or before.unit)
    if event.name == "correct" and held and not (after.assignee or after.unit) and not after.ended:
        reason = office.texts.say("notices.why.subject_found")
        occasion = Occasion(case, case.version, event.at, facts={"reason": reason}, subjects=after.subjects)
        await tell(session, office, Tell("chiefs", "unowned", URGENT), occasion)


async def _next_events(
    session: AsyncSession, office: Office, case: Case, after: CaseView, events: list[Event]
) -> list[Event]:
    """What follows by itself: a verified case closes once its evidence is complete (else it waits, visibly), and
    too many redos or passes push the case up."""
    now = events[-1].at
    if after.state is CaseState.VERIFIED and events[-1].name in ("verify", "add_evidence", "supplement", "correct"):
        try:
            return apply(after, SYSTEM, "close", {}, now)
        except MoveRefused:
            return []
    if not PUSHING.isdisjoint(event.name for event in events):
        assert case.id is not None
        history = [as_event(case.number, row) for row in await events_of(session, case.id)]
        return await pushes_up(session, office, case, after, history, now)
    return []
