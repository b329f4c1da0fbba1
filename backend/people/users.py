"""Panel users: who may have a login, with which role, and what ends their sessions.

System, security and audit administrators are three people: a login has one role, a member of staff at most one of the
three. A system administrator opens accounts; only a security administrator gives them life (role, activation).
"""

import re
from datetime import datetime
from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.roster import staff_key
from backend.domain.case_view import Actor
from backend.domain.words import STAFF, Role
from backend.office import Office
from backend.people.models import User
from backend.people.passwords import Passwords
from backend.people.sessions import end_all_of
from nlu.errors import LinliError

ADMINS = frozenset({Role.SYSADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
MAY_LOG_IN = STAFF | ADMINS
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


class UsernameTaken(LinliError):
    """There is already a user of this name."""

    code: ClassVar[str] = "username_taken"
    status: ClassVar[int] = 409


class UsernameUnfit(LinliError):
    """A user name has 2 to 40 small letters, digits, dots, dashes or underscores and begins with a letter or digit."""

    code: ClassVar[str] = "username_unfit"
    status: ClassVar[int] = 422


class RoleUnfit(LinliError):
    """This role has no login to the panel."""

    code: ClassVar[str] = "role_unfit"
    status: ClassVar[int] = 422


class ThreePeople(LinliError):
    """System, security and audit administrators must be three people."""

    code: ClassVar[str] = "three_people"
    status: ClassVar[int] = 409


class NotOnOneself(LinliError):
    """Nobody changes their own rights."""

    code: ClassVar[str] = "not_on_oneself"
    status: ClassVar[int] = 403


def user_key(user_id: int | None) -> str:
    """The key of a login in the audit log and, without a member of staff behind it, in histories."""
    return f"user:{user_id}"


def actor_of(user: User) -> Actor:
    """The user as the rules see them. A member of staff is one person in the chat and in the panel: who did the work
    by phone may not verify it here."""
    key = staff_key(user.staff_id) if user.staff_id is not None else user_key(user.id)
    return Actor(key, Role(user.role), (user.area_code,), user.unit)


async def create_user(
    session: AsyncSession,
    office: Office,
    *,
    username: str,
    password: str,
    role: Role | str,
    area_code: str,
    now: datetime,
    display_name: str = "",
    unit: str | None = None,
    staff_id: int | None = None,
    language: str = "zh_CN",
    by: str = "system",
    is_active: bool = True,
    passwords: Passwords | None = None,
) -> User:
    """A new login, in the caller's transaction; `by` is the audit key of who opens it.

    Raises `UsernameUnfit`, `UsernameTaken`, `RoleUnfit`, `ThreePeople`, `PasswordTooShort` or `PasswordTooLong`.
    """
    name = username.strip().lower()
    if _USERNAME.fullmatch(name) is None:
        raise UsernameUnfit
    if await user_by_name(session, name) is not None:
        raise UsernameTaken
    wanted = fit_role(role)
    await check_three_people(session, wanted, staff_id)
    user = User(
        district_code=office.district_code,
        username=name,
        display_name=(display_name or name)[:60],
        password_hash=await (passwords or Passwords()).hash(password),
        role=wanted.value,
        area_code=area_code,
        unit=unit,
        staff_id=staff_id,
        language=language,
        is_active=is_active,
        created_at=now,
    )
    session.add(user)
    await session.flush()
    await office.auditor.record(
        session, at=now, actor=by, action="create_user", subject=user_key(user.id), username=name, role=wanted.value
    )
    return user


async def user_by_name(session: AsyncSession, username: str) -> User | None:
    """The user of this name, whatever the case of its letters."""
    return (await session.exec(select(User).where(User.username == username.strip().lower()[:60]))).first()


def fit_role(role: Role | str) -> Role:
    """The role, if it may log in at all. Raises `RoleUnfit`."""
    try:
        wanted = Role(role)
    except ValueError as unknown:
        raise RoleUnfit from unknown
    if wanted not in MAY_LOG_IN:
        raise RoleUnfit
    return wanted


async def check_three_people(
    session: AsyncSession, role: Role, staff_id: int | None, user_id: int | None = None
) -> None:
    """Raises `ThreePeople` when the member of staff behind this login already runs the house in another role."""
    if role not in ADMINS or staff_id is None:
        return
    others = await session.exec(
        select(User).where(User.staff_id == staff_id, col(User.role).in_([one.value for one in ADMINS]))
    )
    if any(other.id != user_id and other.role != role.value for other in others.all()):
        raise ThreePeople


async def change_password(
    session: AsyncSession, office: Office, user: User, password: str, by: str, now: datetime, passwords: Passwords
) -> None:
    """A new password; every session of the user ends."""
    user.password_hash = await passwords.hash(password)
    await end_all_of(session, user)
    await office.auditor.record(session, at=now, actor=by, action="change_password", subject=user_key(user.id))


async def set_rights(
    session: AsyncSession,
    office: Office,
    user: User,
    *,
    by: str,
    now: datetime,
    role: Role | str | None = None,
    area_code: str | None = None,
    is_active: bool | None = None,
) -> None:
    """Changes what a login may do; its sessions end at once. Raises `NotOnOneself`, `RoleUnfit` or `ThreePeople`."""
    if by == user_key(user.id):
        raise NotOnOneself
    before = (user.role, user.area_code, user.is_active)
    if role is not None:
        wanted = fit_role(role)
        await check_three_people(session, wanted, user.staff_id, user.id)
        user.role = wanted.value
    user.area_code = area_code if area_code is not None else user.area_code
    user.is_active = is_active if is_active is not None else user.is_active
    after = (user.role, user.area_code, user.is_active)
    if after == before:
        return
    await end_all_of(session, user)
    await office.auditor.record(
        session,
        at=now,
        actor=by,
        action="set_rights",
        subject=user_key(user.id),
        before=list(before),
        after=list(after),
    )


async def drop_second_factor(session: AsyncSession, office: Office, user: User, by: str, now: datetime) -> None:
    """Takes a lost device off an account, so that its owner can enrol again."""
    if by == user_key(user.id):
        raise NotOnOneself
    user.totp_sealed = None
    await end_all_of(session, user)
    await office.auditor.record(session, at=now, actor=by, action="drop_second_factor", subject=user_key(user.id))
