"""Reads the one source of examples (Rasa's YAML format) that both engines learn from.

`- intent: report/urban.lighting` gives intent and leaf; an intent without a slash has no leaf.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from nlu.contract import Intent
from nlu.errors import LinliError
from nlu.normalise import clean

DATA = Path(__file__).parent.parent / "data"
TRAIN = DATA / "train"
TEST = DATA / "test"
_INTENTS = frozenset(intent.value for intent in Intent)
_LINE = re.compile(r"^\s*-\s+(.*\S)\s*$")


class TrainingDataRefused(LinliError):
    """A training file does not say what it should; the message names file and line."""

    code = "training_data_refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled message: `leaf` is None for intents that have no matter (track, affirm …)."""

    text: str
    intent: str
    leaf: str | None = None

    @property
    def label(self) -> str:
        """The label as the files write it."""
        return self.intent if self.leaf is None else f"{self.intent}/{self.leaf}"


def read_examples(
    folder: Path, leaves: Iterable[str] = (), leave_out: frozenset[str] = frozenset()
) -> tuple[Example, ...]:
    """All examples of the `*.yml` files below `folder`, in file order, texts as written.

    `leaves`, when given, is the closed list; any other leaf or an unknown intent raises `TrainingDataRefused`.
    `leave_out` names files of another shape.
    """
    known = frozenset(leaves)
    found: list[Example] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name not in leave_out:
            found.extend(_read_file(path, known))
    return tuple(found)


def _read_file(path: Path, known: frozenset[str]) -> Iterable[Example]:
    try:
        blocks = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)["nlu"]  # noqa: S506 - the safe loader, in C where built
        labelled = [(str(block["intent"]), str(block["examples"])) for block in blocks]
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as broken:
        raise TrainingDataRefused(f"{path.name}: {broken}", file=path.name) from broken
    for label, listed in labelled:
        intent, _, leaf = label.partition("/")
        if intent not in _INTENTS or (leaf and known and leaf not in known):
            raise TrainingDataRefused(f"{path.name}: unknown label {label!r}", file=path.name)
        for line in listed.splitlines():
            match = _LINE.match(line)
            if match:
                yield Example(match.group(1), intent, leaf or None)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def data_hash(examples: Sequence[Example]) -> str:
    """Names a set of examples whatever their order: SHA-256 over the sorted labelled texts, 16 hex digits."""
    lines = sorted(f"{example.label}\t{example.text}" for example in examples)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]


def cleaned_texts(examples: Sequence[Example]) -> list[str]:
    """The texts as serving will see them."""
    return [clean(example.text).text for example in examples]
