"""Back to the unfinished draft after a digression: said at most twice, afterwards only remembered."""

from bot.dialogue import draft_answers, readback, report
from bot.dialogue.state import MOST_ASKED, Draft, Waiting
from bot.dialogue.turn import Talk


async def resume(talk: Talk, before: Waiting | None) -> None:
    """When nothing new was asked: the draft's question waits again, with one sentence that says so."""
    state = talk.state
    if not state.drafts or (state.waiting is not None and state.waiting is not before):
        return
    interrupted = before is not None and before.topic in draft_answers.DRAFT_TOPICS
    draft = state.draft(before.draft) if interrupted and before is not None else state.drafts[0]
    if draft is None or _spoken_of(talk):
        return
    if not interrupted or before is None:
        before = Waiting("confirm" if draft.category_sure and draft.place_settled else "place", draft.id)
    state.waiting = before
    count = draft.asked.get("resume", 0)
    if count >= MOST_ASKED:
        return
    draft.asked["resume"] = count + 1
    talk.say(
        f"resume.{before.topic}", choices_again(talk, draft, before), title=draft.title or talk.word("part.photo_only")
    )


def _spoken_of(talk: Talk) -> bool:
    """The turn was about the draft itself: its question has just been put, or there was nothing to say at all."""
    return not talk.replies or talk.asked_draft


def choices_again(talk: Talk, draft: Draft, waiting: Waiting) -> list[tuple[str, str]]:
    """The buttons that belong to the question."""
    if waiting.topic == "confirm":
        return readback.confirm_choices(talk, draft)
    if waiting.topic == "category":
        return report.category_choices(talk, draft)
    if waiting.topic == "grid":
        return [(f"g:{draft.id}:{code}", talk.desk.area_name(code)) for code in draft.candidates]
    return [talk.button("cancel", f"f:no:{draft.id}")]
