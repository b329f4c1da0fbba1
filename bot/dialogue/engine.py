"""The order in which a message is answered: danger, buttons, plain commands, the open question, the worker's side,
and only then what the model thinks it means. Whatever a flow does, the talk returns to the unfinished draft.
"""

from typing import Any

from bot.dialogue import (
    emergencies,
    groups,
    mycases,
    opening,
    people,
    personal,
    pressing,
    questions,
    rating,
    routing,
    words,
    worker,
)
from bot.dialogue.hearing import hear, said
from bot.dialogue.resuming import resume
from bot.dialogue.state import State
from bot.dialogue.turn import Talk, Turn
from bot.messages import Outgoing, Said

__all__ = ["Turn", "respond"]
OFFERS = frozenset({"h:call", "y:as_report:-", "y:register:-"})
_NO_ANSWER = frozenset({Said.UNFOLLOW, Said.RECEIPT, Said.CONSENT})


async def respond(turn: Turn, state: dict[str, Any]) -> tuple[list[Outgoing], dict[str, Any]]:
    """Answers one message. `state` is what this returned last time ({} at first); replies are in order."""
    stands = State.from_json(state)
    if turn.said.kind in _NO_ANSWER or turn.said.extra.get("silent") == "yes":
        return [], stands.to_json()
    heard = hear(turn.said, turn.attachments, turn.read, stands)
    talk = Talk(turn, stands, heard, await turn.desk.visitor(), turn.language)
    if turn.desk.conversation.mode == "person":
        return [], stands.to_json()
    if turn.desk.conversation.mode == "waiting":
        await _while_waiting(talk)
    elif turn.said.ref.is_group:
        await groups.answer(talk, _answer)
    else:
        await _answer(talk)
    talk.state.touched_at = turn.now.isoformat()
    talk.state.reminded = talk.state.reminded and bool(talk.state.drafts)
    return talk.replies, talk.state.to_json()


async def _while_waiting(talk: Talk) -> None:
    """In the queue for a person the bot is silent, but for danger, buttons and "never mind"."""
    heard = talk.heard
    if heard.danger is not None:
        await emergencies.emergency(talk)
    elif talk.turn.said.kind is Said.CHOICE:
        await pressing.press(talk, heard.choice)
    elif said(words.CANCEL, heard.text) or heard.choice == "h:stop":
        await people.back(talk)
    else:
        await emergencies.place_heard(talk)  # where help is needed is never lost in a queue


async def _answer(talk: Talk) -> None:
    heard, before = talk.heard, talk.state.waiting
    if heard.kind is Said.FOLLOW:
        opening.welcome(talk)
    elif heard.danger is not None:
        await emergencies.emergency(talk)
    elif await _settled_at_once(talk):
        pass
    elif not await questions.answered(talk):
        await _route(talk)
        talk.state.waiting = talk.state.waiting or before
    if talk.desk.conversation.mode == "bot":
        await resume(talk, before)


async def _settled_at_once(talk: Talk) -> bool:
    """Buttons and plain commands, which mean the same at any time."""
    heard, text = talk.heard, talk.heard.text
    if heard.choice and await pressing.press(talk, heard.choice):
        return True
    if heard.kind is Said.SCAN or said(words.HELP, text):
        (opening.welcome if "start" in text.lower() or heard.kind is Said.SCAN else opening.help_)(talk)
    elif said(words.HUMAN, text):
        await people.call(talk, "")
    elif said(words.FORGET, text):
        personal.ask_forget(talk)
    elif said(words.BIG_TEXT, text):
        await personal.large_text(talk)
    elif mycases.wants_list(text):
        await mycases.list_mine(talk)
    else:
        return await personal.language(talk)
    return True


async def _first_offer(talk: Talk) -> bool:
    """A bare yes or no to what was offered last ("shall a colleague talk to you?", "did it help?")."""
    offered = [pair[0] for pair in talk.state.offered if len(pair) == 2]
    if (talk.heard.yes and offered and offered[0] in OFFERS) or (offered[:1] and offered[0].startswith("u:")):
        place = 0 if talk.heard.yes else 1 if talk.heard.no else None
        return place is not None and place < len(offered) and await pressing.press(talk, offered[place])
    return False


async def _route(talk: Talk) -> None:
    """No question was answered: the worker's side, a verdict on finished work, then the intent."""
    await personal.speak_as_they_do(talk)
    if await emergencies.place_heard(talk):
        return
    if talk.visitor.staff_id is not None and await worker.command(talk):
        return
    if await rating.waiting_verdict(talk) or await _first_offer(talk):
        return
    await routing.route(talk)
