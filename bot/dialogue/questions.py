"""The open question and who reads its answer: a table from topic to handler."""

from collections.abc import Awaitable, Callable

from bot.dialogue import (
    appointments,
    asking,
    choosing,
    delivering,
    door,
    draft_answers,
    emergencies,
    items,
    linking,
    mycases,
    papers,
    personal,
    rating,
    report,
    volunteers,
    words,
    worker,
)
from bot.dialogue.hearing import said
from bot.dialogue.turn import Talk

Handler = Callable[[Talk], Awaitable[bool]]


async def answered(talk: Talk) -> bool:
    """Whether the message answered the question that waits (if one does)."""
    waiting = talk.state.waiting
    if waiting is None:
        return await _cancel_first_draft(talk)
    draft = talk.state.draft(waiting.draft)
    if waiting.topic in draft_answers.DRAFT_TOPICS:
        if draft is None:
            talk.state.waiting = None
            return False
        return await draft_answers.answer(talk, draft)
    handler = _TOPICS.get(waiting.topic)
    return await handler(talk) if handler is not None else False


async def _cancel_first_draft(talk: Talk) -> bool:
    if talk.state.drafts and said(words.CANCEL, talk.heard.text):
        await report.cancel(talk, talk.state.drafts[0])
        return True
    return False


def _number(talk: Talk) -> str:
    return talk.state.waiting.number if talk.state.waiting is not None else ""


async def _why(talk: Talk) -> bool:
    if talk.heard.wordless or said(words.SKIP, talk.heard.text) or said(words.CANCEL, talk.heard.text):
        talk.settled("why")
        talk.say("rating.no_reason")
        return True
    if draft_answers.goes_elsewhere(talk):
        return False
    await rating.ask_again(talk, _number(talk), talk.heard.text)
    return True


async def _redo(talk: Talk) -> bool:
    if said(words.CANCEL, talk.heard.text) or said(words.SOLVED, talk.heard.text):
        number = _number(talk)
        talk.settled("redo")
        await rating.solved(talk, number)
        return True
    if talk.heard.wordless or talk.heard.asks:
        return False
    await rating.unsolved(talk, _number(talk), talk.heard.text.ljust(rating.REASON_FROM))
    return True


async def _withdraw(talk: Talk) -> bool:
    number = _number(talk)
    if talk.heard.yes or ("撤" in talk.heard.text and "不" not in talk.heard.text):
        await mycases.withdraw_number(talk, number)
    elif talk.heard.no or said(words.CANCEL, talk.heard.text):
        talk.settled("withdraw")
        talk.say("mine.kept", number=number)
    else:
        return False
    return True


async def _forget(talk: Talk) -> bool:
    if talk.heard.yes:
        await personal.forget(talk)
    elif talk.heard.no or said(words.CANCEL, talk.heard.text):
        talk.settled("forget")
        talk.say("personal.kept")
    else:
        return False
    return True


async def _supplement(talk: Talk) -> bool:
    if said(words.CANCEL, talk.heard.text):
        talk.settled("supplement")
        talk.say("mine.kept_as_is")
        return True
    if draft_answers.goes_elsewhere(talk) or (talk.heard.wordless and not talk.heard.photos):
        return False
    await mycases.add_to(talk, _number(talk), talk.heard.text, talk.heard.photos)
    return True


async def _emergency_place(talk: Talk) -> bool:
    return await emergencies.place(talk, _number(talk))


async def _which(talk: Talk) -> bool:
    """A list was shown and something else than a button came: a number's ending, words that fit, or another matter."""
    waiting = talk.state.waiting
    assert waiting is not None
    if said(words.CANCEL, talk.heard.text):
        talk.settled("which")
        talk.say("mine.kept_as_is")
        return True
    cases = [one for one in await talk.desk.my_cases(20) if one.number in waiting.data.get("numbers", [])]
    named = choosing.by_ending(cases, talk.heard.text)
    named = named or (choosing.only_fitting(cases, talk.heard.text) if len(talk.heard.text) <= 20 else None)
    if named is None:
        return False
    await which_chosen(talk, str(waiting.data.get("action", "track")), named.number)
    return True


async def which_chosen(talk: Talk, action: str, number: str) -> None:
    """The case of a list that was chosen, with what was wanted of it."""
    waiting = talk.state.waiting
    text = str(waiting.data.get("text", "")) if waiting is not None and waiting.topic == "which" else ""
    talk.settled("which")
    if action == "urge":
        await mycases.urge_number(talk, number, text)
    elif action == "withdraw":
        await mycases.ask_withdraw_number(talk, number)
    elif action == "supplement":
        if len(text) >= mycases.DETAILS_FROM:
            await mycases.add_to(talk, number, text, ())
        else:
            mycases.ask_supplement(talk, number)
    elif action == "rate":
        await _rate_chosen(talk, number, text)
    else:
        await mycases.tell_number(talk, number)


async def _rate_chosen(talk: Talk, number: str, text: str) -> None:
    case = await talk.desk.my_case(number)
    score = rating.score_said(text) or 3
    if case is not None and case.state == "done":
        await (
            rating.unsolved(talk, number, text)
            if score < 3 or said(words.UNSOLVED, text)
            else rating.solved(talk, number)
        )
    else:
        await rating.give_stars(talk, number, score)


async def _item(talk: Talk) -> bool:
    if talk.heard.no or said(words.CANCEL, talk.heard.text):
        talk.settled("item")
        talk.say("items.not_applied")
        return True
    if talk.heard.wordless or draft_answers.goes_elsewhere(talk):
        return False
    found = await talk.desk.items.find(talk.heard.text)
    if not found or not (found[0].sure or len(found) == 1):
        return False
    await items.chosen(talk, found[0].code)
    return True


async def _item_go(talk: Talk) -> bool:
    if talk.heard.yes or said(words.APPLY_YES, talk.heard.text):
        await items.begin(talk, _number(talk))
    elif talk.heard.no or said(words.CANCEL, talk.heard.text) or said(words.SKIP, talk.heard.text):
        talk.settled("item_go")
        talk.say("items.not_applied")
    elif talk.heard.photos and not talk.heard.text:
        await items.begin(talk, _number(talk))
    else:
        return False
    return True


async def _proxy(talk: Talk) -> bool:
    if talk.heard.no or said(words.CANCEL, talk.heard.text) or said(words.SKIP, talk.heard.text):
        talk.settled("proxy")
        talk.say("items.no_proxy")
        return True
    if talk.heard.wordless or draft_answers.goes_elsewhere(talk):
        return False
    await items.name_proxy(talk, _number(talk), talk.heard.text)
    return True


async def _delivery_address(talk: Talk) -> bool:
    waiting = talk.state.waiting
    assert waiting is not None
    if said(words.CANCEL, talk.heard.text):
        talk.settled("delivery_address")
        await delivering.collect(talk, waiting.number)
        return True
    if talk.heard.wordless or draft_answers.goes_elsewhere(talk):
        return False
    await delivering.slot_chosen(talk, waiting.number, str(waiting.data.get("slot", "")), talk.heard.text)
    return True


async def _worker(talk: Talk) -> bool:
    waiting = talk.state.waiting
    assert waiting is not None
    return await worker.answered(talk, waiting.topic, waiting.number)


async def _visit_failed(talk: Talk) -> bool:
    if talk.heard.wordless:
        return False
    await worker.visit_failed(talk, _number(talk), talk.heard.text)
    return True


async def _answers(talk: Talk) -> bool:
    """Three questions were offered; "none" in words."""
    if talk.heard.no or words.NOT_THIS_IN.search(talk.heard.text):
        await asking.chosen(talk, "-")
        return True
    return False


_TOPICS: dict[str, Handler] = {
    "phone": personal.phone,
    "why": _why,
    "redo": _redo,
    "withdraw": _withdraw,
    "forget": _forget,
    "supplement": _supplement,
    "emergency_place": _emergency_place,
    "which": _which,
    "item": _item,
    "item_go": _item_go,
    "papers": items.papers,
    "more_papers": papers.brought_later,
    "proxy": _proxy,
    "delivery_address": _delivery_address,
    "worker_done": _worker,
    "worker_cannot": _worker,
    "visit_failed": _visit_failed,
    "answers": _answers,
    "appointment": appointments.asked_which,
    "slot_wanted": appointments.asked_slot,
    "volunteer": volunteers.asked_yes,
    "volunteer_kind": volunteers.asked_kind,
    "door": door.answered,
    "contact": rating.contact_answered,
    "link_code": linking.code_said,
}
