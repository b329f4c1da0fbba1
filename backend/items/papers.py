"""Papers that come later: which of the missing ones a photo or a word settles.

A photo settles what the resident names, or the one paper that is missing; a paper that must be shown in the original
stays missing whatever is photographed. Staff look at every photo: a wrong paper is asked for again, by name.
"""

from collections.abc import Sequence
from datetime import datetime

from rapidfuzz import fuzz
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.application_needs import ApplicationView
from backend.domain.case_view import SYSTEM, Actor
from backend.domain.words import ApplicationState
from backend.items.applying import adopt, move_application
from backend.items.history import view_of
from backend.items.models import Application, ServiceItem
from backend.items.reading import materials_of
from backend.office import Office

LIKE_ENOUGH = 75  # of 100: "身份证" is 居民身份证, "户口本" is not


async def bring_papers(
    session: AsyncSession,
    office: Office,
    application: Application,
    actor: Actor,
    attachments: Sequence[int],
    brought: Sequence[str],
    text: str,
    now: datetime,
    actor_name: str = "",
) -> ApplicationView:
    """Records papers, ticks off what they settle, and lets the clock run again when nothing is missing."""
    before = await view_of(session, application)
    settled = settled_by(before.missing, brought, await _originals(session, application), photos=len(attachments))
    facts = {"brought": settled or None, "text": text or None}
    await adopt(session, application, attachments)
    after = await move_application(session, office, application, actor, "bring_materials", facts, now, actor_name)
    if after.state is ApplicationState.INCOMPLETE and not after.missing:
        after = await move_application(session, office, application, SYSTEM, "materials_complete", {}, now)
    return after


def settled_by(
    missing: Sequence[str], named: Sequence[str], originals: frozenset[str], *, photos: int
) -> tuple[str, ...]:
    """The missing papers that these names and so many photos settle. `originals` cannot be photographed."""
    by_photo_only = [paper for paper in missing if paper not in originals] if photos else list(missing)
    if named:
        return tuple(paper for paper in by_photo_only if any(_is_like(paper, name) for name in named))
    return tuple(missing) if photos and len(missing) == 1 and by_photo_only else ()


def _is_like(paper: str, name: str) -> bool:
    return name in paper or paper in name or fuzz.ratio(paper, name) >= LIKE_ENOUGH


async def _originals(session: AsyncSession, application: Application) -> frozenset[str]:
    item = await session.get(ServiceItem, application.item_id)
    papers = materials_of(item.materials) if item is not None else ()
    return frozenset(paper.name for paper in papers if not paper.by_photo)
