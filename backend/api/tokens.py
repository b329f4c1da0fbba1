"""API tokens: made once by an administrator, shown once, valid for a year, refused at once when their user is."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.api.models import ApiToken
from backend.office import Office
from backend.people.models import User
from nlu.errors import LinliError

LIFE = timedelta(days=365)


class TokenRefused(LinliError):
    """The token is missing, wrong, expired or revoked."""

    code: ClassVar[str] = "token_refused"
    status: ClassVar[int] = 401


class NoSuchUser(LinliError):
    """There is no user of this name."""

    code: ClassVar[str] = "no_such_user"
    status: ClassVar[int] = 404


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def make_token(session: AsyncSession, office: Office, username: str, name: str, now: datetime) -> str:
    """A new token for a user, audited. Raises `NoSuchUser`."""
    user = (await session.exec(select(User).where(User.username == username))).first()
    if user is None or user.id is None:
        raise NoSuchUser(username)
    token = f"ll_{secrets.token_urlsafe(32)}"
    session.add(
        ApiToken(
            district_code=office.district_code,
            token_digest=_digest(token),
            user_id=user.id,
            name=name[:60],
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    await office.auditor.record(
        session, at=now, actor="command line", action="make_api_token", subject=f"user:{user.id}", name=name
    )
    return token


async def revoke_tokens(session: AsyncSession, office: Office, username: str, now: datetime) -> int:
    """Ends every token of a user at once, audited; how many there were. Raises `NoSuchUser`."""
    user = (await session.exec(select(User).where(User.username == username))).first()
    if user is None or user.id is None:
        raise NoSuchUser(username)
    living = await session.exec(select(ApiToken).where(ApiToken.user_id == user.id, col(ApiToken.revoked_at).is_(None)))
    tokens = living.all()
    for row in tokens:
        row.revoked_at = now
        session.add(row)
    await office.auditor.record(
        session, at=now, actor="command line", action="revoke_api_tokens", subject=f"user:{user.id}", tokens=len(tokens)
    )
    return len(tokens)


async def user_of(session: AsyncSession, token: str, now: datetime) -> User:
    """The active user behind a token. Raises `TokenRefused`."""
    row = (await session.exec(select(ApiToken).where(ApiToken.token_digest == _digest(token)))).first()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        raise TokenRefused
    user = await session.get(User, row.user_id)
    if user is None or not user.is_active:
        raise TokenRefused
    return user
