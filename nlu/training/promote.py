"""Which trained version serves: promoted only through every gate, and the earlier one can be restored.

A model directory holds one folder per version, `current` (the serving version's name) and `history` (one name per
line, newest last).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.engines.opening import CURRENT, current_folder
from nlu.engines.storage import ModelRefused, load
from nlu.errors import LinliError

HISTORY = "history"
MAY_FALL = 0.01
"""A new version may lose this much against the serving one: the noise of a test set of some hundred messages."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition: the score at `path` is at least (or at most) `bound`."""

    name: str
    path: tuple[str, ...]
    bound: float
    at_least: bool = True

    def holds(self, scores: Mapping[str, Any]) -> bool:
        """Whether the scores pass; a missing score does not."""
        value = read_score(scores, self.path)
        return value is not None and (value >= self.bound if self.at_least else value <= self.bound)


GATES = (
    Gate("intent accuracy", ("intent", "accuracy"), 0.88),
    Gate("class accuracy", ("class", "accuracy"), 0.85),
    Gate("leaf accuracy", ("leaf", "accuracy"), 0.78),
    Gate("intent ECE", ("intent", "ece"), 0.08, at_least=False),
    Gate("leaf ECE", ("leaf", "ece"), 0.08, at_least=False),
    Gate("danger recall", ("guard", "danger_recall"), 1.0),
    Gate("false alarms", ("guard", "false_alarms_everyday"), 0.01, at_least=False),
    Gate("p99 milliseconds", ("milliseconds", "p99"), 2.0, at_least=False),
)
_COMPARED = (("intent", "accuracy"), ("class", "accuracy"), ("leaf", "accuracy"))


class PromotionRefused(LinliError):
    """A gate fell; the message names every one that did."""

    code = "promotion_refused"
    status = 409


class NothingToRestore(LinliError):
    """No earlier version was promoted."""

    code = "nothing_to_restore"
    status = 409


def read_score(scores: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    """The number at `path` in nested scores, or None."""
    value: Any = scores
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return float(value)


def fallen_gates(scores: Mapping[str, Any], serving: Mapping[str, Any] | None) -> list[str]:
    """The names of the gates that do not hold, and of the scores worse than the serving model's."""
    fallen = [
        f"{gate.name} {read_score(scores, gate.path)} ({'≥' if gate.at_least else '≤'} {gate.bound})"
        for gate in GATES
        if not gate.holds(scores)
    ]
    for path in _COMPARED:
        new, old = read_score(scores, path), read_score(serving, path) if serving else None
        if new is not None and old is not None and new < old - MAY_FALL:
            fallen.append(f"{'.'.join(path)} {new} (now serving: {old})")
    return fallen


def promote(directory: Path, version: str, key: bytes) -> None:
    """Makes `version` serve. Raises `ModelRefused` for a bad file, `PromotionRefused` when a gate falls."""
    if Path(version).name != version or version in {"", ".", ".."}:
        raise ModelRefused(f"{version!r} is no version", file=version)
    scores = load(directory / version, key).facts.get("scores", {})
    fallen = fallen_gates(scores, _serving_scores(directory, key))
    if fallen:
        raise PromotionRefused("refused: " + "; ".join(fallen), version=version, fallen=fallen)
    _point(directory, version)
    with (directory / HISTORY).open("a", encoding="utf-8") as history:
        history.write(version + "\n")


def restore(directory: Path, key: bytes) -> str:
    """Makes the version promoted before the serving one serve again, and returns its name."""
    try:
        names = (directory / HISTORY).read_text(encoding="utf-8").split()
    except FileNotFoundError:
        names = []
    if len(names) < 2:
        raise NothingToRestore()
    earlier = names[-2]
    load(directory / earlier, key)
    _point(directory, earlier)
    (directory / HISTORY).write_text("".join(f"{name}\n" for name in names[:-1]), encoding="utf-8")
    return earlier


def _serving_scores(directory: Path, key: bytes) -> Mapping[str, Any] | None:
    """The serving model's scores; None when there is none or it is damaged (then it may always be replaced)."""
    try:
        folder = current_folder(directory)
        scores = load(folder, key).facts.get("scores") if folder else None
    except ModelRefused:
        return None
    return scores if isinstance(scores, Mapping) else None


def _point(directory: Path, version: str) -> None:
    beside = directory / f"{CURRENT}.new"
    beside.write_text(version + "\n", encoding="utf-8")
    beside.replace(directory / CURRENT)
