"""`linli import`: areas, addresses, staff, items or knowledge from a file; all of it or nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from backend.db.database import Database
from backend.db.migrate import upgrade
from backend.imports.records import Kind
from backend.imports.run import Report, import_file
from backend.people.vault import Vault
from backend.texts import Texts
from bot.commands.terminal import err, out, run
from bot.main import master_secret
from bot.settings import Settings

COLUMNS = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
MOST_SHOWN = 200  # problems on the screen; the count of all is always printed


def load(
    path: Annotated[Path, typer.Argument(help="areas.geojson, addresses.csv, staff.csv, items.csv, knowledge.csv")],
    kind: Annotated[Kind | None, typer.Option("--as", help="what the file holds, when its name does not say")] = None,
    check: Annotated[bool, typer.Option("--check", help="only look: name every bad row, write nothing")] = False,
    language: Annotated[str, typer.Option(help="zh_CN | en")] = "zh_CN",
) -> None:
    """Load a file; every bad row is named with its line and reason."""
    report = run(lambda settings: _load(settings, path, kind, check))
    texts = Texts.load()
    for problem in report.problems[:MOST_SHOWN]:
        err.print(problem.say(texts, language), markup=False, highlight=False)
    out.print(report.summary(texts, language), markup=False, highlight=False)
    raise typer.Exit(0 if report.is_good else 1)


async def _load(settings: Settings, path: Path, kind: Kind | None, check: bool) -> Report:
    database = Database(settings.database.url)
    await upgrade(database)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    try:
        with Progress(*columns, console=err, transient=True) as bar:
            tasks = {name: bar.add_task(name, total=None) for name in ("read", "write")}
            return await import_file(
                database,
                Vault(master_secret(settings)),
                path,
                district=settings.district,
                now=datetime.now(UTC),
                kind=kind,
                is_check=check,
                stage=lambda name, rows: bar.update(tasks[name], completed=rows),
            )
    finally:
        await database.close()
