"""`linli verify-audit`: whether the chained audit log is whole, and where it is not."""

import typer

from backend.people.audit import first_broken_line
from bot.commands.terminal import err, out, run
from bot.main import open_office
from bot.settings import Settings


def verify_audit() -> None:
    """Check every line of the audit log; exit code 1 names the first one that was altered, removed or moved."""
    broken = run(_first_broken)
    if broken is None:
        out.print("审计日志完整 / the audit log is whole")
        return
    err.print(f"[red]审计日志第 {broken[0]} 行有问题 / line {broken[0]}: {broken[1]}[/red]")
    raise typer.Exit(1)


async def _first_broken(settings: Settings) -> tuple[int, str] | None:
    office = await open_office(settings)
    try:
        async with office.database.read() as session:
            return await first_broken_line(session, office.auditor.key)
    finally:
        await office.database.close()
