"""Every road a case can take, walked breadth first: situations that differ in nothing the rules look at count once."""

from collections import deque
from functools import reduce

from backend.domain.deadlines import clocks
from backend.domain.lifecycle import MOVES, Actor, CaseView, Event, apply, available, evolve, replay
from backend.domain.limits import limits_for
from backend.domain.words import CaseState, Kind, Level, Source, Urgency
from tests.domain.builders import (
    DEPARTMENT,
    DISPATCHER,
    EVERY_FACT,
    LEADER,
    NOW,
    OPERATOR,
    RESIDENT,
    SYSTEM,
    VERIFIER,
    WORKER,
    Story,
    calendar,
)

PEOPLE = (RESIDENT, WORKER, OPERATOR, DISPATCHER, VERIFIER, LEADER, DEPARTMENT, SYSTEM)
CALENDAR = calendar()


def situation(case: CaseView) -> tuple[object, ...]:
    """What the rules look at, with names and counters cut off where they no longer matter."""
    asked = (case.extension_asked_by, case.pending_asked_by, case.reopen_asked_by)
    return (
        *(case.state, case.level is Level.DISTRICT, case.assignee in (None, WORKER.id), case.assignee is None),
        *(case.unit is None, *(a is not None for a in asked), case.transfer_count >= 2),
        *(any(not p.closed and not p.main for p in case.parts), case.doer is None, not case.reporters),
    )


def facts_for(name: str) -> dict[str, object]:
    """Everything, except that a dispatch names a person and nothing else."""
    return {k: v for k, v in EVERY_FACT.items() if not (name in ("dispatch", "reassign") and k == "unit")}


def blocked(case: CaseView, person: Actor, name: str) -> bool:
    """Offered, but refused for what the case lacks; proved one by one elsewhere."""
    loop = name in ("transfer", "return_") and case.transfer_count >= 2 and person is not LEADER
    return (
        loop
        or (name == "done" and any(not p.closed and not p.main for p in case.parts))
        or (name == "hand_over" and case.level.parent is None)
    )


def roads() -> tuple[list[list[Event]], set[str]]:
    """One shortest history per situation, and every move that was made on the way."""
    start = Story(kind=Kind.CONSULTATION, source=Source.PATROL).events
    seen, queue, found, made = {situation(replay(start))}, deque([start]), [start], {"file"}
    while queue:
        events = queue.popleft()
        case = replay(events)
        ways = [(p, m.name) for p in PEOPLE for m in available(case, p) if not blocked(case, p, m.name)]
        for person, name in ways:
            more = apply(case, person, name, facts_for(name), NOW)
            made |= {e.name for e in more}
            after = reduce(evolve, more, case)
            if situation(after) not in seen:
                seen.add(situation(after))
                found.append([*events, *more])
                queue.append(found[-1])
    return found, made


def test_on_every_road_there_is_an_owner_and_a_way_on_until_the_end():
    walked, made = roads()
    assert made == set(MOVES)
    assert {replay(events).state for events in walked} == set(CaseState)
    assert len(walked) > 500
    for events in walked:
        case = replay(events)
        names = [e.name for e in events]
        if case.ended:
            found = clocks(events, limits_for(case.kind, Urgency.NORMAL), CALENDAR, NOW)
            assert not any(c.running for c in found), names
        else:
            assert case.owner, names
            assert any(m.to for p in PEOPLE[:-1] for m in available(case, p)), names
