"""What a message is to the dialogue: its words (or the words of its button), its meaning, its photos and pin."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from bot.dialogue import words
from bot.dialogue.state import State
from bot.messages import Incoming, Pin, Said
from nlu.contract import EntityType, GuardHit, Intent, Understanding

Reading = Callable[[str], Understanding]
MOST_CHARACTERS = 4000  # longer letters are cut for the draft; the conversation keeps them whole
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2060\ufeff\ud800-\udfff\u202a-\u202e]")
_WORDS = re.compile(r"[^\W_]", re.UNICODE)
QUESTION_SURE = 0.7  # from here a question in the middle of a report is one


@dataclass(frozen=True)
class Heard:
    """One message. `choice` is the button pressed, or the one a number or label in words stands for."""

    text: str
    choice: str
    kind: Said
    meaning: Understanding
    photos: tuple[int, ...] = ()
    pin: Pin | None = None
    phone: str = ""
    too_long: bool = False

    @cached_property
    def wordless(self) -> bool:
        """No letter, digit or sign of any script: emoji, dots, nothing at all."""
        return _WORDS.search(self.text) is None

    @cached_property
    def phones(self) -> list[str]:
        """Phone numbers in the message or on the shared contact card."""
        found = [one.value for one in self.meaning.entities if one.type is EntityType.PHONE]
        return [self.phone, *found] if self.phone else found

    @cached_property
    def numbers(self) -> list[str]:
        """Case and application numbers named."""
        return [one.value for one in self.meaning.entities if one.type is EntityType.CASE_NUMBER]

    @property
    def intent(self) -> str:
        """The intent's name."""
        return self.meaning.intent.name

    @property
    def danger(self) -> GuardHit | None:
        """The life-safety rule that fired, if one did."""
        guard = self.meaning.guard
        return guard if guard is not None and guard.kind == "danger" else None

    @property
    def refused_matter(self) -> GuardHit | None:
        """The rule that says this is not accepted here, if one did."""
        guard = self.meaning.guard
        return guard if guard is not None and guard.kind == "not_accepted" else None

    @cached_property
    def yes(self) -> bool:
        """An affirmative answer in words."""
        return words.YES.fullmatch(self.text) is not None or (
            self.intent == Intent.AFFIRM and len(self.text) <= 8 and self.meaning.intent.confidence >= QUESTION_SURE
        )

    @cached_property
    def no(self) -> bool:
        """A negative answer in words."""
        return words.NO.fullmatch(self.text) is not None or (
            self.intent == Intent.DENY and len(self.text) <= 6 and self.meaning.intent.confidence >= QUESTION_SURE
        )

    @cached_property
    def asks(self) -> bool:
        """A question, and surely one: in the middle of a report it is answered before returning."""
        return (
            self.intent == Intent.ASK
            and self.meaning.intent.confidence >= QUESTION_SURE
            and words.QUESTION_IN.search(self.text) is not None
        )


def said(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the whole message is one of these words."""
    return pattern.fullmatch(text) is not None


def hear(message: Incoming, attachments: tuple[int, ...], read: Reading, state: State) -> Heard:
    """Reads the message once; a number or a label that names a button shown last counts as pressing it."""
    clean = _INVISIBLE.sub("", message.text).strip()
    text = clean[:MOST_CHARACTERS]
    choice = message.choice.strip() if message.kind is Said.CHOICE else ""
    if not choice and text:
        choice = _pressed_in_words(text, state)
    return Heard(
        text=text,
        choice=choice,
        kind=message.kind,
        meaning=read(text),
        photos=attachments,
        pin=message.pin,
        phone=re.sub(r"\D", "", message.contact_phone)[-11:],
        too_long=len(clean) > MOST_CHARACTERS,
    )


def _pressed_in_words(text: str, state: State) -> str:
    """The id of the offered button that this text names by its label or its number."""
    for button, label in (pair for pair in state.offered if len(pair) == 2):
        if text.casefold() == label.casefold():
            return button
    number = words.number_said(text)
    if number is not None and number <= len(state.offered):
        return state.offered[number - 1][0]
    return ""


def part_of(heard: Heard, meaning: Understanding) -> Heard:
    """One of several problems in a message, heard by itself."""
    return replace(heard, text=meaning.text, meaning=meaning, choice="")
