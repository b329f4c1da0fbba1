"""Group chats: problems may be reported there, but whatever is personal moves to a private chat."""

from collections.abc import Awaitable, Callable

from bot.dialogue import emergencies
from bot.dialogue.turn import Talk
from bot.messages import Said
from nlu.contract import Intent

PERSONAL = frozenset(
    {Intent.TRACK, Intent.APPLY, Intent.RATE, Intent.DELIVER, Intent.WITHDRAW, Intent.URGE, Intent.SUPPLEMENT}
)
CHATTER = frozenset({Intent.SMALLTALK, Intent.OTHER, Intent.AFFIRM, Intent.DENY})
SURE = 0.6


async def answer(talk: Talk, go_on: Callable[[Talk], Awaitable[None]]) -> None:
    """Danger is answered at once; personal matters are asked into private; chatter among neighbours is left alone."""
    heard = talk.heard
    if heard.danger is not None:
        await emergencies.emergency(talk)
        return
    if heard.phones or any(one.type.value == "id_card" for one in heard.meaning.entities):
        talk.say("group.not_here")
        return
    if talk.state.waiting is not None or talk.turn.said.kind is Said.CHOICE:
        await go_on(talk)
    elif heard.intent in PERSONAL and heard.meaning.intent.confidence >= SURE:
        talk.say("group.private")
    elif heard.intent in CHATTER or heard.wordless or heard.meaning.intent.confidence < SURE:
        return
    else:
        talk.state.told["phone_asked"] = "group"
        await go_on(talk)
