"""Which service item do they mean? From everyday words to items: names, aliases, parts of either, slips of the pen.

| the words …                                   | score                          |
|-----------------------------------------------|--------------------------------|
| hold a whole name or alias                    | 0.80 … 1.00, longer is better  |
| are a part of a name or alias                 | 0.60 … 0.85, by their share    |
| share pairs, sounds and words with one        | up to 0.79, by agreement       |
| are a slip away from a name of 3+ characters  | up to 0.74; both: a little more |
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from backend.areas.gazetteer import split_aliases
from backend.items.phrases import Line, PhraseIndex
from backend.items.wording import Wording

SURE = 0.72  # from here the best item may be taken without asking
CLEAR_LEAD = 0.06  # … when the next one is this far behind
MOST_UNWRITTEN = 0.79  # what is not written out is never surer than what is
CUT_SHORT = 0.5  # 居住证 in 居住证明 is a likeness, no more
SHOWN_FROM = 0.3  # below this nothing is proposed
SHORTEST_SLIP = 3  # a slip in two characters leaves nothing to go by


@dataclass(frozen=True, slots=True)
class Found:
    """An item's code, how well the words name it (0..1), and whether that is enough to go on without asking."""

    code: str
    score: float
    sure: bool


class ItemIndex:
    """Names and aliases of the catalogue; immutable."""

    def __init__(self, items: Iterable[tuple[str, str, str, str]], words: Wording) -> None:
        """`items`: code, name, aliases separated by `;`, state. Drafts and items in review are not found."""
        self._words = words
        lines = [
            Line(code, phrase)
            for code, name, aliases, state in items
            if state not in ("draft", "review")
            for phrase in (name, *split_aliases(aliases))
        ]
        self._index: PhraseIndex[str] = PhraseIndex(lines, words)
        self._cores = [(line.key, core) for line in lines if len(core := words.core(line.text).replace(" ", "")) > 1]
        self._slips = [core if len(core) >= SHORTEST_SLIP else "" for _, core in self._cores]

    def find(self, text: str, most: int = 3) -> list[Found]:
        """The likeliest items, best first; none when nothing is near."""
        asked = self._words.core(text).replace(" ", "")
        if not asked:
            return []
        scores = self._written(asked)
        shared: dict[str, float] = {}
        for hit in self._index.search(text, most * 4):
            _raise(shared, hit.key, 0.79 * (0.35 * hit.of_query + 0.65 * hit.of_phrase))
        slips = self._one_slip_away(asked, most)
        for code in shared.keys() | slips.keys():
            low, high = sorted((shared.get(code, 0.0), slips.get(code, 0.0)))
            _raise(scores, code, min(MOST_UNWRITTEN, high + 0.25 * low))
        for code, core in self._cores:
            if core in asked and not _stands_in(core, asked):
                scores[code] = min(scores.get(code, 0.0), CUT_SHORT)
        best = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
        best = [one for one in best if one[1] >= SHOWN_FROM][:most]
        lead = best[0][1] - best[1][1] if len(best) > 1 else 1.0
        return [
            Found(code, round(score, 3), place == 0 and score >= SURE and lead >= CLEAR_LEAD)
            for place, (code, score) in enumerate(best)
        ]

    def _one_slip_away(self, asked: str, most: int) -> dict[str, float]:
        scores: dict[str, float] = {}
        if len(asked) >= SHORTEST_SLIP:
            for _, likeness, place in process.extract(
                asked, self._slips, scorer=fuzz.partial_ratio, score_cutoff=65, limit=most * 4
            ):
                _raise(scores, self._cores[place][0], 0.74 * likeness / 100)
        return scores

    def _written(self, asked: str) -> dict[str, float]:
        """Names that stand in the words, and names the words are a part of."""
        scores: dict[str, float] = {}
        for code, core in self._cores:
            if _stands_in(core, asked):
                _raise(scores, code, min(1.0, 0.78 + 0.03 * len(core) + (0.1 if core == asked else 0.0)))
            elif len(asked) > 1 and asked in core:
                _raise(scores, code, 0.6 + 0.25 * len(asked) / len(core))
        return scores


def _stands_in(core: str, asked: str) -> bool:
    """Whether a name stands in the words as a whole: 居住证 does not stand in 居住证明."""
    place = asked.find(core)
    return place >= 0 and not (core.endswith("证") and asked[place + len(core) :].startswith("明"))


def _raise(scores: dict[str, float], code: str, score: float) -> None:
    scores[code] = max(score, scores.get(code, 0.0))
