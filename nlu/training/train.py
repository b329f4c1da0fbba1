"""Trains the linear model: one vocabulary, two heads (intent, leaf), confidences fitted on texts held out.

Squared-hinge one-against-rest learners from scikit-learn; the served arrays need only numpy. Sharpness of each head
is fitted on out-of-fold scores, so that a stated 0.8 is right about eight times in ten.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.engines.sparse_model import Head, SparseModel, probabilities
from nlu.errors import LinliError
from nlu.training.vocabulary import FeatureSettings, Vocabulary, build_vocabulary

Progress = Callable[[str, float], None]
"""Called with the step's name and the share done (0..1)."""


class TooFewExamples(LinliError):
    """A label needs at least two examples and a head at least two labels."""

    code = "too_few_examples"
    status = 422


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """`folds` hold out the texts that calibrate."""

    features: FeatureSettings = field(default_factory=FeatureSettings)
    folds: int = 5


@dataclass(frozen=True, slots=True)
class HeadData:
    """A head to train: `labels[i]` for the text `rows[i]`; texts without an answer are left out of `rows`."""

    name: str
    rows: Sequence[int]
    labels: Sequence[str]
    weights: Sequence[float]
    calibrate_on: frozenset[int]  # only these texts count when fitting the sharpness
    c: float = 0.7  # the learner's freedom


def train_model(
    texts: Sequence[str],
    heads: Sequence[HeadData],
    settings: TrainSettings,
    facts: dict[str, Any],
    progress: Progress | None = None,
) -> SparseModel:
    """A calibrated model for `heads` over cleaned `texts`. Raises `TooFewExamples`. Deterministic."""
    tell = progress or (lambda _step, _share: None)
    tell("vocabulary", 0.0)
    vocabulary = build_vocabulary(texts, settings.features)
    matrix = vocabulary.matrix(texts)
    blocks, biases, described = [], [], []
    first = 0
    for number, data in enumerate(heads):
        tell(data.name, (number + 0.2) / len(heads))
        _require_enough(data.labels)
        labels, weights, bias = _fit(matrix[data.rows], np.asarray(data.labels), np.asarray(data.weights), data.c)
        tell(data.name, (number + 0.4) / len(heads))
        sharpness = _calibrate(texts, data, settings)
        described.append(Head(data.name, labels, first, sharpness))
        blocks.append(weights)
        biases.append(bias)
        first += len(labels)
    tell("pack", 1.0)
    return _pack(vocabulary, np.hstack(blocks), np.concatenate(biases), tuple(described), facts)


def _require_enough(labels: Sequence[str]) -> None:
    counts = Counter(labels)
    if len(counts) < 2 or min(counts.values()) < 2:
        rare = sorted(counts.items(), key=lambda item: item[1])[:3]
        raise TooFewExamples(f"too few examples: {rare}")


def _fit(
    matrix: csr_matrix, labels: NDArray[Any], weights: NDArray[Any], c: float
) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]:
    """Label names (sorted), weights (n-grams × labels) and biases of one head."""
    learner = LinearSVC(C=c, max_iter=2_000)
    learner.fit(matrix, labels, sample_weight=weights)
    names = tuple(str(name) for name in learner.classes_)
    coefficients, intercepts = learner.coef_, learner.intercept_
    if len(names) == 2:  # scikit-learn gives a single row for two classes
        coefficients = np.vstack([-coefficients[0], coefficients[0]]) / 2
        intercepts = np.array([-intercepts[0], intercepts[0]]) / 2
    return names, coefficients.T, intercepts


def _calibrate(texts: Sequence[str], data: HeadData, settings: TrainSettings) -> float:
    """The sharpness with the least log loss on texts whose fold was not trained on."""
    names, weights = np.asarray(data.labels), np.asarray(data.weights)
    folds = min(settings.folds, min(Counter(data.labels).values()))
    labels = sorted(set(data.labels))
    scores = np.zeros((len(names), len(labels)))
    for train, held in StratifiedKFold(folds, shuffle=True, random_state=0).split(names, names):
        # The vocabulary too is rebuilt without the held-out texts: otherwise they would look familiar.
        known = [texts[data.rows[place]] for place in train]
        vocabulary = build_vocabulary(known, settings.features)
        _, coefficients, bias = _fit(vocabulary.matrix(known), names[train], weights[train], data.c)
        scores[held] = vocabulary.matrix([texts[data.rows[place]] for place in held]) @ coefficients + bias
    counted = [place for place, row in enumerate(data.rows) if row in data.calibrate_on]
    truth = np.searchsorted(labels, names)
    return _sharpness(scores[counted], truth[counted])


def _sharpness(scores: NDArray[np.float64], truth: NDArray[np.intp]) -> float:
    """One number per head: `softmax(sharpness × score)` with the least log loss on `truth`."""

    small = scores.astype(np.float32)

    def loss(log_sharpness: float) -> float:
        chosen = probabilities(small, float(np.exp(log_sharpness)))[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chosen, 1e-9)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded").x))


def _pack(
    vocabulary: Vocabulary,
    weights: NDArray[np.float64],
    bias: NDArray[np.float64],
    heads: tuple[Head, ...],
    facts: dict[str, Any],
) -> SparseModel:
    """One byte per weight, one scale per column."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    small: NDArray[np.int8] = np.ascontiguousarray(np.rint(weights / scale).astype(np.int8))
    return SparseModel(
        vocabulary=vocabulary.keys,
        idf=vocabulary.idf,
        weights=small,
        scale=scale.astype(np.float32),
        bias=bias.astype(np.float32),
        sounds=vocabulary.sounds,
        order_weights=vocabulary.order_weights,
        unknown_idf=vocabulary.unknown_idf,
        max_chars=vocabulary.max_chars,
        heads=heads,
        facts=facts,
    )
