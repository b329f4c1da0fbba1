"""The second factor: time-based one-time codes (RFC 6238, 30 s, 6 digits), each accepted once."""

from datetime import datetime
from typing import ClassVar

import pyotp
from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.office import Office
from backend.people.models import User
from nlu.errors import LinliError

STEP_SECONDS = 30
DRIFT_STEPS = 1  # a phone's clock may be half a minute off


class WrongCode(LinliError):
    """This code is not right, or it was used before; wait for the next one."""

    code: ClassVar[str] = "wrong_code"
    status: ClassVar[int] = 422


def new_secret() -> str:
    """A fresh secret to show once, for the authenticator."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, username: str, issuer: str) -> str:
    """The `otpauth://` address that authenticators read."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, within the allowed drift; None when it is none of them."""
    digits = code.strip().replace(" ", "")
    if len(digits) != 6 or not digits.isdecimal():
        return None
    step = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for near in range(step - DRIFT_STEPS, step + DRIFT_STEPS + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(near), digits):
            return near
    return None


async def use_code(session: AsyncSession, office: Office, user: User, code: str, now: datetime) -> None:
    """Accepts a code once. Raises `WrongCode`, also for a code whose step was used before."""
    step = matching_step(office.vault.open_office(user.totp_sealed).reveal(), code, now)
    if step is None:
        raise WrongCode
    taken = await session.execute(
        update(User)
        .where(col(User.id) == user.id, col(User.totp_last_step) < step)
        .values(totp_last_step=step)
        .returning(col(User.id))
    )
    if taken.scalar_one_or_none() is None:
        raise WrongCode


async def enrol(session: AsyncSession, office: Office, user: User, secret: str, code: str, now: datetime) -> None:
    """Turns the second factor on once the user has shown that their device counts along. Raises `WrongCode`."""
    step = matching_step(secret, code, now)
    if step is None:
        raise WrongCode
    user.totp_sealed = office.vault.seal_office(secret)
    user.totp_last_step = step
    session.add(user)
    await session.flush()
