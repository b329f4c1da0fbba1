"""Patrol: what a worker saw and settled on the spot is one step: filed and done with a photo, for others to verify."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.filing import NewCase, file_new
from backend.cases.models import Case
from backend.cases.moving import move
from backend.domain.case_view import Actor
from backend.domain.words import Source
from backend.office import Office


async def settle_on_patrol(
    session: AsyncSession,
    office: Office,
    new: NewCase,
    actor: Actor,
    result: str,
    photos: Sequence[int],
    now: datetime,
    actor_name: str = "",
) -> Case:
    """Files what the worker found and settled. `photos` are attachment ids. Raises `PhotoRequired`, `NotYourArea`, …
    and then nothing is filed (the caller's transaction rolls back)."""
    found = replace(new, source=Source.PATROL, attachments=(*new.attachments, *photos))
    case = await file_new(session, office, found, actor, now, actor_name, is_taken=True)
    facts = {"result": result, "photo": [str(one) for one in photos], "evidence": ("photo", "photo_after")}
    await move(session, office, case, actor, "settle", facts, now, actor_name)
    return case
