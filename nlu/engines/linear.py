"""The embedded engine: answers in about a tenth of a millisecond from arrays in memory, with numpy alone."""

from dataclasses import dataclass

import numpy as np

from nlu.contract import Category, EngineAnswer, Scored
from nlu.engines.features import fold, gram_keys, order_names
from nlu.engines.sparse_model import SparseModel, probabilities
from nlu.engines.storage import ModelRefused
from nlu.taxonomy import Taxonomy

TOP = 5
INTENT = "intent"
LEAF = "leaf"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An n-gram of the text and what it added to the score of the label it is listed under."""

    gram: str
    kind: str
    weight: float


class LinearEngine:
    """The linear model behind the `Engine` protocol. Stateless after construction: share it between tasks."""

    name = "linear"

    def __init__(self, model: SparseModel, taxonomy: Taxonomy) -> None:
        self.model = model
        try:
            self._intents = model.head(INTENT)
            self._leaves = model.head(LEAF)
        except KeyError as missing:
            raise ModelRefused(f"the model has no head {missing}") from missing
        self._names = [taxonomy.name_of(code) for code in self._leaves.labels]

    @property
    def version(self) -> str:
        """The version written into the model when it was trained."""
        return str(self.model.facts.get("version", "unknown"))

    def classify(self, text: str) -> EngineAnswer:
        """Intents and leaves with calibrated confidences, best first, five each at most. Never raises."""
        logits = self.model.logits(text)
        intent = probabilities(logits[self._intents.columns], self._intents.sharpness)
        leaf = probabilities(logits[self._leaves.columns], self._leaves.sharpness)
        intents = tuple(Scored(self._intents.labels[i], p) for i, p in _best(intent))
        categories = tuple(Category(self._leaves.labels[i], self._names[i], p) for i, p in _best(leaf))
        return EngineAnswer(intents, categories, self.name)

    def explain(self, text: str, label: str, limit: int = 10) -> tuple[Evidence, ...]:
        """The n-grams of the cleaned `text` that speak most for (or against) `label`, strongest first.

        `label` is an intent or a leaf; KeyError when the model knows neither.
        """
        column = self._column(label)
        model = self.model
        codes = fold(text, model.max_chars)
        rows, values = model.vector(text)
        added = dict(
            zip(
                rows.tolist(),
                (values * model.weights[rows, column] * model.scale[column]).tolist(),
                strict=True,
            )
        )
        seen: dict[int, Evidence] = {}
        for kind, keys in zip(order_names(), gram_keys(codes, model.sounds), strict=False):
            places = np.minimum(model.vocabulary.searchsorted(keys), len(model.vocabulary) - 1)
            for start, row in enumerate(places.tolist()):
                if row in added and row not in seen and model.vocabulary[row] == keys[start]:
                    gram = "".join(map(chr, codes[start : start + int(kind[-1])].tolist()))
                    seen[row] = Evidence(gram, kind, added[row])
        return tuple(sorted(seen.values(), key=lambda item: -abs(item.weight))[:limit])

    def _column(self, label: str) -> int:
        for head in (self._intents, self._leaves):
            if label in head.labels:
                return head.first + head.labels.index(label)
        raise KeyError(label)


def _best(chances: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[tuple[int, float]]:
    order = np.argsort(-chances)[:TOP].tolist()
    return list(zip(order, chances[order].tolist(), strict=True))
