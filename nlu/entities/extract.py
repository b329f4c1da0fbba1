"""All entities of one message, in order, with spans in the resident's own text."""

from datetime import datetime

from nlu.contract import Entity, EntityType
from nlu.entities.addresses import find_addresses
from nlu.entities.gazetteer import Gazetteer
from nlu.entities.identities import find_numbers, find_persons
from nlu.entities.spans import Span
from nlu.entities.times import find_times
from nlu.normalise import Cleaned

READ_CHARS = 3_000
"""Entities are looked for in this much of a text; no resident's letter in our material is longer."""

_RANK = (
    EntityType.ID_CARD,
    EntityType.CASE_NUMBER,
    EntityType.PHONE,
    EntityType.TIME,
    EntityType.ADDRESS,
    EntityType.PERSON,
)


class Extractor:
    """Finds entities; a gazetteer of the district's place names makes addresses surer."""

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        self._gazetteer = gazetteer

    def find(self, cleaned: Cleaned, now: datetime) -> tuple[Entity, ...]:
        """Entities without overlaps; where two claim the same characters, numbers beat times beat addresses."""
        text = cleaned.text[:READ_CHARS]
        places = self._gazetteer.find(text) if self._gazetteer else []
        claimed: list[Span] = [*find_numbers(text), *find_times(text, now)]
        spans: list[Span] = [*claimed, *find_addresses(text, places, claimed), *find_persons(text)]
        if not spans:
            return ()
        spans.sort(key=lambda span: _RANK.index(span.type))
        kept: list[Span] = []
        for span in spans:
            if all(span.end <= other.start or span.start >= other.end for other in kept):
                kept.append(span)
        kept.sort(key=lambda span: span.start)
        return tuple(Entity(span.type, span.value, *cleaned.span(span.start, span.end), span.parts) for span in kept)
