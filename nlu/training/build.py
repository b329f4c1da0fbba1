"""From examples to a model of the two questions we ask: what does the resident want, and about which matter."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from nlu.engines.linear import INTENT, LEAF
from nlu.engines.sparse_model import SparseModel
from nlu.normalise import clean
from nlu.taxonomy import Taxonomy
from nlu.training.corpus import Example, cleaned_texts, data_hash
from nlu.training.train import HeadData, Progress, TrainSettings, train_model

ALIAS_WEIGHT = 1.0
"""An alias of the taxonomy teaches the leaf as much as one utterance; it never calibrates."""


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
    aliases = [
        (clean(alias).text, leaf.code)
        for leaf in taxonomy.leaves.values()
        if any(example.leaf == leaf.code for example in everything)
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
    with_leaf = [place for place, example in enumerate(everything) if example.leaf]
    spoken = len(with_leaf)
    leaf_rows = [*with_leaf, *range(len(texts), len(texts) + len(aliases))]
    heads = (
        HeadData(INTENT, range(len(texts)), [example.intent for example in everything]),
        HeadData(
            LEAF,
            leaf_rows,
            [*(str(everything[place].leaf) for place in with_leaf), *(code for _, code in aliases)],
            weights=[1.0] * spoken + [ALIAS_WEIGHT] * len(aliases),
            calibrate_on=frozenset(with_leaf),
        ),
    )
    return train_model([*texts, *(text for text, _ in aliases)], heads, settings, facts, progress)
