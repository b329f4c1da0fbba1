"""Two engines on the same split, or the linear learner on anyone's labelled file: accuracy, F1, calibration, cost."""

import csv
import resource
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nlu.contract import Engine
from nlu.engines.sparse_model import SparseModel, probabilities
from nlu.errors import LinliError
from nlu.normalise import clean
from nlu.training.corpus import Example
from nlu.training.evaluate import evaluate
from nlu.training.measures import Judged, percentile, summary
from nlu.training.train import HeadData, Progress, TrainSettings, train_model
from nlu.training.vocabulary import FeatureSettings

HEAD = "label"
HELD_OUT = 5
"""Every fifth text of each label is held out."""

LETTERS = TrainSettings(features=FeatureSettings(max_chars=1_500, max_features=150_000))
"""Labelled files are mostly letters: more of each text is read than in a chat."""


class LabelledFileRefused(LinliError):
    """The file has no columns text and label, or fewer than two labels with five texts each."""

    code = "labelled_file_refused"
    status = 422


def read_labelled(path: Path) -> list[tuple[str, str]]:
    """(cleaned text, label) rows of a UTF-8 CSV with the columns text and label; texts said twice count once."""
    rows: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"text", "label"} <= set(reader.fieldnames or ()):
            raise LabelledFileRefused(f"{path.name}: needs the columns text,label", file=path.name)
        for row in reader:
            text, label = clean(row["text"] or "").text.strip(), (row["label"] or "").strip()
            if text and label:
                rows[text] = label
    counts = Counter(rows.values())
    kept = [(text, label) for text, label in rows.items() if counts[label] >= HELD_OUT]
    if len({label for _, label in kept}) < 2:
        raise LabelledFileRefused(f"{path.name}: needs two labels with {HELD_OUT} texts each", file=path.name)
    return kept


def split(rows: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(train, held out): within each label every fifth text, in the order of the file; no chance involved."""
    seen: Counter[str] = Counter()
    train: list[tuple[str, str]] = []
    held: list[tuple[str, str]] = []
    for row in rows:
        seen[row[1]] += 1
        (held if seen[row[1]] % HELD_OUT == 0 else train).append(row)
    return train, held


def train_labelled(train: Sequence[tuple[str, str]], progress: Progress | None = None) -> SparseModel:
    """A model with the single head `label`; rare labels weigh more, so that macro-F1 is served."""
    counts = Counter(label for _, label in train)
    most = max(counts.values())
    data = HeadData(
        HEAD,
        rows=range(len(train)),
        labels=[label for _, label in train],
        weights=[(most / counts[label]) ** 0.5 for _, label in train],
        calibrate_on=frozenset(range(len(train))),
        c=0.5,
    )
    return train_model([text for text, _ in train], [data], LETTERS, {}, progress)


def judge_labelled(model: SparseModel, held: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Scores of `model` on held-out rows, with its speed."""
    head = model.head(HEAD)
    judged: list[Judged] = []
    seconds: list[float] = []
    for text, label in held:
        begin = time.perf_counter()
        chances = probabilities(model.logits(text)[head.columns], head.sharpness)
        seconds.append(time.perf_counter() - begin)
        best = int(np.argmax(chances))
        judged.append(Judged(label, head.labels[best], float(chances[best])))
    return {**summary(judged), **_speed(seconds)}


def compare_file(path: Path, progress: Progress | None = None) -> dict[str, Any]:
    """The linear learner trained and judged on one labelled file."""
    train, held = split(read_labelled(path))
    begin = time.perf_counter()
    model = train_labelled(train, progress)
    seconds = time.perf_counter() - begin
    return {
        "file": path.name,
        "trained_on": len(train),
        "held_out": len(held),
        "linear": {
            **judge_labelled(model, held),
            "training_seconds": round(seconds, 1),
            "model_megabytes": round(_megabytes(model), 1),
        },
    }


def compare_engines(engines: Sequence[Engine], examples: Sequence[Example]) -> dict[str, Any]:
    """Every engine on the same test messages; `resident_megabytes` is this process, not a server's."""
    return {
        "messages": len(examples),
        "resident_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        **{engine.name: evaluate(engine, examples, folder=None) for engine in engines},
    }


def _speed(seconds: Sequence[float]) -> dict[str, Any]:
    return {
        "milliseconds": {
            "p50": round(percentile(seconds, 0.5) * 1000, 4),
            "p99": round(percentile(seconds, 0.99) * 1000, 4),
        }
    }


def _megabytes(model: SparseModel) -> float:
    arrays = (model.vocabulary, model.idf, model.weights, model.sounds)
    return sum(array.nbytes for array in arrays) / 1024 / 1024
