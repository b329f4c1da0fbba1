"""How a question is cut up before it is compared: one cleaning, everyday words made equal, filler taken out.

Compared are single characters (little), pairs of characters (much), sounds of pairs (so that 底保 still looks like
低保) and whole words of the word list (`wording.yml`).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import yaml

from backend.areas.spelling import sound
from nlu.normalise import clean

MOST_CHARACTERS = 300  # a question is shorter; a longer text is a story, and its beginning says what it is about
WEIGHTS = {"c": 0.2, "p": 1.0, "s": 0.35, "w": 1.2}  # character, pair, sound of a pair, word
_RUNS = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9]+")


class Wording:
    """The word list, ready for use; immutable."""

    def __init__(self, lists: dict[str, Any]) -> None:
        self._equal = {other: first for first, others in lists["equal"].items() for other in others}
        self._equal_form = _any_of(self._equal)
        self._filler = _any_of(lists["filler"])
        self._words = _any_of({*lists["words"], *(one for one in lists["equal"] if len(one) > 1)})

    def plain(self, text: str) -> str:
        """The text cleaned, in small letters, with equal words made one."""
        lowered = clean(text[:MOST_CHARACTERS]).text.lower()
        return self._equal_form.sub(lambda found: self._equal[found[0]], lowered)

    def core(self, text: str) -> str:
        """What is left of `plain` without politeness, question words, spaces and punctuation."""
        left = self._filler.sub(" ", self.plain(text))
        return " ".join(_RUNS.findall(left))

    def traces(self, text: str) -> dict[str, float]:
        """What two texts are compared by, with the weight of each trace. Empty for a text without content."""
        core = self.core(text)
        found: dict[str, float] = {}
        for run in _RUNS.findall(core):
            for trace in _traces_of_run(run):
                found[trace] = WEIGHTS[trace[0]]
        for word in self._words.findall(core):
            found["w" + word] = WEIGHTS["w"]
        return found


def _traces_of_run(run: str) -> Iterator[str]:
    if run[0] < "\u4e00":
        yield "w" + run
        return
    for char in run:
        yield "c" + char
    for first, second in pairwise(run):
        yield "p" + first + second
        yield f"s{sound(first)}-{sound(second)}"


def _any_of(words: Any) -> re.Pattern[str]:
    """One pattern for all words, longer ones first."""
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda one: (-len(one), one)))))


@lru_cache(maxsize=1)
def wording() -> Wording:
    """The packaged word list."""
    lists = yaml.safe_load(files("backend.items").joinpath("wording.yml").read_text(encoding="utf-8"))
    return Wording(lists)
