"""Where a talk stands, as JSON: drafts, the question that waits for an answer, the buttons last shown.

Whatever is stored is read back leniently: an unreadable field begins anew rather than stopping a resident.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

MOST_DRAFTS = 6  # more problems at once than anybody says; further ones join the last
MOST_ASKED = 2  # nothing is asked a third time
LONGEST_TEXT = 6000  # a draft's own words; the rest stays in the conversation


@dataclass(slots=True)
class Draft:
    """One problem on its way to becoming a case. `text` holds everything said about it, a line per message."""

    id: int
    text: str = ""
    kind: str = "complaint"
    category: str = ""
    category_sure: bool = False
    category_settled: bool = False  # nothing more to ask about it, sure or not
    options: list[str] = field(default_factory=list)  # categories to offer
    urgency: str = "normal"
    place: str = ""
    area_code: str = ""
    lat: float | None = None
    lon: float | None = None
    candidates: list[str] = field(default_factory=list)
    place_settled: bool = False
    photos: list[int] = field(default_factory=list)
    answers: list[list[str]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)  # follow-ups already shown
    anonymous: bool = False
    against: str = ""
    similar_settled: bool = False
    batch: int = 0  # drafts of one message share it, and their place
    source: str = ""  # "patrol" for a worker's own finding
    asked: dict[str, int] = field(default_factory=dict)

    def add_text(self, more: str) -> None:
        """Another line about the same problem; what was said already is not said twice."""
        more = more.strip()
        if more and more not in self.text.split("\n"):
            self.text = f"{self.text}\n{more}".strip()[:LONGEST_TEXT]

    @property
    def title(self) -> str:
        """The first words, for naming the draft among others."""
        first = self.text.split("\n", 1)[0]
        return first if len(first) <= 16 else first[:15] + "…"


@dataclass(slots=True)
class Waiting:
    """The question that waits for an answer: its topic, the draft or number it is about, what else is needed."""

    topic: str
    draft: int = 0
    number: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Everything the dialogue remembers of one conversation."""

    drafts: list[Draft] = field(default_factory=list)
    last_id: int = 0
    waiting: Waiting | None = None
    offered: list[list[str]] = field(default_factory=list)  # [id, label] of the buttons last shown
    recent: str = ""  # the case last talked about
    application: str = ""  # the application last talked about
    item: str = ""  # the item last shown: "how long?" is about it
    photos: list[int] = field(default_factory=list)  # photos that came before any word
    pin: list[Any] = field(default_factory=list)  # [lat, lon, system, label] that came before any word
    asked: dict[str, int] = field(default_factory=dict)  # questions outside drafts
    told: dict[str, str] = field(default_factory=dict)  # what is said once only
    touched_at: str = ""
    reminded: bool = False

    def draft(self, number: int) -> Draft | None:
        """The draft with this id, if it is still open."""
        return next((one for one in self.drafts if one.id == number), None)

    def new_draft(self) -> Draft:
        """A fresh draft at the end of the line."""
        self.last_id += 1
        made = Draft(self.last_id)
        self.drafts.append(made)
        return made

    def drop(self, draft: Draft) -> None:
        """Takes a draft off the line: filed, joined or cancelled."""
        self.drafts = [one for one in self.drafts if one.id != draft.id]
        if self.waiting is not None and self.waiting.draft == draft.id:
            self.waiting = None

    def to_json(self) -> dict[str, Any]:
        """The form in which a conversation keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "State":
        """The inverse; what does not fit is left at its beginning."""
        state = _lenient(cls, stored)
        drafts = stored.get("drafts")
        state.drafts = (
            [_lenient(Draft, one) for one in drafts if isinstance(one, dict) and isinstance(one.get("id"), int)]
            if isinstance(drafts, list)
            else []
        )
        waiting = stored.get("waiting")
        state.waiting = (
            _lenient(Waiting, waiting) if isinstance(waiting, dict) and isinstance(waiting.get("topic"), str) else None
        )
        return state


_Row = TypeVar("_Row", State, Draft, Waiting)
_BLANKS: dict[type, Any] = {State: State(), Draft: Draft(0), Waiting: Waiting("")}


def _lenient(cls: type[_Row], stored: dict[str, Any]) -> _Row:
    """Takes the fields whose stored type is the one they have now."""
    blank = _BLANKS[cls]
    good = {
        one.name: stored[one.name]
        for one in fields(cls)
        if one.name in stored and _same_type(getattr(blank, one.name), stored[one.name])
    }
    made: _Row = (
        cls(**{"id": 0} | good) if cls is Draft else cls(**{"topic": ""} | good) if cls is Waiting else cls(**good)
    )
    return made


def _same_type(blank: Any, value: Any) -> bool:
    if blank is None:
        return value is None or isinstance(value, int | float)
    if isinstance(blank, bool) or isinstance(value, bool):
        return isinstance(blank, bool) and isinstance(value, bool)
    return isinstance(value, type(blank))
