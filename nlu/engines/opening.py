"""Which model serves: the promoted one if it is sound and signed, else the shipped one, never none.

A refused model is named in the log and in `OpenedModel.refused`; the resident notices nothing.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from nlu.engines.linear import LinearEngine
from nlu.engines.storage import ModelRefused, load
from nlu.taxonomy import Taxonomy

SHIPPED = Path(__file__).parent.parent / "shipped"
CURRENT = "current"
DEFAULT_DIRECTORY = Path("var/models")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """The engine, where its model came from, and why another was refused (None: nothing was)."""

    engine: LinearEngine
    source: Path
    refused: str | None = None


def current_folder(directory: Path) -> Path | None:
    """The folder of the promoted version, or None when nothing was promoted. `ModelRefused` for a bad pointer."""
    pointer = directory / CURRENT
    try:
        version = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as broken:
        raise ModelRefused(f"{pointer}: {broken}", file=str(pointer)) from broken
    if not version or Path(version).name != version or version in {".", ".."}:
        raise ModelRefused(f"{pointer}: {version!r} is no version", file=str(pointer))
    return directory / version


def open_linear(directory: Path, key: bytes, taxonomy: Taxonomy) -> OpenedModel:
    """The promoted model of `directory` (signed with `key`), or the shipped one when it is absent or refused.

    Raises `ModelRefused` only when the shipped model itself is damaged.
    """
    refused: str | None = None
    try:
        folder = current_folder(directory)
        if folder is not None:
            return OpenedModel(LinearEngine(load(folder, key), taxonomy), folder)
    except ModelRefused as refusal:
        refused = str(refusal)
        _log.error("model refused, serving the shipped one: %s", refused)
    return OpenedModel(LinearEngine(load(SHIPPED, None), taxonomy), SHIPPED, refused)
