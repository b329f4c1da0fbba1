"""What happens when the resident is asked, and answers.

Asked once, after somebody else has verified the work, and not at all when the resident asked us not to
contact them.
Unhappy (1 or 2 of 5) → why? → a *request* to reopen, which staff decide. Praise (5 with words) reaches the
doer.
"""

from dataclasses import dataclass
from datetime import datetime

from backend.domain.case_view import Actor, CaseView, Event
from backend.domain.history import evolve
from backend.domain.lifecycle import apply
from backend.domain.moves import FINISHED

UNHAPPY_UP_TO = 2
HAPPY_FROM = 4


@dataclass(frozen=True, slots=True)
class FeedbackTaken:
    """Events to append; then ask why, or pass the praise on to `praise_for`."""

    events: list[Event]
    ask_why: bool = False
    unhappy: bool = False
    praise_for: str | None = None


def may_ask(case: CaseView, already_asked: bool, may_contact: bool) -> bool:
    """Whether to ask for feedback now."""
    listening = bool(case.reporters) and may_contact
    return case.state in FINISHED and listening and not already_asked and not case.rated


def take_feedback(
    case: CaseView,
    actor: Actor,
    score: int,
    now: datetime,
    text: str = "",
    contact_again: bool | None = None,
) -> FeedbackTaken:
    """Record a score from 1 to 5. Unhappy with words also requests a reopening; without words, ask why."""
    given = {"score": score, "text": text.strip() or None, "contact_again": contact_again}
    events = apply(case, actor, "feedback", given, now)
    unhappy = score <= UNHAPPY_UP_TO
    if unhappy and text.strip():
        events += say_why(evolve(case, events[0]), actor, text, now)
    praise = case.doer if score == 5 and text.strip() else None
    return FeedbackTaken(events, unhappy and not text.strip(), unhappy, praise)


def say_why(case: CaseView, actor: Actor, reason: str, now: datetime) -> list[Event]:
    """The answer to "why": a request to reopen, unless one is already waiting."""
    if case.reopen_asked_by is not None:
        return []
    return apply(case, actor, "request_reopen", {"reason": reason.strip()}, now)
