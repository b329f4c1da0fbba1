"""What understanding hands to the rest of the house: one message in, one `Understanding` out.

These names are relied on outside (`linli nlu parse` prints them), so they change only with a decision record.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Intent(StrEnum):
    """What the resident wants from us; a closed list."""

    REPORT = "report"
    APPLY = "apply"
    ASK = "ask"
    SUGGEST = "suggest"
    PRAISE = "praise"
    TRACK = "track"
    SUPPLEMENT = "supplement"
    URGE = "urge"
    WITHDRAW = "withdraw"
    RATE = "rate"
    DELIVER = "deliver"
    HUMAN = "human"
    AFFIRM = "affirm"
    DENY = "deny"
    SMALLTALK = "smalltalk"
    OTHER = "other"


class Urgency(StrEnum):
    """`urgent` is settled the same day, `emergency` now."""

    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class Decision(StrEnum):
    """What the counter may do with an understanding: act on it, ask back, or give it to a person."""

    ACT = "act"
    ASK = "ask"
    HUMAN = "human"


class EntityType(StrEnum):
    """The closed list of things pointed at in a text."""

    ADDRESS = "address"
    PHONE = "phone"
    TIME = "time"
    CASE_NUMBER = "case_number"
    PERSON = "person"
    ID_CARD = "id_card"


@dataclass(frozen=True, slots=True)
class Scored:
    """A name with a calibrated probability in 0..1."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Category:
    """A leaf of the taxonomy, `class.leaf`, with its Chinese name and calibrated probability."""

    code: str
    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of the original text: `text[start:end]`; `value` is the normal form."""

    type: EntityType
    value: str
    start: int
    end: int
    parts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GuardHit:
    """A rule that fired before any model: a life-safety danger or a matter not accepted here."""

    rule: str
    kind: str  # "danger" or "not_accepted"
    advice: str  # key of the fixed sentence in the texts files


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """What one engine believes; both lists best first, at most five each."""

    intents: tuple[Scored, ...]
    categories: tuple[Category, ...]
    engine: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that is known of one message. `alternatives` are the categories to offer when asking back."""

    text: str
    intent: Scored
    category: Category | None
    urgency: Urgency
    entities: tuple[Entity, ...]
    decision: Decision
    engine: str
    alternatives: tuple[Category, ...] = ()
    guard: GuardHit | None = None
    problems: tuple[tuple[int, int], ...] = ()  # spans of separate problems when the text holds several

    def as_json(self) -> dict[str, Any]:
        """The public form of `linli nlu parse`, one object per message."""
        return {
            "text": self.text,
            "intent": {"name": self.intent.name, "confidence": round(self.intent.confidence, 4)},
            "category": None
            if self.category is None
            else {
                "code": self.category.code,
                "name": self.category.name,
                "confidence": round(self.category.confidence, 4),
            },
            "urgency": self.urgency.value,
            "entities": [
                {"type": e.type.value, "value": e.value, "start": e.start, "end": e.end} for e in self.entities
            ],
            "decision": self.decision.value,
            "engine": self.engine,
        }


class Engine(Protocol):
    """A model that answers one cleaned text. Raises `EngineUnavailable` when it cannot."""

    name: str

    def classify(self, text: str) -> EngineAnswer:
        """Intents and categories with calibrated confidences."""
        ...
