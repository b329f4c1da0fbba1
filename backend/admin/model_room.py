"""The serving model's successors: trained in a thread, judged, promoted through the gates, and the way back.

A promoted version serves from the next start of the processes; the panel says so. One training at a time.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import structlog

from nlu.engines.linear import LinearEngine
from nlu.engines.opening import current_folder
from nlu.engines.storage import ModelRefused, load, save
from nlu.errors import LinliError
from nlu.taxonomy import Taxonomy
from nlu.training.corpus import TRAIN, Example, read_examples
from nlu.training.evaluate import evaluate, held_out_examples
from nlu.training.promote import fallen_gates, promote, read_score, restore

log = structlog.get_logger()
SHOWN_VERSIONS = 12
SCORES = (("intent", "accuracy"), ("class", "accuracy"), ("leaf", "accuracy"), ("leaf", "ece"))


class AlreadyTraining(LinliError):
    """A training is running already."""

    code: ClassVar[str] = "already_training"
    status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Version:
    """A trained version: its scores in the order of `SCORES`, what keeps it from serving, and whether it serves."""

    name: str
    examples: int
    corrections: int
    scores: tuple[float | None, ...]
    fallen: tuple[str, ...]
    serves: bool


@dataclass
class Progress:
    """What a training does now; `share` 0..1, `failed` is the reason it ended early."""

    running: bool = False
    step: str = ""
    share: float = 0.0
    version: str = ""
    failed: str = ""


@dataclass
class ModelRoom:
    """The directory of versions and the key that signs them. Verbs that read or write files run beside the loop."""

    directory: Path
    key: bytes
    taxonomy: Taxonomy
    progress: Progress = field(default_factory=Progress)
    _task: asyncio.Task[None] | None = None

    def start(self, corrections: Sequence[Example], now: datetime) -> None:
        """Begins a training on the data and `corrections`. Raises `AlreadyTraining`."""
        if self.progress.running:
            raise AlreadyTraining
        self.progress = Progress(running=True, step="read")
        self._task = asyncio.create_task(self._train(tuple(corrections), now))

    async def _train(self, corrections: tuple[Example, ...], now: datetime) -> None:
        progress = self.progress
        try:
            progress.version = await asyncio.to_thread(self._build, corrections, now, self._told)
            progress.step, progress.share = "ready", 1.0
        except (LinliError, OSError, ValueError, MemoryError) as failed:
            log.error("training failed", reason=type(failed).__name__)
            progress.failed = failed.code if isinstance(failed, LinliError) else type(failed).__name__
        finally:
            progress.running = False

    def _told(self, step: str, share: float) -> None:
        self.progress.step, self.progress.share = step, share * 0.9  # the rest is the judging

    def _build(self, corrections: Sequence[Example], now: datetime, told: Callable[[str, float], None]) -> str:
        from nlu.training.build import build  # noqa: PLC0415 - scikit-learn takes a second and 60 MB; only training needs it

        examples = read_examples(TRAIN, self.taxonomy.leaves)
        model = build(examples, self.taxonomy, now, corrections=corrections, progress=told)
        self.progress.step = "judge"
        scores = evaluate(LinearEngine(model, self.taxonomy), held_out_examples(self.taxonomy))
        version = str(model.facts["version"])
        save(replace(model, facts={**model.facts, "scores": scores}), self.directory / version, self.key)
        return version

    async def versions(self) -> list[Version]:
        """The newest versions of the directory, beside what serves; files of others are left out."""
        return await asyncio.to_thread(self._versions)

    def _versions(self) -> list[Version]:
        try:
            current = current_folder(self.directory)
        except ModelRefused:
            current = None
        serving = self._facts(current) if current is not None else None
        folders = sorted((one.parent for one in self.directory.glob("*/model.npz")), reverse=True)[:SHOWN_VERSIONS]
        found = [(folder, self._facts(folder)) for folder in folders]
        return [_version(folder, facts, serving, folder == current) for folder, facts in found if facts is not None]

    def _facts(self, folder: Path) -> dict[str, Any] | None:
        try:
            return dict(load(folder, self.key).facts)
        except ModelRefused:
            return None

    async def promote(self, version: str) -> None:
        """Lets a version serve from the next start. Raises `PromotionRefused` or `ModelRefused`."""
        await asyncio.to_thread(promote, self.directory, version, self.key)

    async def restore(self) -> str:
        """Back to the version that served before. Raises `NothingToRestore`."""
        return await asyncio.to_thread(restore, self.directory, self.key)


def _version(folder: Path, facts: dict[str, Any], serving: dict[str, Any] | None, serves: bool) -> Version:
    scores = facts.get("scores", {})
    beside = serving.get("scores") if serving and not serves else None
    return Version(
        folder.name,
        int(facts.get("examples", 0)),
        int(facts.get("corrections", 0)),
        tuple(read_score(scores, path) for path in SCORES),
        tuple(fallen_gates(scores, beside)),
        serves,
    )
