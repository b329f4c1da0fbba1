"""What pages show of free text: phones, id cards and names masked, since links get forwarded."""

from datetime import datetime

from backend.cases.filing import mask_entities
from nlu.contract import Entity
from nlu.entities.extract import Extractor
from nlu.normalise import clean

_EXTRACTOR = Extractor()


def personal_in(text: str, now: datetime) -> tuple[Entity, ...]:
    """The entities of a text, with spans in it."""
    return _EXTRACTOR.find(clean(text), now)


def masked(text: str, now: datetime) -> str:
    """The text with every phone, id card and name masked."""
    return mask_entities(text, personal_in(text, now)) if text else ""
