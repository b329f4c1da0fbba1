"""The measures of a classifier on labelled answers: accuracy, per-label precision and recall, calibration, coverage."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer beside the truth, with the confidence the answer claimed."""

    truth: str
    answer: str
    confidence: float

    @property
    def right(self) -> bool:
        """Whether the answer is the truth."""
        return self.truth == self.answer


def accuracy(judged: Sequence[Judged]) -> float:
    """The share that is right; 0 for nothing judged."""
    return sum(item.right for item in judged) / len(judged) if judged else 0.0


def by_label(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of every label that occurs in the truth."""
    said = Counter(item.answer for item in judged)
    meant = Counter(item.truth for item in judged)
    hit = Counter(item.truth for item in judged if item.right)
    table = {}
    for label in sorted(meant):
        precision = hit[label] / said[label] if said[label] else 0.0
        recall = hit[label] / meant[label]
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        table[label] = {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(f1, 4),
            "support": meant[label],
        }
    return table


def macro_f1(judged: Sequence[Judged]) -> float:
    """The mean F1 over the labels that occur."""
    table = by_label(judged)
    return sum(row["f1"] for row in table.values()) / len(table) if table else 0.0


def calibration_error(judged: Sequence[Judged]) -> float:
    """ECE over ten equal bins of confidence: how far a stated probability is from the truth, on average."""
    error = 0.0
    for row in reliability(judged):
        error += abs(row["confidence"] - row["accuracy"]) * row["count"] / len(judged)
    return error


def reliability(judged: Sequence[Judged]) -> list[dict[str, float]]:
    """For each bin of confidence that is used: mean confidence, accuracy, count."""
    bins: list[list[Judged]] = [[] for _ in range(BINS)]
    for item in judged:
        bins[min(int(item.confidence * BINS), BINS - 1)].append(item)
    return [
        {
            "confidence": round(sum(item.confidence for item in bucket) / len(bucket), 4),
            "accuracy": round(accuracy(bucket), 4),
            "count": len(bucket),
        }
        for bucket in bins
        if bucket
    ]


def coverage_curve(judged: Sequence[Judged]) -> list[dict[str, float]]:
    """For thresholds 0.00 … 0.95: which share would be acted on, and how much of it rightly."""
    rows = []
    for step in range(20):
        threshold = step / 20
        kept = [item for item in judged if item.confidence >= threshold]
        rows.append(
            {
                "threshold": threshold,
                "coverage": round(len(kept) / len(judged), 4) if judged else 0.0,
                "accuracy": round(accuracy(kept), 4) if kept else 1.0,
            }
        )
    return rows


def confusions(judged: Sequence[Judged], most: int = 30) -> list[dict[str, Any]]:
    """The commonest mistakes, truth and answer."""
    wrong = Counter((item.truth, item.answer) for item in judged if not item.right)
    return [{"truth": truth, "answer": answer, "count": n} for (truth, answer), n in wrong.most_common(most)]


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """All measures of one question, ready for JSON."""
    return {
        "count": len(judged),
        "accuracy": round(accuracy(judged), 4),
        "macro_f1": round(macro_f1(judged), 4),
        "ece": round(calibration_error(judged), 4) if judged else 0.0,
        "labels": by_label(judged),
        "confusions": confusions(judged),
        "reliability": reliability(judged),
        "coverage": coverage_curve(judged),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of `values` lie; 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
