"""Photos on pages: stored as we encode them, joined to a case once, served only to those the page is for."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import FileResponse, Response

from backend.cases.models import Attachment
from backend.cases.photos import StoredFile, attach, store_photo
from backend.office import Office
from backend.pages.refusals import PageUnknown
from backend.pages.rendering import page_headers

PICTURES = ("before", "after", "other")  # never papers, signatures or voices


@asynccontextmanager
async def stored(office: Office, photos: Sequence[bytes]) -> AsyncIterator[tuple[StoredFile, ...]]:
    """Stores photos for the length of a block; one that raises takes them away again."""
    kept: list[StoredFile] = []
    try:
        for data in photos:
            kept.append(await asyncio.to_thread(store_photo, office.media_folder, data))
        yield tuple(kept)
    except BaseException:
        for file in kept:
            (office.media_folder / file.path).unlink(missing_ok=True)
        raise


async def join_photos(
    session: AsyncSession, office: Office, case_id: int, files: Sequence[StoredFile], kind: str, by: str, now: datetime
) -> tuple[int, ...]:
    """Attachment ids of the photos; one that this person sent for this case before is not joined again."""
    ids: list[int] = []
    for file in files:
        known = await session.exec(
            select(Attachment.id).where(
                Attachment.case_id == case_id, Attachment.sha256 == file.sha256, Attachment.by == by
            )
        )
        again = known.first()
        if again is None:
            again = await attach(session, office.district_code, file, now, kind=kind, by=by, case_id=case_id)
        ids.append(again)
    return tuple(ids)


async def is_known(session: AsyncSession, case_id: int, files: Sequence[StoredFile], by: str) -> bool:
    """Whether every one of these photos was joined to the case before: the phone repeats what it could not confirm."""
    found = await session.exec(
        select(Attachment.sha256).where(
            Attachment.case_id == case_id,
            Attachment.by == by,
            col(Attachment.sha256).in_([file.sha256 for file in files]),
        )
    )
    return {file.sha256 for file in files} <= set(found.all())


async def pictures_of(session: AsyncSession, case_id: int, kinds: Sequence[str] = PICTURES) -> list[Attachment]:
    """The photos of a case, oldest first."""
    found = await session.exec(
        select(Attachment)
        .where(Attachment.case_id == case_id, col(Attachment.kind).in_(list(kinds)), Attachment.mime == "image/jpeg")
        .order_by(col(Attachment.id))
    )
    return list(found.all())


def picture_answer(office: Office, pictures: Sequence[Attachment], wanted: int) -> Response:
    """One of these photos as a file; anything else is 404."""
    found = next((one for one in pictures if one.id == wanted), None)
    folder = office.media_folder.resolve()
    path = (folder / found.path).resolve() if found is not None else folder
    if found is None or not path.is_relative_to(folder) or not path.is_file():
        raise PageUnknown
    return FileResponse(
        path, media_type=found.mime, headers={**page_headers(), "Cache-Control": "private, max-age=3600"}
    )
