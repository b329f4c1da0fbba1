"""Photos and voices in the panel: served by their id to those who may know the case, application or conversation."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from backend.admin.finding import NotHere
from backend.admin.panel import panel_of
from backend.admin.scope import applications_of, cases_of, conversations_of
from backend.admin.who import Who, who_of
from backend.cases.models import Attachment, Case
from backend.conversations.models import Conversation
from backend.items.models import Application


async def show_media(request: Request) -> Response:
    """The stored file, never sniffed, never run."""
    panel, who = panel_of(request), who_of(request)
    async with panel.office.database.read() as session:
        row = await session.get(Attachment, int(request.path_params["media_id"]))
        if row is None or not await _may_see(session, who, row):
            raise NotHere
    folder = panel.office.media_folder.resolve()
    path = (folder / row.path).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise NotHere
    return FileResponse(path, media_type=row.mime, headers={"Content-Disposition": "inline"})


async def _may_see(session: AsyncSession, who: Who, row: Attachment) -> bool:
    asked = []
    if row.case_id is not None:
        asked.append(select(col(Case.id)).where(col(Case.id) == row.case_id, cases_of(who)))
    if row.application_id is not None:
        asked.append(select(col(Application.id)).where(col(Application.id) == row.application_id, applications_of(who)))
    if row.conversation_id is not None:
        asked.append(
            select(col(Conversation.id)).where(col(Conversation.id) == row.conversation_id, conversations_of(who))
        )
    return any([(await session.exec(one)).first() is not None for one in asked])
