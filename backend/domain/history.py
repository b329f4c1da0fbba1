"""How the past makes the present: what each event changes in a case, beyond its state.

History is only ever appended. `replay(events)` gives the same case as was on the page when the last one
happened.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from backend.domain.case_view import CaseView, Event, Part
from backend.domain.needs import names
from backend.domain.refusals import BadHistory
from backend.domain.words import LADDER, CaseState, Kind, Level, Source, Urgency

FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "kind": Kind,
    "urgency": Urgency,
    "source": Source,
    "level": Level,
    "category": str,
    "queue": str,
    "area_path": names,
    "reporters": names,
    "subjects": names,
    "demands": names,
    "evidence": names,
}

Effect = Callable[[CaseView, Event], dict[str, Any]]


def _values(event: Event) -> dict[str, Any]:
    return {f: read(event.data[f]) for f, read in FROM_JSON.items() if event.data.get(f) is not None}


def _plus(have: tuple[str, ...], more: object) -> tuple[str, ...]:
    return (*have, *(n for n in names(more) if n not in have))


def _minus(have: tuple[str, ...], gone: object) -> tuple[str, ...]:
    return tuple(n for n in have if n not in names(gone))


def _given(case: CaseView, event: Event) -> dict[str, Any]:
    """To a person, to a unit, or to a person of a unit; a new level comes along when named."""
    to: dict[str, Any] = {
        "assignee": event.data.get("assignee"),
        "unit": event.data.get("unit"),
        "queue": None,
    }
    return {**to, "level": Level(event.data.get("level", case.level))}


def _passed(case: CaseView, event: Event) -> dict[str, Any]:
    return {**_given(case, event), "assignee": None, "transfer_count": case.transfer_count + 1}


def _home_queue(case: CaseView) -> str:
    """The queue of the area that holds the case, named by that area's own level."""
    return f"{LADDER[3 - case.holding_place].value}:{case.holding_area or '-'}"


def _corrected(case: CaseView, event: Event) -> dict[str, Any]:
    """What was wrong is put right; whoever turns out to be the subject loses the case to the queue at once."""
    new = _values(event)
    if {case.assignee, case.unit} & set(new.get("subjects", case.subjects)):
        new |= {"assignee": None, "unit": None, "queue": _home_queue(replace(case, **new))}
    return new


def _returned(case: CaseView, _event: Event) -> dict[str, Any]:
    back: dict[str, Any] = {"assignee": None, "unit": None, "queue": _home_queue(case)}
    return {**back, "transfer_count": case.transfer_count + 1}


def _handed_over(case: CaseView, event: Event) -> dict[str, Any]:
    level = Level(event.data["level"])
    queue = event.data.get("queue") or _home_queue(replace(case, level=level))
    passed: dict[str, Any] = {
        "level": level,
        "assignee": None,
        "unit": None,
        "queue": queue,
        "transfer_count": 0,
    }
    return {**passed, "hand_over_count": case.hand_over_count + 1, **_no_requests(case, event)}


def _taken(_case: CaseView, event: Event) -> dict[str, Any]:
    return {"assignee": event.actor_id, "queue": None}


def _finished(case: CaseView, event: Event) -> dict[str, Any]:
    shown = (*names(event.data.get("evidence")), *(("photo_after",) if event.data.get("photo") else ()))
    evidence = _plus(case.evidence, shown)
    parts = tuple(replace(p, closed=True) if p.main else p for p in case.parts)
    finished: dict[str, Any] = {
        "doer": event.actor_id,
        "evidence": evidence,
        "parts": parts,
        "transfer_count": 0,
    }
    keeper = case.assignee or (None if case.unit else event.actor_id)
    return {**finished, "assignee": keeper, "queue": None, **_no_requests(case, event)}


def _redone(case: CaseView, event: Event) -> dict[str, Any]:
    """Back to whoever did it; a joint case keeps its closed parts."""
    again: dict[str, Any] = {"redo_count": case.redo_count + 1, "reopen_asked_by": None}
    return again if case.owner else {**again, "assignee": case.doer or event.actor_id}


def _no_requests(_case: CaseView, _event: Event) -> dict[str, Any]:
    return {"extension_asked_by": None, "pending_asked_by": None}


def _joint(case: CaseView, event: Event) -> dict[str, Any]:
    """`unit` is the main one, `units` assist; called again it adds units."""
    known = {p.unit for p in case.parts}
    main = () if known else names(event.data.get("unit"))
    helpers = [u for u in (*names(event.data.get("units")), *names(event.data.get("unit"))) if u not in known]
    new = [Part(u, u in main) for u in dict.fromkeys((*main, *helpers))]
    return {"parts": (*case.parts, *new)}


def _assisted(case: CaseView, event: Event) -> dict[str, Any]:
    known = {p.unit for p in case.parts}
    return {"parts": (*case.parts, *(Part(u) for u in names(event.data.get("unit")) if u not in known))}


def _part_closed(case: CaseView, event: Event) -> dict[str, Any]:
    unit = event.data["unit"]
    return {"parts": tuple(replace(p, closed=True) if p.unit == unit else p for p in case.parts)}


def _evidence_added(case: CaseView, event: Event) -> dict[str, Any]:
    return {"evidence": _plus(case.evidence, event.data.get("evidence"))}


EFFECTS: dict[str, Effect] = {
    "correct": _corrected,
    "join": lambda c, e: {"reporters": _plus(c.reporters, e.data["person"])},
    "leave": lambda c, e: {"reporters": _minus(c.reporters, e.data["person"])},
    "queue": lambda _c, e: {"queue": e.data["queue"]},
    "supplement": _evidence_added,
    "add_evidence": _evidence_added,
    "dispatch": _given,
    "reassign": _given,
    "claim": _taken,
    "accept": _taken,
    "return_": _returned,
    "transfer": _passed,
    "transfer_out": _given,
    "hand_over": _handed_over,
    "inform": lambda c, e: {"watchers": _plus(c.watchers, e.data["person"])},
    "supervise": lambda c, e: {"watchers": _plus(c.watchers, e.data["person"])},
    "assist": _assisted,
    "joint": _joint,
    "close_part": _part_closed,
    "request_extension": lambda _c, e: {"extension_asked_by": e.actor_id},
    "approve_extension": lambda _c, _e: {"extension_asked_by": None},
    "refuse_extension": lambda _c, _e: {"extension_asked_by": None},
    "request_pending": lambda _c, e: {"pending_asked_by": e.actor_id},
    "approve_pending": lambda _c, _e: {"pending_asked_by": None},
    "refuse_pending": lambda _c, _e: {"pending_asked_by": None},
    "done": _finished,
    "settle": _finished,
    "answer": _finished,
    "verify": _evidence_added,
    "fail_verification": _redone,
    "reopen": _redone,
    "feedback": lambda _c, _e: {"rated": True},
    "request_reopen": lambda _c, e: {"reopen_asked_by": e.actor_id},
    "decline_reopen": lambda _c, _e: {"reopen_asked_by": None},
    "merge": lambda _c, e: {"merged_into": e.data["target"]},
    "absorb": lambda c, e: {"reporters": _plus(c.reporters, e.data.get("reporters"))},
    "release": lambda c, e: {"reporters": _minus(c.reporters, e.data.get("reporters"))},
    "unmerge": lambda c, _e: {"merged_into": None, "assignee": None, "unit": None, "queue": _home_queue(c)},
}


def stored(keeps: Iterable[str], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts a move keeps, as JSON values; facts it does not name are dropped."""
    return {name: _json(facts[name]) for name in keeps if facts.get(name) is not None}


def _json(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | list | set | frozenset):
        return [_json(v) for v in value]
    return value


def evolve(case: CaseView, event: Event) -> CaseView:
    """The case after one more event; unknown names change only the state they name."""
    effect = EFFECTS.get(event.name)
    changed = replace(case, **effect(case, event)) if effect else case
    return replace(changed, state=CaseState(event.to_state)) if event.to_state else changed


def begin(event: Event) -> CaseView:
    """The case as filed."""
    values = _values(event)
    case = CaseView(event.case_id, **values)
    return replace(
        case,
        first_kind=case.kind,
        first_category=case.category,
        queue=case.queue or f"triage:{case.holding_area or '-'}",
    )


def replay(events: Iterable[Event]) -> CaseView:
    """Whole history, oldest first, → the present. Raises `BadHistory` when it does not begin with `file`."""
    case: CaseView | None = None
    for event in events:
        if case is None and event.name != "file":
            raise BadHistory(first=event.name)
        case = begin(event) if case is None else evolve(case, event)
    if case is None:
        raise BadHistory
    return case
