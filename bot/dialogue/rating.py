"""After the work: is it solved, how was it, and if not well, why; why becomes a request to do it again."""

from backend.desk_facts import CaseFacts
from backend.domain.feedback import UNHAPPY_UP_TO
from backend.domain.refusals import MoveRefused
from bot.dialogue import choosing, mycases, words
from bot.dialogue.hearing import said
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk

STARS = ((words.UNHAPPY, 1), (words.SO_SO, 3), (words.HAPPY, 5))
REASON_FROM = 6  # characters from which words beside the stars are a reason


def score_said(text: str) -> int | None:
    """1, 3 or 5 for words or stars; None when the text is no rating."""
    return next((score for pattern, score in STARS if said(pattern, text)), None)


async def rate(talk: Talk) -> None:
    """A rating in words, for the case that was finished last."""
    heard = talk.heard
    score = score_said(heard.text)
    if score is None:
        unhappy = any(word in heard.text for word in ("不满", "太差", "很差", "差劲", "没解决", "失望", "敷衍", "差评"))
        so_so = any(word in heard.text for word in ("一般", "还行", "凑合"))
        score = 1 if unhappy else 3 if so_so else 5
    case = await _finished(talk)
    if case is None:
        return
    if case.state == "done":
        await (solved(talk, case.number) if score > UNHAPPY_UP_TO else unsolved(talk, case.number, heard.text))
        return
    await give_stars(talk, case.number, score, heard.text if len(heard.text) >= REASON_FROM else "")


async def _finished(talk: Talk) -> CaseFacts | None:
    recent = await talk.desk.my_case(talk.state.recent) if talk.state.recent else None
    if recent is not None and recent.state in choosing.FINISHED:
        return recent
    return await choosing.pick(talk, "rate", choosing.FINISHED, talk.heard.text)


async def give_stars(talk: Talk, number: str, score: int, text: str = "") -> None:
    """Keeps the score; one or two stars ask why."""
    try:
        await talk.desk.act(number, "feedback", score=score, text=text or None)
    except MoveRefused as refused:
        mycases.refuse(talk, refused)
        return
    talk.state.recent = number
    talk.settled("which")
    if score > UNHAPPY_UP_TO:
        talk.say("rating.thanks" if score == 5 else "rating.noted", number=number)
        ask_contact(talk)
    elif text:
        await ask_again(talk, number, text)
    else:
        talk.ask(Waiting("why", number=number), "question.why", number=number)


def ask_contact(talk: Talk) -> None:
    """Once per person: may we write to you about other things than your own matters?"""
    if talk.once("contact_asked"):
        choices = [talk.button("contact_yes", "y:contact:yes"), talk.button("contact_no", "y:contact:no")]
        talk.ask(Waiting("contact"), "question.contact", choices)


async def contact(talk: Talk, may: bool) -> None:
    """The answer, kept and honoured by everything we send."""
    talk.settled("contact")
    await talk.errands.set_may_contact(may)
    talk.say("rating.contact_yes" if may else "rating.contact_no")


async def contact_answered(talk: Talk) -> bool:
    """Yes or no in words."""
    if talk.heard.yes or talk.heard.no or said(words.SKIP, talk.heard.text) or said(words.NO_CONTACT, talk.heard.text):
        await contact(talk, talk.heard.yes)
        return True
    return False


async def ask_again(talk: Talk, number: str, reason: str) -> None:
    """The answer to "why?": a request to reopen, which staff decide."""
    talk.settled("why")
    try:
        await talk.desk.act(number, "request_reopen", reason=reason)
    except MoveRefused as refused:
        mycases.refuse(talk, refused)
        return
    talk.say("rating.reopen_asked", number=number)


async def solved(talk: Talk, number: str) -> None:
    """The resident confirms; the closing notice asks for stars by itself."""
    try:
        await talk.desk.act(number, "verify", text=talk.heard.text)
    except MoveRefused as refused:
        mycases.refuse(talk, refused)
        return
    talk.state.recent = number
    talk.say("rating.confirmed", number=number)


async def unsolved(talk: Talk, number: str, reason: str = "") -> None:
    """The resident says it is not done: with a reason it goes back at once, else the reason is asked for."""
    if len(reason) < REASON_FROM and talk.ask(Waiting("redo", number=number), "question.redo", number=number):
        return
    try:
        await talk.desk.act(number, "fail_verification", reason=reason or talk.word("part.not_solved"))
    except MoveRefused as refused:
        mycases.refuse(talk, refused)
        return
    talk.state.recent = number
    talk.settled("redo")
    talk.say("rating.redo", number=number)


async def waiting_verdict(talk: Talk) -> bool:
    """ "解决了", "还没好", "满意" with no question open: about the case that waits for just that. True when it was."""
    text = talk.heard.text
    score, is_solved, is_unsolved = score_said(text), said(words.SOLVED, text), said(words.UNSOLVED, text)
    if score is None and not is_solved and not is_unsolved:
        return False
    cases = await talk.desk.my_cases(choosing.LOOKED_AT)
    done = [one for one in cases if one.state == "done"]
    if done and (is_solved or is_unsolved or score is not None):
        case = done[0] if len(done) == 1 else await choosing.pick(talk, "rate", {"done"}, text)
        if case is not None:
            bad = is_unsolved or (score is not None and score <= UNHAPPY_UP_TO)
            await (unsolved(talk, case.number, text) if bad else solved(talk, case.number))
        return True
    finished = [one for one in cases if one.state in ("verified", "closed")]
    if finished and score is not None:
        await give_stars(talk, finished[0].number, score)
        return True
    if finished and is_unsolved and finished[0].state in choosing.FINISHED:
        await ask_again(talk, finished[0].number, text)
        return True
    return False
