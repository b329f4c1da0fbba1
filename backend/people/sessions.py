"""Login sessions of the panel, kept on the server: the browser holds only a random id, the database only its digest.

A session ends when it is idle for two hours, after twelve hours, at logout, or at once when its user is disabled or
their rights change (`session_epoch`).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.people.models import PanelSession, User

LIFE = timedelta(hours=12)  # one long shift
IDLE = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=5)  # not every look needs a write


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: `token` goes into the cookie and is never stored."""

    token: str
    csrf: str


def digest(token: str) -> str:
    """What the database keeps of a session id."""
    return hashlib.sha256(token.encode()).hexdigest()


async def open_session(session: AsyncSession, user: User, now: datetime, *, old_token: str = "") -> Opened:
    """A session with a fresh id for a user who has just proved who they are; the browser's old one is ended."""
    assert user.id is not None
    if old_token:
        await end_session(session, old_token)
    opened = Opened(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    session.add(
        PanelSession(
            district_code=user.district_code,
            id_digest=digest(opened.token),
            user_id=user.id,
            epoch=user.session_epoch,
            csrf=opened.csrf,
            created_at=now,
            seen_at=now,
            expires_at=now + LIFE,
        )
    )
    await session.execute(delete(PanelSession).where(col(PanelSession.expires_at) < now))
    await session.flush()
    return opened


async def find_session(session: AsyncSession, token: str, now: datetime) -> tuple[PanelSession, User] | None:
    """The living session of a cookie with its user as they are now; None when it is over for whatever reason."""
    if not token or len(token) > 100:
        return None
    found = (
        await session.exec(
            select(PanelSession, User)
            .join(User, col(User.id) == col(PanelSession.user_id))
            .where(
                PanelSession.id_digest == digest(token),
                PanelSession.expires_at > now,
                PanelSession.seen_at > now - IDLE,
                col(User.is_active),
                col(User.session_epoch) == col(PanelSession.epoch),
            )
        )
    ).first()
    return (found[0], found[1]) if found is not None else None


def wants_touch(row: PanelSession, now: datetime) -> bool:
    """Whether `seen_at` is old enough to be written again."""
    return row.seen_at < now - SEEN_EVERY


async def touch(session: AsyncSession, id_digest: str, now: datetime) -> None:
    """Notes that the session is in use."""
    await session.execute(update(PanelSession).where(col(PanelSession.id_digest) == id_digest).values(seen_at=now))


async def end_session(session: AsyncSession, token: str) -> None:
    """Logs one browser out."""
    await session.execute(delete(PanelSession).where(col(PanelSession.id_digest) == digest(token)))


async def end_all_of(session: AsyncSession, user: User) -> None:
    """Logs a user out everywhere, at once: every older session carries a lower epoch."""
    user.session_epoch += 1
    session.add(user)
    await session.execute(delete(PanelSession).where(col(PanelSession.user_id) == user.id))
    await session.flush()
