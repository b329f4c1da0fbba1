"""A person's own settings: language, large letters, a phone, and being forgotten."""

from bot.dialogue import drafting, linking, words
from bot.dialogue.hearing import said
from bot.dialogue.state import State, Waiting
from bot.dialogue.turn import Talk

ENGLISH_WORDS = 3


async def language(talk: Talk) -> bool:
    """/lang and its relatives; True when the message was about the language."""
    text = talk.heard.text
    if said(words.TO_ENGLISH, text) or said(words.TO_CHINESE, text):
        chosen = "en" if said(words.TO_ENGLISH, text) else "zh_CN"
        await set_language(talk, chosen)
        return True
    if said(words.LANGUAGE, text):
        talk.say("personal.language", [("l:zh_CN", "中文"), ("l:en", "English")])
        return True
    return False


async def set_language(talk: Talk, chosen: str) -> None:
    """Everything we say from now on is in this language."""
    if chosen in ("zh_CN", "en"):
        await talk.desk.set_language(chosen)
        talk.language = chosen
        talk.say("personal.language_set")


async def speak_as_they_do(talk: Talk) -> None:
    """Whoever begins in English is answered in English, once; afterwards only their own word changes it."""
    text = talk.heard.text
    english = drafting.is_foreign(text) and len(text.split()) >= ENGLISH_WORDS
    if english and talk.language != "en" and talk.once("english"):
        await talk.desk.set_language("en")
        talk.language = "en"


async def large_text(talk: Talk) -> None:
    """Pages in large letters, on or off."""
    large = not talk.visitor.large_text
    await talk.errands.set_large_text(large)
    talk.say("personal.large_on" if large else "personal.large_off")


def ask_forget(talk: Talk) -> None:
    """Erasing cannot be taken back: asked once more, with what will stay."""
    choices = [talk.button("forget_yes", "y:forget:-"), talk.button("keep", "y:stay:-")]
    if not talk.ask(Waiting("forget"), "question.forget", choices):
        talk.say("personal.kept")


async def forget(talk: Talk) -> None:
    """The resident is erased, with everything this conversation remembers."""
    await talk.desk.forget_me()
    talk.state = State()
    talk.say("personal.forgotten")


async def phone(talk: Talk) -> bool:
    """The answer to "may we have a phone?"; anything that is no phone and no refusal is another matter."""
    heard = talk.heard
    if heard.numbers:
        return False
    if heard.phones:
        talk.settled("phone")
        await linking.phone_given(talk, heard.phones[0])
        return True
    digits = "".join(sign for sign in heard.text if sign.isdigit())
    if len(digits) >= 7 and len(heard.text) <= len(digits) + 6:
        if not talk.ask(Waiting("phone"), "question.phone_wrong"):
            talk.settled("phone")
            talk.say("personal.phone_skipped")
        return True
    if heard.no or said(words.SKIP, heard.text) or said(words.CANCEL, heard.text):
        talk.settled("phone")
        talk.say("personal.phone_skipped")
        return True
    return False
