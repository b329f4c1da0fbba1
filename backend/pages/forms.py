"""What may be posted to a page: same origin, bounded in size, parts and time; photos checked before decoding."""

import asyncio
import io
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from backend.cases.photos import MAX_BYTES, MAX_PIXELS, NotAPhoto, PhotoTooBig
from backend.pages.refusals import ForeignOrigin, FormBroken, FormTooLarge, FormTooSlow

FIELD_BYTES = 64 * 1024
FORM_BYTES = MAX_BYTES + 2 * FIELD_BYTES
MOST_FILES = 9
MOST_FIELDS = 40
DEADLINE_SECONDS = 90  # for a whole photo over a poor network
PHOTO_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields (last one wins) and the non-empty files of a form, by field name."""

    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)

    def text(self, name: str, most: int = 2000) -> str:
        """A field without NUL and surrounding space, cut to `most` characters; "" when absent."""
        return clean(self.fields.get(name, "")).strip()[:most]

    def photos(self, name: str = "photo") -> tuple[bytes, ...]:
        """The files of a field."""
        return self.files.get(name, ())


def clean(text: str) -> str:
    """Text that any database stores and no terminal obeys: NUL and ANSI escapes removed, lone surrogates replaced."""
    return text.replace("\x00", "").replace("\x1b", "").encode("utf-8", "replace").decode("utf-8")


def check_origin(request: Request, public_url: str) -> None:
    """Raises `ForeignOrigin` for a form that a browser says another site sent. Clients that are no browsers send no
    `Origin` and carry no stranger's cookie."""
    origin = request.headers.get("origin")
    if origin is None:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise ForeignOrigin
        return
    ours, theirs = urlsplit(public_url), urlsplit(origin)
    if (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc):
        return
    if theirs.scheme not in ("http", "https") or theirs.netloc != request.headers.get("host", ""):
        raise ForeignOrigin


async def bounded(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body's chunks. Raises `FormTooLarge` as soon as it grows past `most` bytes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most:
        raise FormTooLarge
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise FormTooLarge
        yield chunk


async def read_body(request: Request, most: int = FIELD_BYTES) -> bytes:
    """A small body whole, within the deadline."""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return b"".join([chunk async for chunk in bounded(request, most)])
    except TimeoutError as slow:
        raise FormTooSlow from slow


async def read_form(request: Request) -> Posted:
    """A form, urlencoded or multipart. Raises the refusals of this room."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            if kind == "multipart/form-data":
                stream = bounded(request, FORM_BYTES)
                parser = MultiPartParser(
                    request.headers, stream, max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES
                )
                return await _posted(list((await parser.parse()).multi_items()))
            if kind in ("application/x-www-form-urlencoded", ""):
                plain = await FormParser(request.headers, bounded(request, FIELD_BYTES)).parse()
                return await _posted(list(plain.multi_items()))
    except MultiPartException as broken:
        raise FormBroken from broken
    except TimeoutError as slow:
        raise FormTooSlow from slow
    raise FormBroken


async def _posted(items: list[tuple[str, str | UploadFile]]) -> Posted:
    fields: dict[str, str] = {}
    files: dict[str, tuple[bytes, ...]] = {}
    for name, value in items:
        if isinstance(value, str):
            fields[name] = value
            continue
        data = await value.read()
        await value.close()
        if data:
            files[name] = (*files.get(name, ()), data)
    return Posted(fields, files)


def check_photo(data: bytes) -> None:
    """Raises `PhotoTooBig` (413) or `NotAPhoto` (415) from the head of a file, before anything is decoded."""
    if len(data) > MAX_BYTES:
        raise PhotoTooBig
    try:
        with Image.open(io.BytesIO(data), formats=PHOTO_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PhotoTooBig
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as broken:
        raise NotAPhoto from broken
