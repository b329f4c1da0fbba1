"""What pushes a case up its ladder: the rules say which push, this file says who is informed and in which words.

Nothing is stored here: the events go through `moving.record`, so that every push is a line of history with its
trigger, and happens once.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area, Staff
from backend.areas.roster import staff_key
from backend.cases.models import Case, CaseWarning
from backend.domain.case_view import SYSTEM, CaseView, Event
from backend.domain.duty import queue_name
from backend.domain.feedback import UNHAPPY_UP_TO
from backend.domain.history import evolve
from backend.domain.ladder import Escalation, Signals, Upward, escalations, fired
from backend.domain.lifecycle import apply
from backend.domain.refusals import MoveRefused
from backend.domain.words import ClockName, WarnLevel
from backend.office import Office

PUSHING = frozenset({"fail_verification", "reopen", "return_", "transfer", "feedback", "reassign"})


async def signals_of(
    session: AsyncSession, case: Case, history: Sequence[Event], *, refused_pass: bool = False
) -> Signals:
    """What the desk has noticed since filing or the last reopening."""
    reopened = max((event.at for event in history if event.name == "reopen"), default=None)
    asked = select(CaseWarning).where(CaseWarning.case_id == case.id)
    if reopened is not None:
        asked = asked.where(col(CaseWarning.at) > reopened)
    rows = (await session.exec(asked.order_by(col(CaseWarning.id)))).all()
    warned = tuple((ClockName(row.clock), WarnLevel(row.level)) for row in rows)
    scores = [int(event.data["score"]) for event in history if event.name == "feedback"]
    return Signals(warned, refused_pass, bool(scores) and scores[-1] <= UNHAPPY_UP_TO)


async def pushes_up(
    session: AsyncSession,
    office: Office,
    case: Case,
    view: CaseView,
    history: Sequence[Event],
    now: datetime,
    *,
    refused_pass: bool = False,
) -> list[Event]:
    """The events that carry out every push that holds now and has not fired yet; none when nothing pushes.

    A push whose move is not possible in this state (informing about a finished case) waits until it is.
    """
    signals = await signals_of(session, case, history, refused_pass=refused_pass)
    events: list[Event] = []
    for push in escalations(view, signals, fired(history)):
        try:
            made = apply(view, SYSTEM, push.move.value, await _facts(session, office, view, push), now)
        except MoveRefused:
            continue
        for event in made:
            view = evolve(view, event)
        events += made
    return events


async def _facts(session: AsyncSession, office: Office, view: CaseView, push: Escalation) -> dict[str, object]:
    reason = office.texts.say(f"notices.push.{push.push.value}")
    facts: dict[str, object] = {"reason": reason, "trigger": push.key}
    if push.move is Upward.HAND_OVER:
        return facts | {"level": push.to_level}
    above = view.area_path[: max(1, 3 - push.to_level.rank + 1)]
    people = [p for p in await leaders_above(session, above) if not _is_subject(view, p)]
    return facts | {"person": tuple(staff_key(p.id) for p in people) or queue_name(push.to_level, above[-1])}


async def leaders_above(session: AsyncSession, path: Sequence[str]) -> list[Staff]:
    """The leaders nearest above the end of a path; where there is no leader at all, the nearest dispatchers."""
    found = await session.exec(
        select(Staff)
        .join(Area, col(Area.code) == col(Staff.area_code))
        .where(col(Staff.role).in_(("leader", "dispatcher")), col(Staff.is_active), col(Staff.area_code).in_(path))
        .order_by(col(Area.path).desc(), col(Staff.id))
    )
    people = list(found.all())
    chosen = [p for p in people if p.role == "leader"] or people
    return [p for p in chosen if p.area_code == chosen[0].area_code]


def _is_subject(view: CaseView, person: Staff) -> bool:
    return staff_key(person.id) in view.subjects or (person.unit is not None and person.unit in view.subjects)
