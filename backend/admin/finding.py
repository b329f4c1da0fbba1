"""Finding one row that the reader may know of; everything else is 404, whether it exists or not."""

from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.admin.scope import applications_of, cases_of, conversations_of
from backend.admin.who import Who
from backend.cases.models import Case
from backend.conversations.models import Conversation
from backend.items.models import Application
from nlu.errors import LinliError


class NotHere(LinliError):
    """There is nothing here for you."""

    code: ClassVar[str] = "not_here"
    status: ClassVar[int] = 404


async def case_by_number(session: AsyncSession, who: Who, number: str) -> Case:
    """The case of this number within the reader's scope. Raises `NotHere`."""
    found = (await session.exec(select(Case).where(Case.number == number, cases_of(who)))).first()
    if found is None:
        raise NotHere
    return found


async def application_by_number(session: AsyncSession, who: Who, number: str) -> Application:
    """The application of this number within the reader's scope. Raises `NotHere`."""
    found = (await session.exec(select(Application).where(Application.number == number, applications_of(who)))).first()
    if found is None:
        raise NotHere
    return found


async def conversation_by_id(session: AsyncSession, who: Who, conversation_id: int) -> Conversation:
    """The conversation of this id within the reader's scope. Raises `NotHere`."""
    found = (
        await session.exec(select(Conversation).where(col(Conversation.id) == conversation_id, conversations_of(who)))
    ).first()
    if found is None:
        raise NotHere
    return found
