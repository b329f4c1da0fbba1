"""Photos and other files people send: checked before decoding, re-encoded, stripped of EXIF, stored under our names.

Only what we encoded ourselves is ever served back. Limits: 20 MB, 40 megapixels, JPEG/PNG/WebP/GIF/HEIF by content.
"""

import hashlib
import io
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import Attachment
from nlu.errors import LinliError

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 2048  # enough to read a house number; a tenth of a phone's file
QUALITY = 82
VOICE_TYPES = {
    "audio/amr": ".amr",
    "audio/speex": ".speex",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
}


class PhotoTooBig(LinliError):
    """The photo is larger than 20 MB or 40 megapixels; please send a smaller one."""

    code: ClassVar[str] = "photo_too_big"
    status: ClassVar[int] = 413


class NotAPhoto(LinliError):
    """This file is not a photo we can read; please send JPEG, PNG or WebP."""

    code: ClassVar[str] = "not_a_photo"
    status: ClassVar[int] = 415


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the media folder: `path` is relative to it."""

    path: str
    mime: str
    size: int
    sha256: str
    width: int = 0
    height: int = 0


def store_photo(folder: Path, data: bytes) -> StoredFile:
    """Re-encodes a photo as JPEG without metadata, upright. Raises `PhotoTooBig` before decoding, or `NotAPhoto`."""
    if len(data) > MAX_BYTES:
        raise PhotoTooBig
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF", "BMP")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PhotoTooBig
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as broken:
        raise NotAPhoto from broken
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright.info.clear()  # comments and XMP would travel along into the new file
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=QUALITY, optimize=True)
    return _write(folder, out.getvalue(), ".jpg", "image/jpeg", upright.size)


def store_voice(folder: Path, data: bytes, mime: str) -> StoredFile:
    """Keeps a voice message as it came, under our name, for an operator to play. Raises `NotAPhoto` for others."""
    ending = VOICE_TYPES.get(mime.split(";")[0].strip().lower())
    if ending is None:
        raise NotAPhoto
    if len(data) > MAX_BYTES:
        raise PhotoTooBig
    return _write(folder, data, ending, mime, (0, 0))


def _write(folder: Path, data: bytes, ending: str, mime: str, size: tuple[int, int]) -> StoredFile:
    name = secrets.token_hex(16) + ending
    place = folder / name[:2]
    place.mkdir(parents=True, exist_ok=True)
    target = place / name
    partial = target.with_suffix(".part")
    partial.write_bytes(data)
    partial.rename(target)
    return StoredFile(f"{name[:2]}/{name}", mime, len(data), hashlib.sha256(data).hexdigest(), *size)


async def attach(
    session: AsyncSession,
    district_code: str,
    stored: StoredFile,
    now: datetime,
    *,
    kind: str = "before",
    by: str = "resident",
    case_id: int | None = None,
    application_id: int | None = None,
    conversation_id: int | None = None,
) -> int:
    """A row for a stored file; its id."""
    row = Attachment(
        district_code=district_code,
        case_id=case_id,
        application_id=application_id,
        conversation_id=conversation_id,
        kind=kind,
        path=stored.path,
        mime=stored.mime,
        size=stored.size,
        width=stored.width,
        height=stored.height,
        sha256=stored.sha256,
        by=by,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    assert row.id is not None
    return row.id
