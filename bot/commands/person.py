"""`linli person export` and `linli person erase`: a person's rights over their own data (PIPL, articles 45–47)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.office import Office
from backend.people.models import Resident
from backend.people.residents import residents_by_phone
from backend.personal.erasing import erase_person
from backend.personal.exporting import export_person
from backend.personal.linking import link
from bot.commands.terminal import out, run
from bot.main import open_office
from bot.settings import Settings
from nlu.errors import LinliError

BY = "command line"
person = typer.Typer(no_args_is_help=True, help="What the law gives a person over their own data.")
Phone = Annotated[str, typer.Option(help="their telephone, as they gave it to us")]
ByNumber = Annotated[int, typer.Option("--id", help="the resident's id, for people who gave no telephone")]


class PersonUnknown(LinliError):
    """Nobody is known here under this telephone or id."""

    code: ClassVar[str] = "person_unknown"
    status: ClassVar[int] = 404


@person.command("export")
def export(
    reason: Annotated[str, typer.Option(help="who asked, and how you knew it was them")],
    phone: Phone = "",
    resident_id: ByNumber = 0,
    file: Annotated[Path | None, typer.Option(help="where to write; else to the terminal")] = None,
) -> None:
    """Write down everything we know of a person, as JSON."""
    found = run(lambda settings: _export(settings, phone, resident_id, reason))
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if file is None:
        typer.echo(text)
        return
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    out.print(f"{file}: {len(found)}")


@person.command("erase")
def erase(
    reason: Annotated[str, typer.Option(help="who asked, and how you knew it was them")],
    phone: Phone = "",
    resident_id: ByNumber = 0,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask again")] = False,
) -> None:
    """Forget a person for good; their cases stay, with nobody behind them."""
    if not yes:
        typer.confirm("这不能撤销 / this cannot be undone. 继续 / go on?", abort=True)
    count = run(lambda settings: _erase(settings, phone, resident_id, reason))
    out.print(f"已删除 / erased: {count}")


@person.command("link")
def link_people(
    phone: Annotated[str, typer.Option(help="the telephone that several entries share")],
    reason: Annotated[str, typer.Option(help="who asked, and how you knew during the call that it is one person")],
) -> None:
    """Make the entries of one person one, after an operator has checked who it is; the oldest stays."""
    count = run(lambda settings: _link(settings, phone, reason))
    out.print(f"已合并 / joined: {count}")


async def _link(settings: Settings, phone: str, reason: str) -> int:
    office = await open_office(settings)
    try:
        async with office.database.write() as session:
            kept, *others = await _people(session, office, phone, 0)
            for other in others:
                await link(session, office, kept, other, BY, reason, datetime.now(UTC))
        return len(others)
    finally:
        await office.database.close()


async def _people(session: AsyncSession, office: Office, phone: str, resident_id: int) -> list[Resident]:
    found = await residents_by_phone(session, office, phone) if phone else []
    one = await session.get(Resident, resident_id) if resident_id and not phone else None
    people = [*found, *([one] if one is not None and one.erased_at is None else [])]
    if not people:
        raise PersonUnknown
    return people


async def _export(settings: Settings, phone: str, resident_id: int, reason: str) -> list[dict[str, Any]]:
    office = await open_office(settings)
    try:
        async with office.database.write() as session:
            people = await _people(session, office, phone, resident_id)
            now = datetime.now(UTC)
            return [await export_person(session, office, one, BY, reason, now) for one in people]
    finally:
        await office.database.close()


async def _erase(settings: Settings, phone: str, resident_id: int, reason: str) -> int:
    office = await open_office(settings)
    try:
        async with office.database.write() as session:
            people = await _people(session, office, phone, resident_id)
            for one in people:
                await erase_person(session, office, one, BY, reason, datetime.now(UTC))
        return len(people)
    finally:
        await office.database.close()
