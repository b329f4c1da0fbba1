"""An unfinished draft is mentioned once after a while, and then kept in silence until its owner comes back."""

from datetime import datetime, timedelta
from typing import Any

from backend.texts import Texts
from bot.dialogue.state import State
from bot.messages import Choice, Outgoing

REMIND_AFTER = timedelta(hours=2)
FORGET_QUESTION_AFTER = timedelta(days=7)  # a bare 对 after that long is about nothing we may guess


def remind_at(state: dict[str, Any]) -> datetime | None:
    """When the reminder falls due; None when there is nothing to remind of, or it was done."""
    stands = State.from_json(state)
    if not stands.drafts or stands.reminded or not stands.touched_at:
        return None
    return datetime.fromisoformat(stands.touched_at) + REMIND_AFTER


def reminder(
    state: dict[str, Any], now: datetime, texts: Texts, language: str = "zh_CN"
) -> tuple[Outgoing, dict[str, Any]] | None:
    """The one reminder and the state in which it has been given; None when none is due at `now` (aware)."""
    due = remind_at(state)
    if due is None or now < due:
        return None
    stands = State.from_json(state)
    stands.reminded = True
    draft = stands.drafts[0]
    buttons = [
        Choice(f"r:{draft.id}", texts.say("dialogue.button.go_on", language)),
        Choice(f"f:no:{draft.id}", texts.say("dialogue.button.cancel", language)),
    ]
    stands.offered = [[one.id, one.label] for one in buttons]
    text = texts.say(
        "dialogue.report.reminder", language, title=draft.title or texts.say("dialogue.part.photo_only", language)
    )
    return Outgoing(text, tuple(buttons)), stands.to_json()
