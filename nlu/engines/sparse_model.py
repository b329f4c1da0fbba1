"""The arithmetic of the linear model: a few thousand weights gathered, one product, one softmax per head.

Weights are whole numbers of one byte with one scale per column: a hundred thousand n-grams times a hundred and
sixty labels stay below 20 MB, and only the rows of n-grams that occur are touched. N-grams never seen in training
weigh in the norm too, so strange text lands near the prior: low confidence instead of a wild guess.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.engines.features import Keys, fold, gram_keys

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Head:
    """One question the model answers: its labels, and the sharpness (1 / temperature) that calibrates it."""

    name: str
    labels: tuple[str, ...]
    first: int
    sharpness: float

    @property
    def columns(self) -> slice:
        """Where the head's labels stand among the weight columns."""
        return slice(self.first, self.first + len(self.labels))


@dataclass(frozen=True, slots=True, eq=False)
class SparseModel:
    """A trained model as plain arrays. `vocabulary` is sorted; `weights` is (n-grams × labels) of int8."""

    vocabulary: Keys
    idf: Floats
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    sounds: NDArray[np.uint16]
    order_weights: Floats
    unknown_idf: float
    max_chars: int
    heads: tuple[Head, ...]
    facts: dict[str, Any]

    def vector(self, text: str) -> tuple[Rows, Floats]:
        """The rows of the n-grams that occur and their values (sublinear frequency × idf, length one)."""
        return sparse_vector(
            text, self.vocabulary, self.idf, self.sounds, self.order_weights, self.unknown_idf, self.max_chars
        )

    def logits(self, text: str) -> Floats:
        """Uncalibrated scores of all heads' labels."""
        rows, values = self.vector(text)
        if not len(rows):
            return self.bias
        gathered = self.weights.take(rows, axis=0).astype(np.float32)
        return (values @ gathered) * self.scale + self.bias

    def head(self, name: str) -> Head:
        """The head called `name`; KeyError when the model has none."""
        for head in self.heads:
            if head.name == name:
                return head
        raise KeyError(name)


def sparse_vector(
    text: str,
    vocabulary: Keys,
    idf: Floats,
    sounds: NDArray[np.uint16],
    order_weights: Floats,
    unknown_idf: float,
    max_chars: int,
) -> tuple[Rows, Floats]:
    """See `SparseModel.vector`; free-standing so that training measures texts with the very same ruler."""
    arrays = gram_keys(fold(text, max_chars), sounds)
    keys = np.concatenate(arrays)
    places = vocabulary.searchsorted(keys)
    places[places == len(vocabulary)] = 0
    known = vocabulary[places] == keys
    rows = places[known]
    unknown = 0.0
    missing = ~known
    start = 0
    for weight, array in zip(order_weights.tolist(), arrays, strict=False):
        stop = start + len(array)
        unknown += int(np.count_nonzero(missing[start:stop])) * (weight * unknown_idf) ** 2
        start = stop
    if not len(rows):
        return rows, np.empty(0, dtype=np.float32)
    rows.sort()
    first = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
    counts = np.diff(first, append=len(rows)).astype(np.float32)
    rows = rows[first]
    values = (1.0 + np.log(counts)) * idf[rows]
    norm = float(np.sqrt(float(values @ values) + unknown))
    return rows, values / np.float32(norm)


def probabilities(logits: Floats, sharpness: float) -> Floats:
    """Softmax of the sharpened scores along the last axis."""
    scaled = logits * sharpness
    scaled = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=-1, keepdims=True), dtype=np.float32)
