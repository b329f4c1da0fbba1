"""From what a message means to the flow that handles it, when no question and no command has claimed it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.dialogue import (
    appointments,
    asking,
    choosing,
    delivering,
    drafting,
    items,
    linking,
    mycases,
    opening,
    papers,
    people,
    placing,
    rating,
    report,
    volunteers,
    words,
)
from bot.dialogue.state import Draft
from bot.dialogue.turn import Talk
from bot.messages import Said
from nlu.contract import Decision, Intent

CORRECTABLE = timedelta(hours=24)  # a place corrected later is a supplement
JUST_FILED = timedelta(minutes=30)  # photos and details that follow a report belong to it
SENTENCE_WORDS = 3
SURE = 0.5  # below, an intent other than report is checked against what may be said


async def route(talk: Talk) -> None:
    """One message to one flow; every flow ends in a case, an answer, a question or a person."""
    heard = talk.heard
    if heard.refused_matter is not None:
        talk.say_text(
            talk.turn.texts.say(f"guard.{heard.refused_matter.advice}", talk.language),
            [talk.button("human", "h:call")],
        )
        return
    if heard.kind is Said.LOCATION or (heard.photos and not heard.text):
        await _wordless_matter(talk)
        return
    if (heard.phones and len(heard.text) <= 18) or (heard.kind is Said.CONTACT and heard.phone):
        await linking.phone_given(talk, next(one for one in heard.phones if one))
        return
    if heard.wordless or heard.kind in (Said.VOICE, Said.VIDEO, Said.UNKNOWN):
        opening.unreadable(talk)
        return
    if heard.too_long:
        talk.say("opening.long")
    await _by_intent(talk)


async def _wordless_matter(talk: Talk) -> None:
    """A photo or a pin alone: to the open draft, to the case filed a moment ago, or the beginning of a new draft."""
    heard, state = talk.heard, talk.state
    recent = await talk.desk.my_case(state.recent) if state.recent and not state.drafts else None
    fresh = recent is not None and talk.turn.now - recent.created_at <= JUST_FILED
    if (
        fresh
        and heard.photos
        and recent is not None
        and recent.state in ("received", "dispatched", "accepted", "waiting")
    ):
        await talk.errands.add_photos(recent.number, heard.photos)
        if not talk.turn.said.album or talk.once("album", talk.turn.said.album):
            talk.say("report.photo_joined", number=recent.number)
        return
    if heard.photos and not state.drafts and await papers.shown(talk):
        return
    draft = await report.open_draft(talk, heard)
    if heard.pin is not None and not draft.area_code:
        placing.put_place(talk, draft, heard.pin.label, placing.locate(talk, "", heard.pin))
    await report.advance(talk, draft)


async def _moved(talk: Talk) -> bool:
    """ "不是3号楼，是5号楼" after the number was given: the case moves to its true place."""
    recent = await talk.desk.my_case(talk.state.recent) if talk.state.recent and not talk.state.drafts else None
    if recent is None or recent.state not in choosing.AT_WORK or talk.turn.now - recent.created_at > CORRECTABLE:
        return False
    swap = drafting.correction(talk.heard.text)
    moved = words.PLACE_CHANGE_IN.search(talk.heard.text)
    if swap is None and moved is None:
        return False
    new = swap[1] if swap is not None else words.PLACE_SAY.sub("", moved["new"]) if moved is not None else ""
    said = recent.place.replace(swap[0], new) if swap is not None and swap[0] in recent.place else new
    placement = placing.locate(talk, said, None)
    best = placement.sure or (placement.candidates[0] if len(placement.candidates) == 1 else None)
    if best is None:
        await mycases.add_to(talk, recent.number, talk.heard.text, ())
        return True
    await talk.errands.place_case(recent.number, said, best.area_code, placement.lat, placement.lon)
    talk.say("mine.moved", number=recent.number, place=said, area=talk.desk.area_name(best.area_code))
    return True


async def _by_intent(talk: Talk) -> None:
    heard = talk.heard
    if await _moved(talk):
        return
    if (name := items.proxy_named(heard.text)) is not None and await items.proxy(talk, name):
        return
    if await appointments.wish(talk) or await volunteers.wish(talk) or await papers.wished(talk):
        return
    draft = _open_draft(talk)
    if draft is None and await items.about_shown(talk):
        return
    if draft is not None and _belongs(talk, draft):
        await report.take(talk, draft, heard)
        await report.advance(talk, draft)
        return
    if words.accused_in(heard.text) and heard.intent != Intent.PRAISE:
        await report.report(talk)
        return
    if heard.numbers and heard.intent in (Intent.OTHER, Intent.TRACK, Intent.SMALLTALK, Intent.ASK, Intent.REPORT):
        await mycases.track(talk)
        return
    intent = Intent(heard.intent) if heard.intent in set(Intent) else Intent.OTHER
    if heard.meaning.decision is Decision.HUMAN and intent not in (Intent.HUMAN, Intent.REPORT):
        intent = _doubtful(talk, intent)
    await _FLOWS[intent](talk)


def _open_draft(talk: Talk) -> Draft | None:
    waiting = talk.state.waiting
    return talk.state.draft(waiting.draft) if waiting is not None and waiting.draft else None


def _belongs(talk: Talk, draft: Draft) -> bool:
    """More words about the draft: reported or supplemented, and about nothing else that we know of."""
    if drafting.another_matter(draft, talk.heard.meaning):
        return False
    return talk.heard.intent in (Intent.REPORT, Intent.SUPPLEMENT, Intent.OTHER) and bool(talk.heard.text)


def _doubtful(talk: Talk, intent: Intent) -> Intent:
    """The model is unsure: words that follow a fresh report are a supplement, a question stays one, else ask."""
    if intent in (Intent.SUGGEST, Intent.PRAISE) and talk.heard.meaning.intent.confidence >= SURE:
        return intent
    if intent in (Intent.ASK, Intent.TRACK, Intent.APPLY, Intent.SMALLTALK, Intent.URGE, Intent.WITHDRAW, Intent.RATE):
        return intent
    return Intent.OTHER


async def _human(talk: Talk) -> None:
    await people.call(talk, talk.heard.text)


async def _small_talk(talk: Talk) -> None:
    opening.small_talk(talk)


async def _other(talk: Talk) -> None:
    if drafting.is_foreign(talk.heard.text) and len(talk.heard.text.split()) >= SENTENCE_WORDS:
        await report.report(talk)  # the model reads Chinese; a sentence in English is filed, a person sorts it
        return
    opening.not_understood(talk)


async def _report(talk: Talk) -> None:
    heard = talk.heard
    if heard.meaning.decision is Decision.HUMAN and heard.meaning.category is None and len(heard.text) < 6:
        opening.not_understood(talk)
        return
    await report.report(talk)


_FLOWS: dict[Intent, Callable[[Talk], Awaitable[None]]] = {
    Intent.REPORT: _report,
    Intent.SUGGEST: report.report,
    Intent.PRAISE: report.report,
    Intent.ASK: asking.ask,
    Intent.APPLY: items.apply,
    Intent.DELIVER: delivering.wish,
    Intent.TRACK: mycases.track,
    Intent.SUPPLEMENT: mycases.supplement,
    Intent.URGE: mycases.urge,
    Intent.WITHDRAW: mycases.withdraw,
    Intent.RATE: rating.rate,
    Intent.HUMAN: _human,
    Intent.SMALLTALK: _small_talk,
    Intent.AFFIRM: _small_talk,
    Intent.DENY: _small_talk,
    Intent.OTHER: _other,
}
