"""Where a case or application stands, as one line of steps, and its public history in plain words.

Only what is listed here is ever shown to a resident: a new kind of event stays hidden until somebody adds its sentence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.cases.models import CaseEvent
from backend.domain.words import ApplicationState as A
from backend.domain.words import CaseState as S

CASE_STEPS = ("received", "dispatched", "accepted", "done", "closed")
CASE_PLACE: dict[S, int] = {
    S.RECEIVED: 0,
    S.DISPATCHED: 1,
    S.ACCEPTED: 2,
    S.WAITING: 2,
    S.SUSPENDED: 2,
    S.DONE: 3,
    S.VERIFIED: 3,
    S.CLOSED: 4,
}
APPLICATION_STEPS = ("received", "reviewing", "approved", "ready", "collected")
APPLICATION_PLACE: dict[A, int] = {
    A.RECEIVED: 0,
    A.INCOMPLETE: 0,
    A.REVIEWING: 1,
    A.REFUSED: 1,
    A.APPROVED: 2,
    A.READY: 3,
    A.DELIVERING: 3,
    A.COLLECTED: 4,
    A.CLOSED: 4,
}
SHOWN: dict[str, str] = {  # event → the fact that is told with it, "" for none
    "file": "",
    "dispatch": "",
    "reassign": "",
    "claim": "",
    "accept": "",
    "transfer": "unit",
    "transfer_out": "where_to_go",
    "hand_over": "",
    "return_": "",
    "on_the_way": "",
    "start_contact": "",
    "reply": "text",
    "wait_for_resident": "reason",
    "resume": "",
    "approve_extension": "reason",
    "approve_pending": "reason",
    "end_pending": "",
    "add_evidence": "",
    "supplement": "",
    "urge": "",
    "done": "result",
    "settle": "result",
    "answer": "result",
    "verify": "",
    "fail_verification": "",
    "close": "",
    "feedback": "",
    "request_reopen": "",
    "reopen": "",
    "decline_reopen": "reason",
    "reject": "where_to_go",
    "withdraw": "",
    "void": "reason",
    "merge": "",
}
NAMED = frozenset({"staff", "user"})


@dataclass(frozen=True, slots=True)
class Step:
    """One stop on the line. `state`: past | now | ahead."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line of history: `who` is "me", "neighbour", "office" or a surname with a title."""

    name: str
    at: datetime
    who: str
    detail: str


def line(steps: Sequence[str], place: int | None) -> list[Step]:
    """The steps with where we are; `place` None when the road ended elsewhere."""
    if place is None:
        return []
    states = {True: "past", False: "ahead"}
    return [Step(name, "now" if at == place else states[at < place]) for at, name in enumerate(steps)]


def history(events: Sequence[CaseEvent], me: str, name_of: Callable[[CaseEvent], str]) -> list[Told]:
    """The public events, newest first. `name_of` says a member of staff by surname and title."""
    told = []
    for event in events:
        if event.move not in SHOWN or not event.is_public:
            continue
        fact = SHOWN[event.move]
        told.append(Told(event.move, event.at, _who(event, me, name_of), _words(event.facts.get(fact)) if fact else ""))
    return told[::-1]


def _who(event: CaseEvent, me: str, name_of: Callable[[CaseEvent], str]) -> str:
    if event.actor == me:
        return "me"
    kind = event.actor.partition(":")[0]
    if kind == "resident":
        return "neighbour"
    return name_of(event) if kind in NAMED and event.actor_name else "office"


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""
