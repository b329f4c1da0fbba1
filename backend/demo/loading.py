"""Loads the invented district through the same plans and writers as an import, then its logins and its history.

Loading again changes nothing that is already there. Passwords are derived from the installation's own secret: the
same every time here, different everywhere else.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.cases.models import Case
from backend.demo import catalogue, land, people, plan
from backend.demo.application_history import load_applications
from backend.demo.case_history import load_cases
from backend.demo.cast import read_cast
from backend.imports.parsing import Progress
from backend.imports.records import Kind, Record
from backend.imports.run import plan_records
from backend.imports.writing import write_plan
from backend.office import Office
from backend.people.passwords import Passwords
from backend.people.users import create_user, user_by_name

STAFF_BEHIND = frozenset({"worker", "department"})  # these logins act as a member of staff of their place


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """What `linli demo` prints."""

    role: str
    username: str
    password: str
    display_name: str


def demo_password(office: Office, username: str) -> str:
    """Sixteen letters and digits, derived from the installation's secret."""
    digest = hmac.new(office.vault.subkey("demo-logins"), username.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def demo_logins(office: Office) -> list[DemoLogin]:
    """All logins of the demonstration with their passwords."""
    return [
        DemoLogin(login.role, login.username, demo_password(office, login.username), login.display_name)
        for login in people.logins()
    ]


async def load_demo(
    office: Office, now: datetime, passwords: Passwords, progress: Progress = lambda _: None
) -> list[DemoLogin]:
    """The whole district: lists, logins, three months of history up to `now`; the logins to print.

    `progress` counts history entries. Everything is written in one transaction.
    """
    async with office.database.write() as session:
        for kind, records in lists():
            await write_plan(
                session,
                await plan_records(session, kind, records, office.vault, plan.DISTRICT[0], now, is_demo=True),
            )
        await session.flush()
        await _open_logins(session, office, now, passwords)
        if (await session.exec(select(Case.id).limit(1))).first() is None:
            cast = await read_cast(session, office, now)
            await load_cases(session, office, cast, now, progress)
            await load_applications(session, office, cast, now, progress)
    return demo_logins(office)


def lists() -> list[tuple[Kind, list[Record]]]:
    """The five lists in the order they must be stored."""
    return [
        (Kind.AREAS, [*land.areas()]),
        (Kind.ADDRESSES, [*land.addresses()]),
        (Kind.STAFF, [*people.staff()]),
        (Kind.ITEMS, [*catalogue.items()]),
        (Kind.KNOWLEDGE, [*catalogue.articles()]),
    ]


async def _open_logins(session: AsyncSession, office: Office, now: datetime, passwords: Passwords) -> None:
    for login in people.logins():
        if await user_by_name(session, login.username) is None:
            await create_user(
                session,
                office,
                username=login.username,
                password=demo_password(office, login.username),
                role=login.role,
                area_code=login.area_code,
                now=now,
                display_name=login.display_name,
                unit=login.unit or None,
                staff_id=await _staff_behind(session, login),
                passwords=passwords,
            )


async def _staff_behind(session: AsyncSession, login: people.Login) -> int | None:
    if login.role not in STAFF_BEHIND:
        return None
    wanted = select(Staff.id).where(Staff.role == login.role, Staff.area_code == login.area_code, Staff.duty == "A")
    if login.unit:
        wanted = wanted.where(Staff.unit == login.unit)
    return (await session.exec(wanted.limit(1))).first()
