"""From examples to a model of the two questions we ask: what does the resident want, and about which matter."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from nlu.engines.linear import INTENT, LEAF
from nlu.engines.sparse_model import SparseModel
from nlu.normalise import clean
from nlu.taxonomy import Taxonomy
from nlu.training.corpus import Example, cleaned_texts, data_hash
from nlu.training.train import HeadData, Progress, TrainSettings, train_model

ALIAS_WEIGHT = 0.6
"""An alias of the taxonomy teaches the leaf a little less than an utterance; it never calibrates."""

CUE_WEIGHT = 3.0
RARITY = 0.8
"""A rare intent's utterance weighs (commonest / its own count) ** RARITY: reports outnumber the others by seventy."""

CUES = Path(__file__).with_name("cues.yml")
INTENT_FREEDOM = 0.6
LEAF_FREEDOM = 3.0


def build(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    now: datetime,
    settings: TrainSettings = TrainSettings(),
    corrections: Iterable[Example] = (),
    progress: Progress | None = None,
) -> SparseModel:
    """The model for `examples` and the operators' `corrections`; its version is `now` (local) and the data hash."""
    everything = (*examples, *corrections)
    texts = cleaned_texts(everything)
    used = {example.leaf for example in everything}
    aliases = [
        (clean(alias).text, leaf.code)
        for leaf in taxonomy.leaves.values()
        if leaf.code in used
        for alias in (leaf.name, *leaf.aliases)
    ]
    digest = data_hash(everything)
    facts: dict[str, Any] = {
        "version": f"{now:%Y%m%d-%H%M%S}-{digest[:6]}",
        "trained_at": now.isoformat(timespec="seconds"),
        "data_hash": digest,
        "examples": len(everything),
        "corrections": len(everything) - len(examples),
    }
    cues = _cues({example.intent for example in everything})
    pool = [*texts, *(text for text, _ in aliases), *(text for text, _ in cues)]
    heads = (
        _intent_head(everything, cues, first=len(texts) + len(aliases)),
        _leaf_head(everything, aliases, first=len(texts)),
    )
    return train_model(pool, heads, settings, facts, progress)


def _intent_head(examples: Sequence[Example], cues: list[tuple[str, str]], first: int) -> HeadData:
    """Every example, and the cues that stand from row `first` on."""
    counts = Counter(example.intent for example in examples)
    most = max(counts.values())
    return HeadData(
        INTENT,
        rows=[*range(len(examples)), *range(first, first + len(cues))],
        labels=[*(example.intent for example in examples), *(intent for _, intent in cues)],
        weights=[
            *((most / counts[example.intent]) ** RARITY for example in examples),
            *(CUE_WEIGHT for _ in cues),
        ],
        calibrate_on=frozenset(range(len(examples))),
        c=INTENT_FREEDOM,
    )


def _leaf_head(examples: Sequence[Example], aliases: list[tuple[str, str]], first: int) -> HeadData:
    """The examples that are about a matter, and the aliases that stand from row `first` on."""
    rows = [place for place, example in enumerate(examples) if example.leaf]
    return HeadData(
        LEAF,
        rows=[*rows, *range(first, first + len(aliases))],
        labels=[*(str(examples[place].leaf) for place in rows), *(code for _, code in aliases)],
        weights=[*(1.0 for _ in rows), *(ALIAS_WEIGHT for _ in aliases)],
        calibrate_on=frozenset(rows),
        c=LEAF_FREEDOM,
    )


def _cues(intents: set[str]) -> list[tuple[str, str]]:
    """(cleaned phrase, intent) of the cues file, for the intents in use."""
    raw = yaml.safe_load(CUES.read_text(encoding="utf-8"))
    return [(clean(str(cue)).text, intent) for intent, cues in raw.items() if intent in intents for cue in cues]
