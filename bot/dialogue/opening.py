"""First words and small talk: welcome, help, thanks, stickers and what nobody can read; always a way onwards."""

import re

from bot.dialogue.turn import Talk
from bot.messages import Said

THANKS = re.compile(r"谢|thank|辛苦|感谢|多谢|唔该", re.I)
BYE = re.compile(r"再见|拜拜|bye|回头见|晚安", re.I)
ANGRY = re.compile(r"垃圾(客服|平台|公司|东西)|滚|妈的|他妈|操|傻|骗子|废物|什么破|有病|气死|fuck|stupid", re.I)
_KINDS = {Said.VOICE: "voice", Said.VIDEO: "video", Said.UNKNOWN: "unknown", Said.CONTACT: "unknown"}


def menu(talk: Talk) -> list[tuple[str, str]]:
    """What one can do here, as buttons."""
    names = ("report", "track", "apply", "ask", "human")
    return [talk.button(f"menu_{name}", f"o:{name}") for name in names]


def welcome(talk: Talk) -> None:
    """On following, /start or the first hello."""
    talk.say("opening.welcome", menu(talk))


def help_(talk: Talk) -> None:
    """What one can say."""
    talk.say("opening.help", menu(talk))


def chosen(talk: Talk, what: str) -> str | None:
    """A menu button: its sentence; the name of a route to take instead, if there is one."""
    if what in ("track", "human"):
        return what
    talk.say(f"opening.{what}" if what in ("report", "apply", "ask") else "opening.help")
    return None


def small_talk(talk: Talk) -> None:
    """Thanks, goodbyes, hellos, anger: one kind sentence."""
    text = talk.heard.text
    if ANGRY.search(text):
        talk.say("opening.angry", [talk.button("human", "h:call")])
    elif THANKS.search(text):
        talk.say("opening.thanks")
    elif BYE.search(text):
        talk.say("opening.bye")
    elif talk.once("welcomed"):
        welcome(talk)
    else:
        talk.say("opening.hello")


def unreadable(talk: Talk) -> None:
    """No words in it: emoji, a sticker, a voice, an unknown kind, nothing. The second time a person is offered."""
    name = _KINDS.get(talk.heard.kind, "empty")
    count = int(talk.state.told.get("unread", "0")) + 1
    talk.state.told["unread"] = str(count)
    talk.say(f"opening.{name}", [talk.button("human", "h:call")] if count > 1 or name == "voice" else ())


def not_understood(talk: Talk) -> None:
    """Words, but no meaning: asked once to say it differently, then a person is offered."""
    count = int(talk.state.told.get("lost", "0")) + 1
    talk.state.told["lost"] = str(count)
    if count > 1:
        talk.say("human.offer", [talk.button("human", "h:call"), talk.button("as_report", "y:as_report:-")])
    else:
        talk.say("opening.lost", [talk.button("as_report", "y:as_report:-"), talk.button("human", "h:call")])
    talk.state.told["question"] = talk.heard.text[:1000]
