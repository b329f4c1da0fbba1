"""A phone that another chat of ours knows: a code sent there proves that both are one person; the talk goes on here."""

import re

from bot.dialogue import report, words
from bot.dialogue.hearing import said
from bot.dialogue.state import MOST_DRAFTS, State, Waiting
from bot.dialogue.turn import Talk

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
WRONG_ANSWERS = 3  # then this talk lets it be; the desk counts on its own besides


async def phone_given(talk: Talk, phone: str) -> None:
    """Keeps a phone; where another chat has it, a code goes there and is asked for here."""
    known = await talk.desk.remember_phone(phone)
    talk.state.told["phone_asked"] = "yes"
    if not known:
        talk.say("personal.phone_kept")
        return
    other = await talk.desk.ask_link(phone)
    if other is None or not talk.ask(
        Waiting("link_code", number=str(other)), "question.link_code", [talk.button("not_link", "n:link")]
    ):
        talk.say("personal.phone_known", [talk.button("human", "h:call")])


async def code_said(talk: Talk) -> bool:
    """The six digits, or no; anything else is another matter."""
    waiting, heard = talk.state.waiting, talk.heard
    assert waiting is not None
    found = _CODE.search(heard.text) if len(heard.text) <= 20 else None
    if found is None:
        if heard.no or said(words.SKIP, heard.text) or said(words.CANCEL, heard.text):
            leave(talk)
            return True
        return False
    linked = await talk.desk.link(int(waiting.number), found[0]) if waiting.number.isdigit() else None
    if linked is None:
        _wrong(talk, waiting)
        return True
    talk.settled("link_code")
    talk.say("personal.linked", count=linked.cases + linked.applications)
    await _go_on_here(talk)
    return True


def _wrong(talk: Talk, waiting: Waiting) -> None:
    count = int(waiting.data.get("wrong", 0)) + 1
    if count >= WRONG_ANSWERS:
        talk.settled("link_code")
        talk.say("personal.link_failed", [talk.button("human", "h:call")])
        return
    waiting.data["wrong"] = count
    talk.say("personal.link_wrong", [talk.button("not_link", "n:link")])


def leave(talk: Talk) -> None:
    """They stay two."""
    talk.settled("link_code")
    talk.say("personal.not_linked")


async def _go_on_here(talk: Talk) -> None:
    """What was left unfinished in the other chat goes on in this one."""
    for stored in await talk.desk.unfinished_elsewhere():
        for draft in State.from_json(stored).drafts:
            if len(talk.state.drafts) < MOST_DRAFTS:
                talk.state.last_id += 1
                draft.id, draft.batch = talk.state.last_id, 0
                draft.asked.clear()
                talk.state.drafts.append(draft)
    if talk.state.drafts and talk.state.waiting is None:
        await report.next_draft(talk)
