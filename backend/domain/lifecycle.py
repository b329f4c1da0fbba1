"""The one gate of a case's life: which moves this person may make now, and what making one writes into
history.

Buttons, menus, API and checks all ask `available`; every change goes through `apply`. The table itself is in
`moves.py`, what must come along in `needs.py`, what an event changes in `history.py`. Nothing here knows the
time.
"""

from collections.abc import Iterable
from datetime import datetime

from backend.domain import refusals as no
from backend.domain.case_view import SYSTEM, Actor, CaseView, Event, Part
from backend.domain.history import begin, evolve, replay, stored
from backend.domain.moves import MOVES, CaseMove, Relation, Who
from backend.domain.needs import NEEDS, STANDINGS, Facts, check_bars, names
from backend.domain.words import Level, Role

__all__ = [
    "MOVES",
    "SYSTEM",
    "Actor",
    "CaseMove",
    "CaseView",
    "Event",
    "Facts",
    "Part",
    "apply",
    "available",
    "begin",
    "diagram",
    "evolve",
    "file_case",
    "is_holder",
    "replay",
]

RELATION_REFUSALS: dict[Relation, type[no.MoveRefused]] = {
    Relation.ANYONE: no.NotYourMove,
    Relation.AREA: no.NotYourArea,
    Relation.RUNG: no.NotYourRung,
    Relation.HOLDER: no.NotYourCase,
    Relation.REPORTER: no.NotYourCase,
    Relation.PART: no.NotInTheJointCase,
}


def available(case: CaseView, actor: Actor) -> list[CaseMove]:
    """The moves this person may make now, in the table's order; what must come along is in `move.needs`."""
    return [move for move in MOVES.values() if move.from_states and _refusal(case, actor, move) is None]


def apply(case: CaseView, actor: Actor, move_name: str, facts: Facts, now: datetime) -> list[Event]:
    """Make a move: the events to append, in order, or a `MoveRefused`.

    `now` is aware. Accepting twice by the same person is no event and no error, since buttons repeat; a
    resident's
    withdrawal from a case that others reported too becomes `leave`, so that the others keep their case.
    """
    move = MOVES.get(move_name)
    if move is None or not move.from_states:
        raise no.UnknownMove(move=move_name)
    if move_name == "withdraw" and len(case.reporters) > 1 and actor.id in case.reporters:
        return apply(case, actor, "leave", facts, now)
    if move_name == "accept" and case.assignee == actor.id and case.state.value == "accepted":
        return []
    refusal = _refusal(case, actor, move)
    if refusal is not None:
        raise refusal
    facts = _completed(case, actor, move, facts)
    for need in move.needs:
        NEEDS[need](case, actor, facts)
    return [_event(case, actor, move, facts, now)]


def file_case(case_id: str, actor: Actor, facts: Facts, now: datetime) -> list[Event]:
    """File a case. A resident becomes its reporter; staff name `reporters` (may be empty).

    `area_path` names at least the district. Raises `NotYourMove` or `AreaRequired`.
    """
    move = MOVES["file"]
    if actor.role not in move.who[0].roles:
        raise no.NotYourMove
    if not names(facts.get("area_path")):
        raise no.AreaRequired
    reporters = names(facts.get("reporters"))
    if actor.role is Role.RESIDENT and actor.id not in reporters:
        reporters = (actor.id, *reporters)
    data = stored(move.keeps, facts) | {"reporters": list(reporters)}
    return [Event(case_id, "file", _aware(now), actor.id, actor.role, None, "received", data)]


def _completed(case: CaseView, actor: Actor, move: CaseMove, facts: Facts) -> Facts:
    """Fill in what goes without saying: the next rung, oneself."""
    if move.name == "hand_over":
        if case.level.parent is None:
            raise no.TopOfLadder
        level = Level(facts.get("level") or case.level.parent)
        if level.rank <= case.level.rank:
            raise no.NotTheNextRung(held_by=case.level.value)
        return {**facts, "level": level}
    if move.name == "dispatch" and facts.get("level") and Level(facts["level"]).rank > case.level.rank:
        raise no.NotTheNextRung(held_by=case.level.value)
    if move.name == "leave":
        return {**facts, "person": actor.id}
    if move.name == "close_part":
        return {**facts, "unit": actor.unit}
    if move.name in ("supervise", "join") and not facts.get("person"):
        return {**facts, "person": actor.id}
    return facts


def _refusal(case: CaseView, actor: Actor, move: CaseMove) -> no.MoveRefused | None:
    """Why this person may not make this move now, whatever they would bring along; None when they may.

    Person before state: someone who has no business here does not learn where the case stands.
    """
    if actor.id in case.subjects or (actor.unit is not None and actor.unit in case.subjects):
        return no.ConflictOfInterest()
    mine = [who for who in move.who if actor.role in who.roles]
    if not mine:
        return no.NotYourMove(move=move.name)
    if not any(_stands(case, actor, who.relation) for who in mine):
        return _relation_refusal(case, actor, mine)
    if case.state not in move.from_states:
        return (no.CaseAlreadyClosed if case.ended else no.MoveNotPossibleNow)(state=case.state.value)
    for standing in move.only_if:
        holds, refusal = STANDINGS[standing]
        if not holds(case):
            return refusal()
    try:
        check_bars(case, actor, move)
    except no.MoveRefused as barred:
        return barred
    return None


def _stands(case: CaseView, actor: Actor, relation: Relation) -> bool:
    if relation is Relation.ANYONE or actor.role is Role.SYSTEM:
        return True
    if relation is Relation.AREA:
        return actor.covers(case.area_path)
    if relation is Relation.RUNG:
        standing = actor.standing(case.area_path)
        return standing is not None and standing <= case.holding_place
    if relation is Relation.REPORTER:
        return actor.id in case.reporters
    if relation is Relation.PART:
        return any(p.unit == actor.unit and not p.closed and not p.main for p in case.parts)
    return is_holder(case, actor)


def is_holder(case: CaseView, actor: Actor) -> bool:
    """The assignee; or anyone of the unit that has it while nobody in it is named, a department's people
    always."""
    of_unit = actor.role is Role.DEPARTMENT or case.assignee is None
    return actor.id == case.assignee or (of_unit and actor.unit is not None and actor.unit == case.unit)


def _relation_refusal(case: CaseView, actor: Actor, mine: list[Who]) -> no.MoveRefused:
    """Outside their area staff are told so (as not found); inside, what exactly is missing."""
    local = {Relation.AREA, Relation.RUNG}
    if any(who.relation in local for who in mine) and not actor.covers(case.area_path):
        return no.NotYourArea()
    return RELATION_REFUSALS[mine[-1].relation]()


def _event(case: CaseView, actor: Actor, move: CaseMove, facts: Facts, now: datetime) -> Event:
    to = move.to.value if move.to is not None else None
    data = stored(move.keeps, facts)
    return Event(case.id, move.name, _aware(now), actor.id, actor.role, case.state.value, to, data)


def _aware(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("now must carry its time zone")
    return now


def diagram(moves: Iterable[CaseMove] = tuple(MOVES.values())) -> str:
    """The state diagram as Mermaid text, drawn from the table; moves that change no state are left out."""
    edges: dict[tuple[str, str], list[str]] = {}
    for move in moves:
        if move.to is None:
            continue
        for start in sorted(s.value for s in move.from_states) or ["[*]"]:
            edges.setdefault((start, move.to.value), []).append(move.name.rstrip("_"))
    reached = {to for _, to in edges}
    lines = [f"    {a} --> {b}: {', '.join(verbs)}" for (a, b), verbs in edges.items() if a != b]
    ends = [f"    {s} --> [*]" for s in ("closed", "withdrawn", "void", "rejected", "merged", "transferred_out")]
    return "\n".join(["stateDiagram-v2", *lines, *(e for e in ends if e.split()[0] in reached)]) + "\n"
