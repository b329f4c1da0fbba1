"""`linli demo`: an invented district to look at and learn with, marked as a demonstration everywhere."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table
from sqlmodel import select

from backend.areas.models import Area
from backend.db.database import Database
from backend.db.migrate import upgrade
from backend.demo.loading import DemoLogin, demo_logins, load_demo
from backend.demo.plan import DISTRICT
from backend.people.passwords import Passwords
from bot.commands.terminal import err, out, run
from bot.main import open_office
from bot.settings import Settings
from nlu.errors import LinliError


class RealDistrict(LinliError):
    """This database holds a real district; the demonstration is not mixed into it."""

    code = "real_district"
    status = 409


def demo(
    form: Annotated[str, typer.Option("--format", help="table | json")] = "table",
    if_empty: Annotated[bool, typer.Option("--if-empty", help="do nothing where a district is loaded already")] = False,
) -> None:
    """Load the demonstration district and print its logins."""
    logins = run(lambda settings: _demo(settings, if_empty))
    if form == "json":
        fields = ("role", "username", "password")
        rows = [{name: getattr(login, name) for name in fields} for login in logins]
        typer.echo(json.dumps({"logins": rows}, ensure_ascii=False))
    elif logins:
        _print_table(logins)


async def _demo(settings: Settings, if_empty: bool) -> list[DemoLogin]:
    database = Database(settings.database.url)
    await upgrade(database)
    async with database.read() as session:
        districts = (await session.exec(select(Area).where(Area.level == "district"))).all()
    await database.close()
    real = [area.name for area in districts if not area.is_demo]
    if real and if_empty:
        return []
    if real:
        raise RealDistrict(f"already loaded: {', '.join(real)}; use another LINLI_DATABASE__URL for the demonstration")
    office = replace(await open_office(settings, DISTRICT[0]), is_demo=True)
    try:
        if districts and if_empty:
            return demo_logins(office)
        with Progress(console=err, transient=True) as bar:
            task = bar.add_task("演示辖区 demonstration district", total=None)
            return await load_demo(
                office, datetime.now(UTC), Passwords(), lambda count: bar.update(task, completed=count)
            )
    finally:
        await office.database.close()


def _print_table(logins: list[DemoLogin]) -> None:
    table = Table("role", "username", "password", "", title="演示账号 demonstration logins (/admin)")
    for login in logins:
        table.add_row(login.role, login.username, login.password, login.display_name)
    out.print(table)
