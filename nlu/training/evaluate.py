"""Judges an engine on the test set nobody trains on: intents, leaves, classes, guard, entities, speed."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from nlu.contract import Engine
from nlu.entities.extract import Extractor
from nlu.guard import Guard
from nlu.guard_rules import DANGER, NOT_ACCEPTED
from nlu.normalise import clean
from nlu.taxonomy import Taxonomy
from nlu.training.corpus import TEST, Example, read_examples
from nlu.training.measures import Judged, percentile, summary

NOW = datetime(2025, 9, 1, 4, 0, tzinfo=UTC)
GUARD_FILE = "guard.yml"
ENTITIES_FILE = "entities.yml"
NOT_EXAMPLES = frozenset({GUARD_FILE, ENTITIES_FILE, "guard_b.yml", "guard_c.yml", "entities_b.yml"})


def held_out_examples(taxonomy: Taxonomy, folder: Path = TEST) -> tuple[Example, ...]:
    """The labelled messages of the test set."""
    return read_examples(folder, taxonomy.leaves, leave_out=NOT_EXAMPLES)


def evaluate(engine: Engine, examples: Sequence[Example], folder: Path | None = TEST) -> dict[str, Any]:
    """Every measure as JSON-ready values. `folder` holds the guard's and entities' cases (None: not judged)."""
    intents: list[Judged] = []
    leaves: list[Judged] = []
    classes: list[Judged] = []
    seconds: list[float] = []
    for example in examples:
        text = clean(example.text).text
        begin = time.perf_counter()
        answer = engine.classify(text)
        seconds.append(time.perf_counter() - begin)
        intents.append(Judged(example.intent, answer.intents[0].name, answer.intents[0].confidence))
        if example.leaf is not None and answer.categories:
            best = answer.categories[0]
            leaves.append(Judged(example.leaf, best.code, best.confidence))
            classes.append(Judged(_class(example.leaf), _class(best.code), best.confidence))
    report: dict[str, Any] = {
        "engine": engine.name,
        "intent": summary(intents),
        "leaf": summary(leaves),
        "class": summary(classes),
        "milliseconds": {
            "p50": round(percentile(seconds, 0.5) * 1000, 4),
            "p99": round(percentile(seconds, 0.99) * 1000, 4),
        },
    }
    if folder is not None and (folder / GUARD_FILE).exists():
        report["guard"] = judge_guard(folder / GUARD_FILE, examples)
    if folder is not None and (folder / ENTITIES_FILE).exists():
        report["entities"] = judge_entities(folder / ENTITIES_FILE)
    return report


def _class(code: str) -> str:
    return code.partition(".")[0]


def judge_guard(path: Path, everyday: Sequence[Example]) -> dict[str, Any]:
    """How many dangers are caught, how many look-alikes and everyday messages raise a false alarm."""
    guard = Guard()
    cases: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))

    def fired(texts: Sequence[str], kind: str) -> list[bool]:
        hits = [guard.check(clean(text).text) for text in texts]
        return [hit is not None and hit.kind == kind for hit in hits]

    danger = fired(cases["danger"], DANGER)
    calm = fired(cases["not_danger"], DANGER)
    daily = fired([example.text for example in everyday], DANGER)
    refused = fired(cases["not_accepted"], NOT_ACCEPTED)
    accepted = fired(cases["accepted"], NOT_ACCEPTED)
    return {
        "danger_recall": round(sum(danger) / len(danger), 4),
        "missed": [text for text, hit in zip(cases["danger"], danger, strict=True) if not hit],
        "false_alarms_lookalikes": round(sum(calm) / len(calm), 4),
        "false_alarms_everyday": round(sum(daily) / max(1, len(daily)), 4),
        "not_accepted_recall": round(sum(refused) / len(refused), 4),
        "accepted_refused": round(sum(accepted) / len(accepted), 4),
    }


def judge_entities(path: Path) -> dict[str, dict[str, float]]:
    """Exact-span precision, recall and F1 per entity type."""
    extractor = Extractor()
    right: dict[str, int] = {}
    said: dict[str, int] = {}
    meant: dict[str, int] = {}
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        gold = {_place(row["text"], entity) for entity in row["entities"]}
        found = {(e.type.value, e.start, e.end) for e in extractor.find(clean(row["text"]), NOW)}
        for table, spans in ((right, gold & found), (said, found), (meant, gold)):
            for kind, _, _ in spans:
                table[kind] = table.get(kind, 0) + 1
    return {kind: _scores(right.get(kind, 0), said.get(kind, 0), meant[kind]) for kind in sorted(meant)}


def _place(text: str, entity: dict[str, Any]) -> tuple[str, int, int]:
    start = -1
    for _ in range(int(entity.get("nth", 1))):
        start = text.index(entity["text"], start + 1)
    return str(entity["type"]), start, start + len(entity["text"])


def _scores(right: int, said: int, meant: int) -> dict[str, float]:
    return {
        "precision": round(right / said, 4) if said else 0.0,
        "recall": round(right / meant, 4) if meant else 0.0,
        "f1": round(2 * right / (said + meant), 4) if said + meant else 0.0,
        "support": meant,
    }
