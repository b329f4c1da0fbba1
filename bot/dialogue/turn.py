"""One turn of the talk: what came in, what is remembered, and what will be said; questions are counted here.

Every question goes through `ask`, which refuses the third time, so that no flow can nag.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.cases.errands import Errands
from backend.desk import Desk
from backend.desk_facts import Visitor
from backend.texts import Texts
from bot.dialogue.hearing import Heard
from bot.dialogue.state import MOST_ASKED, Draft, State, Waiting
from bot.messages import Choice, Incoming, Link, Outgoing
from nlu.contract import Understanding


@dataclass(frozen=True)
class Turn:
    """One message with everything needed to answer it; `now` is aware, `attachments` are stored file ids."""

    said: Incoming
    attachments: tuple[int, ...]
    desk: Desk
    read: Callable[[str], Understanding]
    texts: Texts
    now: datetime
    language: str


@dataclass(slots=True)
class Talk:
    """The working table of one turn. `say` and `ask` put letters on `replies`; `state` is what will be remembered."""

    turn: Turn
    state: State
    heard: Heard
    visitor: Visitor
    language: str
    replies: list[Outgoing] = field(default_factory=list)
    asked_draft: bool = False  # a draft's question was put in this turn

    @property
    def desk(self) -> Desk:
        """The desk of this visit."""
        return self.turn.desk

    @property
    def errands(self) -> Errands:
        """The desk's smaller verbs."""
        desk = self.turn.desk
        return Errands(desk.session, desk.office, desk.speaker, desk.conversation, desk.now)

    def word(self, key: str, **facts: object) -> str:
        """The sentence `dialogue.<key>` in the language of this talk."""
        return self.turn.texts.say(f"dialogue.{key}", self.language, seed=self.turn.said.external_id, **facts)

    def say(self, key: str, choices: Sequence[tuple[str, str]] = (), page: str = "", **facts: object) -> None:
        """Answers with a sentence; `choices` are (button id, label), `page` the address of the resident's own page."""
        self.say_text(self.word(key, **facts), choices, page)

    def say_text(self, text: str, choices: Sequence[tuple[str, str]] = (), page: str = "") -> None:
        """Answers with words that are facts already, such as an answer from the knowledge base."""
        link = Link(self.turn.texts.say("notices.page.resident", self.language), page) if page else None
        self.replies.append(Outgoing(text, tuple(Choice(button, label) for button, label in choices), link))
        self.state.offered = [[button, label] for button, label in choices]

    def ask(
        self,
        waiting: Waiting,
        key: str,
        choices: Sequence[tuple[str, str]] = (),
        draft: Draft | None = None,
        **facts: object,
    ) -> bool:
        """Asks, unless the same was asked twice already: then False, and the flow must go on without an answer."""
        counts = draft.asked if draft is not None else self.state.asked
        name = waiting.topic if draft is not None else f"{waiting.topic}:{waiting.number}"
        if counts.get(name, 0) >= MOST_ASKED:
            return False
        counts[name] = counts.get(name, 0) + 1
        again = f"{key}_again"
        spoken = again if counts[name] > 1 and self.turn.texts.has(f"dialogue.{again}") else key
        self.say(spoken, choices, "", **facts)
        self.state.waiting = waiting
        self.asked_draft = self.asked_draft or draft is not None
        return True

    def button(self, name: str, button: str) -> tuple[str, str]:
        """A (button id, label) pair; the label is `dialogue.button.<name>`."""
        return button, self.word(f"button.{name}")

    def settled(self, topic: str) -> None:
        """The question got its answer: the count begins anew, should it ever have to be asked again."""
        for name in [one for one in self.state.asked if one.split(":", 1)[0] == topic]:
            del self.state.asked[name]
        if self.state.waiting is not None and self.state.waiting.topic == topic:
            self.state.waiting = None

    def once(self, name: str, mark: str = "yes") -> bool:
        """True the first time (for this mark, e.g. a date) only."""
        if self.state.told.get(name) == mark:
            return False
        self.state.told[name] = mark
        return True
