"""What the training data must be before anything is trained on it: enough, told apart, not templated."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu.normalise import clean
from nlu.training.corpus import Example

TOO_ALIKE = 0.8
MIN_INTENT = 60
MIN_LEAF = 30
MIN_ALL = 6_000


@dataclass(frozen=True, slots=True)
class Twin:
    """Two examples of one label whose character 3-grams overlap too much (Jaccard)."""

    label: str
    first: str
    second: str
    likeness: float


def near_duplicates(examples: Sequence[Example], limit: float = TOO_ALIKE) -> list[Twin]:
    """Pairs within one label with Jaccard above `limit`; candidates come from shared 3-grams, not from all pairs."""
    by_label: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        by_label[example.label].append(example.text)
    return [twin for label, texts in by_label.items() for twin in _twins(label, texts, limit)]


def _twins(label: str, texts: list[str], limit: float) -> Iterable[Twin]:
    grams = [_grams(clean(text).text) for text in texts]
    holders: dict[str, list[int]] = defaultdict(list)
    for place, own in enumerate(grams):
        shared = Counter(other for gram in own for other in holders[gram])
        for other, common in shared.items():
            likeness = common / (len(own) + len(grams[other]) - common)
            if likeness > limit:
                yield Twin(label, texts[other], texts[place], round(likeness, 3))
        for gram in own:
            holders[gram].append(place)


def _grams(text: str) -> set[str]:
    """3-grams; a text shorter than three characters is one gram of its own."""
    return {text[i : i + 3] for i in range(len(text) - 2)} or {text}


def shortfalls(examples: Sequence[Example], leaves: Iterable[str]) -> list[str]:
    """Sentences about what is missing: leaves, intents or the whole below the promised counts."""
    intents = Counter(example.intent for example in examples)
    by_leaf = Counter(example.leaf for example in examples if example.leaf)
    missing = [f"intent {name}: {n} < {MIN_INTENT}" for name, n in intents.items() if n < MIN_INTENT]
    missing += [f"leaf {leaf}: {by_leaf[leaf]} < {MIN_LEAF}" for leaf in leaves if by_leaf[leaf] < MIN_LEAF]
    if len(examples) < MIN_ALL:
        missing.append(f"all: {len(examples)} < {MIN_ALL}")
    return missing
