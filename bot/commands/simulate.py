"""`linli simulate`: play a scenario, or a generated city month, through the true rules on a scratch database."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress

from backend.office import Office
from bot.commands.terminal import err, out, run
from bot.main import open_office
from bot.settings import Settings
from bot.simulation.chart import LEGEND, Landed, landed
from bot.simulation.city import City, generate
from bot.simulation.playing import Happening, Play
from bot.simulation.scenario import read_scenario
from bot.simulation.world import scratch


def simulate(
    file: Annotated[Path | None, typer.Argument(help="the scenario, one JSON action per line")] = None,
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="local time at which it begins")
    ] = None,
    days: Annotated[float, typer.Option(help="go on for so many days after the last action")] = 0,
    here: Annotated[bool, typer.Option("--here", help="with this district's places, people and rules")] = False,
    city: Annotated[str, typer.Option("--generate", help="residents=1000000,days=30: a city month in bulk")] = "",
    keep: Annotated[Path | None, typer.Option(help="keep the scratch database in this file")] = None,
    form: Annotated[str, typer.Option("--format", help="table | json")] = "table",
) -> None:
    """Where cases land, what is due when, who is told, what escalates. Nothing of the real office is touched."""
    if (file is None) == (not city):
        raise typer.BadParameter("give a scenario file or --generate")

    async def play(settings: Settings) -> tuple[list[Happening], list[Landed], ZoneInfo]:
        zone = ZoneInfo(settings.zone)
        begin = (start or datetime(2026, 11, 2, 8, 0)).replace(tzinfo=zone)  # noqa: DTZ001 the zone follows at once
        source = await open_office(settings) if here else None
        try:
            async with scratch(settings, begin, source, keep, is_empty=bool(city)) as office:
                if city:
                    await _generate(office, City.read(city), begin, settings)
                    return [], [], zone
                assert file is not None
                actions = read_scenario(file.read_text(encoding="utf-8").splitlines(), begin, zone)
                end = (actions[-1].at if actions else begin) + timedelta(days=days)
                running = Play(office, begin)
                await running.run(actions, end)
                return running.happenings, await landed(running, begin, max(end, begin + timedelta(hours=1))), zone
        finally:
            if source is not None:
                await source.database.close()

    happenings, rows, zone = run(play)
    if city:
        return
    if form == "json":
        typer.echo(json.dumps(_as_json(happenings, rows, zone), ensure_ascii=False))
    else:
        _show(happenings, rows, zone)


async def _generate(office: Office, city: City, begin: datetime, settings: Settings) -> None:
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("city", total=city.a_day * city.days)
        lines = await generate(office, city, begin, settings, lambda done: bar.update(task, completed=done))
    for line in lines:
        out.print(line, markup=False, highlight=False)


def _show(happenings: list[Happening], rows: list[Landed], zone: ZoneInfo) -> None:
    """Plain lines, so that they can be searched: first what happened, then where each case landed, then the chart."""
    for one in happenings:
        when = f"{one.at.astimezone(zone):%m-%d %H:%M}"
        typer.echo(f"{when}  {one.kind:<7} {one.case:<10} {one.who:<8} {one.what:<18} {one.detail}")
    typer.echo("")
    for row in rows:
        due = f"{row.due_at.astimezone(zone):%m-%d %H:%M}" if row.due_at else "-"
        typer.echo(
            f"{row.label}  {row.number}  {row.state}  {row.level}  {row.owner or '-'}  due {due}  told {row.told}"
        )
        typer.echo(f"    warned: {' '.join(row.warnings) or '-'}   pushed up: {' '.join(row.escalated) or '-'}")
    typer.echo("")
    width = max((len(row.label) for row in rows), default=0)
    for row in rows:
        typer.echo(f"{row.label:<{width}} |{row.line}|")
    typer.echo(LEGEND)


def _as_json(happenings: list[Happening], rows: list[Landed], zone: ZoneInfo) -> dict[str, object]:
    def local(at: datetime | None) -> str | None:
        return at.astimezone(zone).isoformat() if at else None

    return {
        "happenings": [
            {"at": local(o.at), "kind": o.kind, "case": o.case, "who": o.who, "what": o.what, "detail": o.detail}
            for o in happenings
        ],
        "cases": [
            {"case": r.label, "number": r.number, "state": r.state, "level": r.level, "owner": r.owner,
             "due_at": local(r.due_at), "told": r.told, "warnings": list(r.warnings), "escalated": list(r.escalated)}
            for r in rows
        ],
    }  # fmt: skip
