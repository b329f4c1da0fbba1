"""Volunteer help by chat: which kind is meant, read back once, then asked of the group that serves the place."""

from bot.dialogue import placing, words
from bot.dialogue.hearing import said
from bot.dialogue.state import Waiting
from bot.dialogue.turn import Talk


async def wish(talk: Talk) -> bool:
    """ "想找志愿者陪老人聊天"; False when no volunteer was asked for."""
    if not words.VOLUNTEER_IN.search(talk.heard.text):
        return False
    await _offer(talk)
    return True


async def _offer(talk: Talk) -> None:
    text = words.VOLUNTEER_IN.sub("", talk.heard.text)
    kind = await talk.desk.items.volunteer_kind(text) if text.strip() else None
    if kind is None:
        if not talk.ask(Waiting("volunteer_kind"), "question.volunteer_kind"):
            talk.say("human.offer", [talk.button("human", "h:call")])
        return
    talk.settled("volunteer_kind")
    found = placing.place_in(talk, talk.heard)
    area = found[1].sure.area_code if found is not None and found[1].sure is not None else ""
    data = {"text": talk.desk.masked(talk.heard.meaning)[:400], "area": area}
    choices = [talk.button("volunteer_yes", f"z:ask:{kind.code}"), talk.button("volunteer_no", "z:no:-")]
    waiting = Waiting("volunteer", number=kind.code, data=data)
    if not talk.ask(waiting, "question.volunteer", choices, kind=kind.name, group=kind.class_name):
        await ask_for(talk, kind.code)


async def asked_kind(talk: Talk) -> bool:
    """The answer to "what kind of help?"."""
    if talk.heard.no or said(words.CANCEL, talk.heard.text):
        await leave(talk)
        return True
    if talk.heard.wordless or await talk.desk.items.volunteer_kind(talk.heard.text) is None:
        return False
    await _offer(talk)
    return True


async def asked_yes(talk: Talk) -> bool:
    """Yes or no in words."""
    waiting = talk.state.waiting
    assert waiting is not None
    if talk.heard.yes:
        await ask_for(talk, waiting.number)
    elif talk.heard.no or said(words.CANCEL, talk.heard.text):
        await leave(talk)
    else:
        return False
    return True


async def ask_for(talk: Talk, code: str) -> None:
    """Files the request. Refusals rise to whoever pressed."""
    waiting = talk.state.waiting
    data = waiting.data if waiting is not None and waiting.topic == "volunteer" else {}
    talk.settled("volunteer")
    area = str(data.get("area", ""))
    made = await talk.desk.items.ask_volunteer(code, str(data.get("text", "")) or talk.word("part.no_words"), area)
    who = made.group_name or talk.word("part.desk")
    talk.say("volunteer.asked", number=made.number, kind=made.kind.name, who=who)


async def leave(talk: Talk) -> None:
    """No volunteer after all."""
    talk.settled("volunteer")
    talk.settled("volunteer_kind")
    talk.say("volunteer.left")
