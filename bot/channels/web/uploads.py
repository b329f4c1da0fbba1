"""Photos the page uploads: checked, written under our own name and flushed to disk before they are acknowledged."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from backend.pages.forms import check_photo


@dataclass(frozen=True, slots=True)
class Uploads:
    """The folder where uploads wait for the counter."""

    folder: Path

    def keep(self, photos: Iterable[bytes]) -> tuple[str, ...]:
        """Our names of the stored files. Raises `PhotoTooBig` or `NotAPhoto`; then none of them is kept."""
        checked = list(photos)
        for data in checked:
            check_photo(data)
        return tuple(self._write(data) for data in checked)

    def _write(self, data: bytes) -> str:
        """The name follows from the content, so that a repeat of a message is the same message."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(data).hexdigest()[:40]
        if (self.folder / name).exists():
            return name
        partial = self.folder / f"{name}.{secrets.token_hex(4)}.part"
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self.folder / name)
        return name
