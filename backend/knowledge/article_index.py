"""Articles as a searchable whole: the question, its variants and (as a hint) the answer's beginning.

Immutable. Dates and areas are not baked in: an article that expired this morning is not shown at noon, whatever the
age of the index.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from backend.items.phrases import Hit, Line, PhraseIndex
from backend.items.wording import Wording

ANSWER_FACTOR = 0.45  # words of the answer hint at the question, they do not ask it
ANSWER_CHARACTERS = 160
ALWAYS, NEVER_ENDS = 0, 4_000_000  # as day numbers
_SEPARATORS = re.compile(r"[;；|\n]+")


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """What the index keeps of an article. `area_code` "" = the whole district; both dates are included."""

    id: int
    question: str
    variants: str
    answer: str
    area_code: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it may be shown on this local day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


class ArticleIndex:
    """All active articles of a district."""

    def __init__(self, articles: Iterable[ArticleRow], words: Wording) -> None:
        self.articles = {one.id: one for one in articles}
        self._index: PhraseIndex[int] = PhraseIndex(
            [line for one in self.articles.values() for line in _lines(one)], words
        )
        shown = [self.articles[line.key] for line in self._index.lines]
        self._from = np.array([_day(one.valid_from, ALWAYS) for one in shown], np.int32)
        self._until = np.array([_day(one.valid_until, NEVER_ENDS) for one in shown], np.int32)
        self._area_numbers = {"": 0}
        self._areas = np.array(
            [self._area_numbers.setdefault(one.area_code, len(self._area_numbers)) for one in shown], np.int32
        )

    def search(self, text: str, day: date, areas: Collection[str], most: int = 3) -> list[Hit[int]]:
        """Articles in force on this local day, of the whole district or of one of these areas; best first."""
        numbers = [0, *(self._area_numbers[code] for code in areas if code in self._area_numbers)]
        allowed: NDArray[np.bool_] = (self._from <= day.toordinal()) & (day.toordinal() <= self._until)
        if len(self._area_numbers) > 1:
            allowed &= np.isin(self._areas, numbers)
        return self._index.search(text, most, allowed)


def _day(day: date | None, otherwise: int) -> int:
    return day.toordinal() if day is not None else otherwise


def _lines(article: ArticleRow) -> Iterable[Line[int]]:
    yield Line(article.id, article.question)
    for variant in _SEPARATORS.split(article.variants):
        if variant.strip():
            yield Line(article.id, variant)
    yield Line(article.id, f"{article.question} {article.answer[:ANSWER_CHARACTERS]}", ANSWER_FACTOR)
