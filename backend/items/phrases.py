"""An index of phrases in memory: BM25 over the traces of `wording.py`, every weight worked out beforehand.

Immutable: when the phrases change, build a new one. A search adds up a few small arrays, whatever the number of
phrases; how much of the question and of the phrase agree is worked out for the best lines only.
"""

from array import array
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.items.wording import Wording

K1, B = 1.2, 0.4  # phrases are short: their length says little
LOOKED_AT = 48  # best lines of which the agreement is worked out

KeyT = TypeVar("KeyT", bound=Hashable)


class Line(NamedTuple, Generic[KeyT]):
    """One phrase of one key; `factor` is below 1 for text that only hints (an answer's body)."""

    key: KeyT
    text: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Hit(Generic[KeyT]):
    """A key found by its best line. `of_query` and `of_phrase`: the share (0..1) of either that the other holds."""

    key: KeyT
    line: int
    score: float
    of_query: float
    of_phrase: float

    @property
    def agreement(self) -> float:
        """One number for "they say the same": 1 for the very same words."""
        total = self.of_query + self.of_phrase
        return 2 * self.of_query * self.of_phrase / total if total else 0.0


class PhraseIndex(Generic[KeyT]):
    """Phrases and their traces as arrays."""

    def __init__(self, lines: Iterable[Line[KeyT]], words: Wording) -> None:
        self.lines = list(lines)
        self._words = words
        self._numbers: dict[str, int] = {}
        rows, tokens, weights = _flat((words.traces(line.text) for line in self.lines), self._numbers)
        self._idf = _idf(tokens, len(self._numbers), len(self.lines))
        self._of_line, self._line_starts = tokens, _starts(rows, len(self.lines))
        self._line_weights = weights * self._idf[tokens]
        self._line_totals = np.bincount(rows, self._line_weights, len(self.lines))
        factors = np.array([line.factor for line in self.lines], dtype=np.float64)
        impact = self._line_weights * _length_share(rows, len(self.lines))[rows] * factors[rows]
        order = np.argsort(tokens, kind="stable")
        self._postings = rows[order].astype(np.int32)
        self._impacts = impact[order].astype(np.float32)
        self._posting_starts = _starts(tokens[order], len(self._numbers))
        self._unknown = float(np.log(1 + 2 * max(len(self.lines), 1)))  # idf of what no phrase holds

    def search(self, text: str, most: int, allowed: NDArray[np.bool_] | None = None) -> list[Hit[KeyT]]:
        """The best keys for a question, best first; `allowed` tells which lines may be shown."""
        asked = self._words.traces(text)
        known = {self._numbers[trace]: weight for trace, weight in asked.items() if trace in self._numbers}
        if not known:
            return []
        scores = np.zeros(len(self.lines), dtype=np.float32)
        for token in known:
            span = slice(self._posting_starts[token], self._posting_starts[token + 1])
            scores[self._postings[span]] += self._impacts[span]
        if allowed is not None:
            scores[~allowed] = 0
        total = sum(weight * float(self._idf[token]) for token, weight in known.items())
        total += sum(weight * self._unknown for trace, weight in asked.items() if trace not in self._numbers)
        return self._best(scores, most, known, total)

    def _best(self, scores: NDArray[np.float32], most: int, known: dict[int, float], total: float) -> list[Hit[KeyT]]:
        count = min(LOOKED_AT, len(scores))
        top = np.argpartition(-scores, count - 1)[:count]
        best: dict[KeyT, Hit[KeyT]] = {}
        for row in sorted(top[scores[top] > 0].tolist(), key=lambda one: (-scores[one], one)):
            hit = self._hit(row, float(scores[row]), known, total)
            if hit.key not in best or hit.agreement > best[hit.key].agreement:
                best[hit.key] = hit
        return sorted(best.values(), key=lambda hit: (-rank(hit), hit.line))[:most]

    def _hit(self, row: int, score: float, known: dict[int, float], total: float) -> Hit[KeyT]:
        span = slice(self._line_starts[row], self._line_starts[row + 1])
        shared = float(
            sum(
                weight
                for token, weight in zip(self._of_line[span], self._line_weights[span], strict=True)
                if int(token) in known
            )
        )
        line = self.lines[row]
        return Hit(
            line.key,
            row,
            score,
            min(1.0, shared / total) * line.factor,
            min(1.0, shared / max(float(self._line_totals[row]), 1e-9)) * line.factor,
        )


def rank(hit: Hit[KeyT]) -> float:
    """The order of keys: the summed weight, raised where both sides agree."""
    return hit.score * (0.5 + hit.agreement)


def _flat(
    traces: Iterable[dict[str, float]], numbers: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """All traces of all lines in a row: line, trace number, weight. Gives every new trace a number."""
    rows, tokens, weights = array("q"), array("q"), array("d")  # lists of numbers would cost four times the memory
    for row, found in enumerate(traces):
        rows.extend(repeat(row, len(found)))
        tokens.extend(numbers.setdefault(trace, len(numbers)) for trace in found)
        weights.extend(found.values())
    return np.frombuffer(rows, np.int64), np.frombuffer(tokens, np.int64), np.frombuffer(weights, np.float64)


def _idf(tokens: NDArray[np.int64], traces: int, lines: int) -> NDArray[np.float64]:
    held_by = np.bincount(tokens, minlength=traces)
    idf: NDArray[np.float64] = np.log(1 + (lines - held_by + 0.5) / (held_by + 0.5))
    return idf


def _starts(sorted_numbers: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Where each number's run begins in a sorted array, with the end added."""
    return np.searchsorted(sorted_numbers, np.arange(count + 1))


def _length_share(rows: NDArray[np.int64], lines: int) -> NDArray[np.float64]:
    """BM25's factor of a trace that occurs once, by the length of its line."""
    lengths = np.bincount(rows, minlength=lines).astype(np.float64)
    average = max(float(lengths.mean()), 1.0) if lines else 1.0
    share: NDArray[np.float64] = (K1 + 1) / (1 + K1 * (1 - B + B * lengths / average))
    return share
