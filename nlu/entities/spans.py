"""A finding in the cleaned text, before its place in the original is looked up."""

from dataclasses import dataclass, field

from nlu.contract import EntityType


@dataclass(frozen=True, slots=True)
class Span:
    """As `contract.Entity`, but `start` and `end` count characters of the cleaned text."""

    type: EntityType
    value: str
    start: int
    end: int
    parts: dict[str, str] = field(default_factory=dict)
