"""Chooses the n-grams worth knowing and turns texts into sparse rows for the learner."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style
from pypinyin.constants import PINYIN_DICT
from pypinyin.style import convert as pinyin_style
from scipy.sparse import csr_matrix

from nlu.engines.features import Keys, fold, gram_keys
from nlu.engines.sparse_model import Floats, sparse_vector

HAN = range(0x4E00, 0x9FA6)
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """What may be tuned. `order_weights` scale the n-gram orders (characters 1–4, sounds 2–3, marks)."""

    min_df: int = 2
    max_features: int = 120_000
    order_weights: tuple[float, ...] = (1.0, 1.0, 0.4, 0.2, 0.4, 0.2, 2.0)
    unknown_weight: float = 0.5
    max_chars: int = 600


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The arrays of `SparseModel` that are known before any label is looked at."""

    keys: Keys
    idf: Floats
    sounds: NDArray[np.uint16]
    order_weights: Floats
    unknown_idf: float
    max_chars: int

    def vector(self, text: str) -> tuple[NDArray[np.intp], Floats]:
        """As `SparseModel.vector`."""
        return sparse_vector(
            text, self.keys, self.idf, self.sounds, self.order_weights, self.unknown_idf, self.max_chars
        )

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """One row per text."""
        vectors = [self.vector(text) for text in texts]
        lengths = [0, *(len(rows) for rows, _ in vectors)]
        return csr_matrix(
            (
                np.concatenate([values for _, values in vectors]).astype(np.float64),
                np.concatenate([rows for rows, _ in vectors]),
                np.cumsum(lengths),
            ),
            shape=(len(texts), len(self.keys)),
        )


def sound_table() -> NDArray[np.uint16]:
    """A number per code point for its toneless syllable; sounds that dialects merge (zh/z, ing/in, l/n) share one."""
    numbers: dict[str, int] = {}
    table = np.zeros(0x10000, dtype=np.uint16)
    for code in HAN:
        readings = PINYIN_DICT.get(code)
        if readings:
            syllable = _merge(pinyin_style(readings.split(",")[0], Style.NORMAL, strict=False))
            table[code] = numbers.setdefault(syllable, len(numbers) + 1)
    return table


def _merge(syllable: str) -> str:
    for long, short in _MERGED:
        syllable = syllable.replace(long, short)
    return "l" + syllable[1:] if syllable.startswith("n") else syllable


def build_vocabulary(texts: Sequence[str], settings: FeatureSettings = FeatureSettings()) -> Vocabulary:
    """Counts n-grams over `texts` (cleaned) and keeps those in at least `min_df` of them, the commonest first."""
    sounds = sound_table()
    keys: list[Keys] = []
    orders: list[NDArray[np.uint8]] = []
    for text in texts:
        arrays = gram_keys(fold(text, settings.max_chars), sounds)
        joined, first = np.unique(np.concatenate(arrays), return_index=True)
        keys.append(joined)
        order = np.repeat(np.arange(len(arrays), dtype=np.uint8), [len(a) for a in arrays])
        orders.append(order[first])
    unique, first, counts = np.unique(np.concatenate(keys), return_index=True, return_counts=True)
    order_of = np.concatenate(orders)[first]
    chosen = np.flatnonzero(counts >= settings.min_df)
    if len(chosen) > settings.max_features:
        chosen = np.sort(chosen[np.argsort(-counts[chosen], kind="stable")[: settings.max_features]])
    weights = np.asarray(settings.order_weights, dtype=np.float32)
    idf = np.log((1 + len(texts)) / (1 + counts[chosen])) + 1
    return Vocabulary(
        keys=unique[chosen],
        idf=(idf * weights[order_of[chosen]]).astype(np.float32),
        sounds=sounds,
        order_weights=weights,
        unknown_idf=float(np.log((1 + len(texts)) / 2) + 1) * settings.unknown_weight,
        max_chars=settings.max_chars,
    )
