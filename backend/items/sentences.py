"""What people read about a refusal: `items.refusal.<code>`, with the facts it carries."""

from backend.texts import Texts
from nlu.errors import LinliError

_PLACES = ("name", "reason", "address", "code", "slot")


def refusal_sentence(texts: Texts, error: LinliError, language: str = "zh_CN") -> str:
    """The sentence of a refusal; one that has none of its own gets the general one."""
    key = f"items.refusal.{error.code}"
    facts = dict.fromkeys(_PLACES, "") | {name: str(value) for name, value in error.facts.items()}
    return texts.say(key if texts.has(key) else "items.refusal.other", language, **facts)
