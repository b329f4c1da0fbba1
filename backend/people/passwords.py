"""Passwords of panel users: Argon2id with fixed costs, a cap before hashing, and the same time for unknown names.

Costs: t=2, 19 MiB, p=1 (the smallest set OWASP accepts); at most two hashes at once, so that a wave of logins takes
time and not the machine's memory.
"""

import asyncio
import secrets
from typing import ClassVar

from pwdlib.hashers.argon2 import Argon2Hasher

from nlu.errors import LinliError

LONGEST = 1024  # characters; longer ones are refused before any hashing
SHORTEST = 10  # refused below; fifteen and more are advised on the page
AT_ONCE = 2


class PasswordTooLong(LinliError):
    """A password may have at most 1,024 characters."""

    code: ClassVar[str] = "password_too_long"
    status: ClassVar[int] = 413


class PasswordTooShort(LinliError):
    """A password needs at least 10 characters; 15 or more are better."""

    code: ClassVar[str] = "password_too_short"
    status: ClassVar[int] = 422


class Passwords:
    """Hashes and checks; one instance per process, since the limit of two at once counts per instance."""

    def __init__(self) -> None:
        self._hasher = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._nobody = self._hasher.hash(secrets.token_urlsafe(24))

    async def hash(self, password: str) -> str:
        """The hash to store. Raises `PasswordTooLong` or `PasswordTooShort`."""
        if len(password) < SHORTEST:
            raise PasswordTooShort
        return await self._in_thread(password)

    async def check(self, password: str, stored: str | None) -> bool:
        """Whether it is the password. `stored` None (no such user) takes as long and answers no.

        Raises `PasswordTooLong` for both alike.
        """
        if len(password) > LONGEST:
            raise PasswordTooLong
        async with self._gate:
            right = await asyncio.to_thread(self._hasher.verify, password, stored or self._nobody)
        return right and stored is not None

    async def _in_thread(self, password: str) -> str:
        if len(password) > LONGEST:
            raise PasswordTooLong
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, password)
