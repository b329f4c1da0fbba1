"""`linli verify-audit`: whether the chained audit log is whole, and where it is not."""

from typing import Annotated

import typer

from backend.people.audit import first_broken_line, log_mark
from bot.commands.terminal import err, out, run
from bot.main import open_office
from bot.settings import Settings


def verify_audit(
    mark: Annotated[str, typer.Option(help="a mark printed earlier: finds a database put back to an older state")] = "",
) -> None:
    """Check every line of the audit log; exit code 1 names the first one that was altered, removed or moved."""
    broken, latest = run(lambda settings: _look(settings, mark))
    if broken is None:
        out.print(f"审计日志完整 / the audit log is whole\n标记 / mark: {latest}", soft_wrap=True)
        return
    err.print(f"[red]审计日志第 {broken[0]} 行有问题 / line {broken[0]}: {broken[1]}[/red]")
    raise typer.Exit(1)


async def _look(settings: Settings, mark: str) -> tuple[tuple[int, str] | None, str]:
    office = await open_office(settings)
    try:
        async with office.database.read() as session:
            return await first_broken_line(session, office.auditor.key, mark), await log_mark(session)
    finally:
        await office.database.close()
