"""Bearer links to single pages: 192 bits, only the digest stored, revocable, dead after their time.

A link shows one task or one case and nothing personal beyond it, because links get forwarded.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import PageLink
from backend.office import Office
from nlu.errors import LinliError

Purpose = Literal["task", "case", "delivery", "application"]
TASK_LINK_DAYS = 14  # a task lives shorter; a late one gets a fresh link with its reminder
CASE_LINK_DAYS = 90  # as long as a resident may still rate or ask to reopen

PATHS: dict[Purpose, str] = {"task": "t", "delivery": "t", "case": "c", "application": "c"}


class LinkUnknown(LinliError):
    """There is no such page."""

    code: ClassVar[str] = "link_unknown"
    status: ClassVar[int] = 404


class LinkOver(LinliError):
    """This link has expired or was withdrawn; ask for a new one in the chat."""

    code: ClassVar[str] = "link_over"
    status: ClassVar[int] = 410


def digest_of(token: str) -> str:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def new_link(
    session: AsyncSession,
    office: Office,
    purpose: Purpose,
    now: datetime,
    *,
    case_id: int | None = None,
    application_id: int | None = None,
    staff_id: int | None = None,
    resident_id: int | None = None,
) -> str:
    """A fresh absolute URL (`…/t/…` or `…/c/…`), valid 14 or 90 days, written in the caller's transaction."""
    token = secrets.token_urlsafe(24)
    days = TASK_LINK_DAYS if PATHS[purpose] == "t" else CASE_LINK_DAYS
    session.add(
        PageLink(
            district_code=office.district_code,
            token_digest=digest_of(token),
            purpose=purpose,
            case_id=case_id,
            application_id=application_id,
            staff_id=staff_id,
            resident_id=resident_id,
            expires_at=now + timedelta(days=days),
        )
    )
    return f"{office.public_url}/{PATHS[purpose]}/{token}"


async def open_link(session: AsyncSession, token: str, now: datetime) -> PageLink:
    """The link behind a token. Raises `LinkUnknown` (404) or `LinkOver` (410)."""
    link = await session.get(PageLink, digest_of(token))
    if link is None:
        raise LinkUnknown
    if link.revoked_at is not None or link.expires_at <= now:
        raise LinkOver
    return link
