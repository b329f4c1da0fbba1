"""Answers to what was asked about a draft: one small function per question; True when the message was an answer.

False sends the message on to the general routes (a question in between, another problem); the draft stays.
"""

from collections.abc import Awaitable, Callable

from backend.areas.placement import Placement
from bot.dialogue import drafting, placing, readback, report, words
from bot.dialogue.hearing import said
from bot.dialogue.state import Draft, Waiting
from bot.dialogue.turn import Talk
from nlu.contract import Intent

Answering = Callable[[Talk, Draft], Awaitable[bool]]
_ELSEWHERE = frozenset(
    {Intent.TRACK, Intent.HUMAN, Intent.URGE, Intent.WITHDRAW, Intent.APPLY, Intent.RATE, Intent.DELIVER}
)
SURE_OF_ELSEWHERE = 0.8
SHORT = 10
LIKELY = 3  # a bare yes means the first of so few categories, never of a long list


def goes_elsewhere(talk: Talk) -> bool:
    """Whether the message is surely no answer: a question, or a wish about something else."""
    heard = talk.heard
    if heard.asks or (heard.numbers and not heard.wordless):
        return True
    return heard.intent in _ELSEWHERE and heard.meaning.intent.confidence >= SURE_OF_ELSEWHERE


async def answer(talk: Talk, draft: Draft) -> bool:
    """Whatever waits: first what always counts (cancel, a correction, only a photo or pin), then the topic's own."""
    heard, waiting = talk.heard, talk.state.waiting
    assert waiting is not None
    if said(words.CANCEL, heard.text) or _takes_it_back(talk):
        await report.cancel(talk, draft)
        return True
    if heard.text and report.correct(talk, draft, heard.text):
        await report.keep_phone(talk, heard)
        await report.advance(talk, draft)
        return True
    if _phone_said(talk):
        await report.keep_phone(talk, heard)
        talk.say("report.phone_kept")
        await report.advance(talk, draft)
        return True
    if (heard.photos or heard.pin) and not heard.text:
        await _take_and_go_on(talk, draft)
        return True
    return await _TOPICS[waiting.topic](talk, draft) if waiting.topic in _TOPICS else False


def _takes_it_back(talk: Talk) -> bool:
    """A withdrawal in a few words while a draft is open means the draft, unless an earlier report is named."""
    heard = talk.heard
    earlier = any(word in heard.text for word in ("上次", "之前", "那个", "昨天", "前几天", "工单"))
    return heard.intent == Intent.WITHDRAW and len(heard.text) <= SHORT and not heard.numbers and not earlier


def _phone_said(talk: Talk) -> bool:
    """ "电话换成138…" or a bare number: about the phone, not about the problem."""
    heard = talk.heard
    if not heard.phones:
        return False
    return bool(heard.phone) or words.PHONE_CHANGE_IN.search(heard.text) is not None or len(heard.text) <= 18


async def _take_and_go_on(talk: Talk, draft: Draft) -> None:
    """A photo or a pin alone. Photos of one album must not be answered one by one."""
    heard, offered = talk.heard, talk.state.offered
    draft.photos += [one for one in heard.photos if one not in draft.photos]
    if heard.pin is not None:
        draft.place_settled = False
        placing.put_place(talk, draft, draft.place or heard.pin.label, placing.locate(talk, draft.place, heard.pin))
        await report.advance(talk, draft)
    elif not talk.turn.said.album and draft.text:
        talk.say("report.photo_added", [(button, label) for button, label in offered], count=len(draft.photos))


async def _what(talk: Talk, draft: Draft) -> bool:
    if goes_elsewhere(talk):
        return False
    if talk.heard.wordless:
        await report.advance(talk, draft)
        return True
    await report.take(talk, draft, talk.heard)
    await report.advance(talk, draft)
    return True


async def _category(talk: Talk, draft: Draft) -> bool:
    heard = talk.heard
    if heard.yes:
        _settle_category(draft, draft.options[0] if 0 < len(draft.options) <= LIKELY else "")
    elif heard.no or words.NOT_THIS_IN.search(heard.text):
        _settle_category(draft, "")
    elif goes_elsewhere(talk) or drafting.another_matter(draft, heard.meaning):
        return False
    else:
        draft.asked["category"] = draft.asked.get("category", 0)
        await report.take(talk, draft, heard)
    await report.advance(talk, draft)
    return True


def _settle_category(draft: Draft, code: str) -> None:
    draft.category_settled, draft.category_sure = True, bool(code)
    draft.category, draft.options = code, []


async def category_pressed(talk: Talk, draft: Draft, code: str) -> None:
    """A category button: one of the three, or none of these."""
    _settle_category(draft, code if code in talk.desk.office.taxonomy.leaves else "")
    await report.advance(talk, draft)


async def _place(talk: Talk, draft: Draft) -> bool:
    heard = talk.heard
    if said(words.SKIP, heard.text):
        draft.place_settled = True
    elif heard.wordless or heard.yes or heard.no:
        pass  # asked again, once; then filed without
    else:
        found = placing.place_in(talk, heard)
        another = drafting.another_matter(draft, heard.meaning)
        if another and (found is None or not drafting.is_only_place(heard.text, found[0])):
            return False
        if found is None or not found[1].candidates:
            if goes_elsewhere(talk):
                return False
            found = _as_said(talk, found)
        placing.put_place(talk, draft, *found)
        _keep_the_rest(draft, heard.text, found[0])
        draft.photos += [one for one in heard.photos if one not in draft.photos]
    await report.advance(talk, draft)
    return True


def _as_said(talk: Talk, found: tuple[str, Placement] | None) -> tuple[str, Placement]:
    """Asked for a place, whatever was said is the place, known to us or not."""
    text = talk.heard.text
    return found if found is not None else (text[: placing.PLACE_LENGTH], placing.locate(talk, text, talk.heard.pin))


def _keep_the_rest(draft: Draft, text: str, place: str) -> None:
    """An answer that says more than the place also belongs to the problem's own words."""
    if not drafting.is_only_place(text, place):
        draft.add_text(text)


async def _grid(talk: Talk, draft: Draft) -> bool:
    heard = talk.heard
    if heard.no or said(words.SKIP, heard.text) or words.NOT_THIS_IN.search(heard.text):
        placing.grid_chosen(talk, draft, "-")
    elif heard.yes or heard.wordless:
        pass
    else:
        named = [code for code in draft.candidates if _names(talk, code, heard.text)]
        found = placing.place_in(talk, heard)
        if len(named) == 1:
            placing.grid_chosen(talk, draft, named[0])
        elif found is not None and found[1].candidates:
            placing.put_place(talk, draft, *found)
        elif goes_elsewhere(talk) or drafting.another_matter(draft, heard.meaning):
            return False
        else:
            await report.take(talk, draft, heard)
    await report.advance(talk, draft)
    return True


def _names(talk: Talk, code: str, text: str) -> bool:
    """Whether the words name this area by its own name or by how people shorten it."""
    name = talk.desk.office.atlas.name(code)
    return name in text or (len(text) >= 2 and text in talk.desk.area_name(code))


async def grid_pressed(talk: Talk, draft: Draft, code: str) -> None:
    """An area button."""
    placing.grid_chosen(talk, draft, code)
    await report.advance(talk, draft)


async def _similar(talk: Talk, draft: Draft) -> bool:
    heard, waiting = talk.heard, talk.state.waiting
    assert waiting is not None
    if heard.yes or ("同一" in heard.text and "不" not in heard.text):
        await report.join(talk, draft, waiting.number)
        return True
    if not heard.no and goes_elsewhere(talk):
        return False
    if not heard.no:
        await report.take(talk, draft, heard)
    await report.advance(talk, draft)
    return True


async def _confirm(talk: Talk, draft: Draft) -> bool:
    heard = talk.heard
    if heard.yes:
        await confirmed(talk, draft)
    elif said(words.CHANGE, heard.text) or heard.no:
        await ask_change(talk, draft)
    elif said(words.SKIP, heard.text):
        await confirmed(talk, draft)
    elif goes_elsewhere(talk) or drafting.another_matter(draft, heard.meaning):
        return False
    else:
        await _more(talk, draft)
    return True


async def confirmed(talk: Talk, draft: Draft) -> None:
    """对: consent is remembered with it, and the draft becomes a case."""
    if not talk.visitor.has_consented:
        await talk.desk.give_consent()
        talk.state.told["consent"] = "yes"
    await report.file_and_go_on(talk, draft)


async def _more(talk: Talk, draft: Draft) -> None:
    """More about the problem: a better place, the answer to a follow-up, another detail; then read back anew."""
    heard = talk.heard
    found = placing.place_in(talk, heard) if not heard.wordless else None
    before = (draft.text, draft.place, draft.category, len(draft.answers))
    if found is not None and found[1].candidates and drafting.is_only_place(heard.text, found[0]):
        draft.similar_settled = False
        placing.put_place(talk, draft, *found)
    elif not heard.wordless:
        asked = readback.follow_up_words(talk, draft) if draft.questions and not draft.answers else ""
        await report.take(talk, draft, heard, as_answer_to=asked)
    if (draft.text, draft.place, draft.category, len(draft.answers)) != before:
        draft.asked["confirm"] = min(draft.asked.get("confirm", 0), 1)  # something new is read back
        talk.say("report.noted")
    await report.advance(talk, draft)


async def ask_change(talk: Talk, draft: Draft) -> None:
    """改: what exactly? Words or one of four buttons."""
    names = ("text", "place", "category", "anonymous")
    choices = [talk.button(f"change_{name}", f"e:{name}:{draft.id}") for name in names]
    if not talk.ask(Waiting("change", draft.id), "question.change", choices, draft=draft):
        await report.file_and_go_on(talk, draft, unconfirmed=True)


async def change_pressed(talk: Talk, draft: Draft, what: str) -> None:
    """One of the four change buttons: the draft forgets that part, and it is asked for again."""
    if what == "anonymous":
        draft.anonymous = not draft.anonymous
    elif what == "place":
        draft.place = draft.area_code = ""
        draft.place_settled, draft.candidates, draft.similar_settled = False, [], False
    elif what == "category":
        draft.category_sure = draft.category_settled = False
        draft.options = drafting.options_of(talk.turn.read(draft.text))
    else:
        draft.text, draft.answers = "", []
    await report.advance(talk, draft)


async def _change(talk: Talk, draft: Draft) -> bool:
    heard = talk.heard
    for name in ("text", "place", "category", "anonymous"):
        if heard.text in talk.word(f"button.change_{name}") and heard.text:
            await change_pressed(talk, draft, name)
            return True
    if heard.yes:
        await confirmed(talk, draft)
        return True
    if goes_elsewhere(talk):
        return False
    found = placing.place_in(talk, heard)
    if found is not None and found[1].candidates and drafting.is_only_place(heard.text, found[0]):
        report.set_place_again(talk, draft, found[0])
    elif not heard.wordless:
        draft.category_settled = False
        await report.take(talk, draft, heard)
    draft.asked["confirm"] = min(draft.asked.get("confirm", 0), 1)
    await report.advance(talk, draft)
    return True


_TOPICS: dict[str, Answering] = {
    "what": _what,
    "category": _category,
    "place": _place,
    "grid": _grid,
    "similar": _similar,
    "confirm": _confirm,
    "change": _change,
}
DRAFT_TOPICS = frozenset(_TOPICS)
