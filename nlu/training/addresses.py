"""How well addresses are found on somebody's own labelled file (TSV: text, entities as JSON parts with spans).

The expected span runs from the first to the last part that belongs to a place; repeated, assisting and personal
parts at the ends do not.
"""

import csv
import json
from pathlib import Path

from nlu.entities.addresses import find_addresses
from nlu.normalise import clean

NO_PLACE = frozenset({"redundant", "assist", "person"})


def measure_addresses(path: Path) -> dict[str, float]:
    """Exact and overlapping span F1 over the file's rows; rows without any place are skipped."""
    exact = overlap = said = meant = 0
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            parts = [part for part in json.loads(row["entities"]) if part["label"] not in NO_PLACE]
            if not parts:
                continue
            gold = (min(part["start"] for part in parts), max(part["end"] for part in parts))
            cleaned = clean(row["text"])
            found = [cleaned.span(span.start, span.end) for span in find_addresses(cleaned.text)]
            exact += gold in found
            overlap += any(_shared(gold, span) >= 0.8 for span in found)
            said += len(found)
            meant += 1
    return {
        "rows": meant,
        "exact_f1": round(2 * exact / (said + meant), 4) if meant else 0.0,
        "overlap80_f1": round(2 * overlap / (said + meant), 4) if meant else 0.0,
    }


def _shared(left: tuple[int, int], right: tuple[int, int]) -> float:
    """Intersection over union of two spans."""
    inside = min(left[1], right[1]) - max(left[0], right[0])
    return max(0, inside) / (max(left[1], right[1]) - min(left[0], right[0]))
