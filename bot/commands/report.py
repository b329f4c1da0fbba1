"""`linli report`: the ladder table, the rates and the assessment of a place and period, with the cases behind them."""

import getpass
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Shown
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.rates import Rate
from backend.domain.words import Level
from backend.office import Office
from backend.reports.assessment import assessment_report
from backend.reports.drilldown import CaseBehind, Part, cases_behind, ladder_cases
from backend.reports.keeping import refresh_reports
from backend.reports.ladder import LadderReport, ladder_report
from backend.reports.layout import (
    Table,
    assessment_table_of,
    cases_table_of,
    figures_as_json,
    ladder_table_of,
    rates_table_of,
)
from backend.reports.rates import rates_report
from backend.reports.scope import GroupBy
from backend.reports.sheets import workbook
from bot.commands.terminal import err, out, run
from bot.main import open_office
from bot.settings import Settings

PARTS: tuple[Part, ...] = ("accepted", "settled", "reported_up", "open")
MOST_LISTED = 10_000


class What(StrEnum):
    """The reports."""

    LADDER = "ladder"
    RATES = "rates"
    ASSESSMENT = "assessment"


class Form(StrEnum):
    """How it is given out."""

    TABLE = "table"
    JSON = "json"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line said."""

    what: What
    start: date
    end: date
    area: str
    by: GroupBy | None
    top: Level
    behind: str
    key: str
    language: str


def report(
    what: Annotated[What, typer.Argument(help="ladder | rates | assessment")],
    start: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="first day")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="last day, included")] = None,
    area: Annotated[str, typer.Option(help="area code; the whole district without it")] = "",
    by: Annotated[GroupBy | None, typer.Option(help="one line per …")] = None,
    top: Annotated[Level, typer.Option(help="up to which level a case counts as settled on the spot")] = Level.STREET,
    behind: Annotated[
        str, typer.Option(help="list the cases behind: solved, -solved (below the line), settled …")
    ] = "",
    key: Annotated[str, typer.Option(help="with --behind and --by: only this group")] = "",
    form: Annotated[Form, typer.Option("--format")] = Form.TABLE,
    file: Annotated[Path | None, typer.Option("--out", help="where to write the xlsx file")] = None,
    language: Annotated[str, typer.Option(help="zh_CN | en")] = "zh_CN",
) -> None:
    """Print a report; without dates the last 30 days. Figures are brought up to date first."""

    async def answer(settings: Settings) -> tuple[Table, dict[str, Any], str]:
        office = await open_office(settings)
        try:
            now = datetime.now(UTC)
            await refresh_reports(office, now)
            last = end.date() if end else office.local(now).date()
            first = start.date() if start else last - timedelta(days=29)
            asked = Asked(what, first, last, area, by, top, behind, key, language)
            async with office.database.read() as session:
                table, as_json = await _report(session, office, asked)
            mark = office.texts.say(
                "reports.watermark", language, who=getpass.getuser(), at=f"{office.local(now):%Y-%m-%d %H:%M}"
            )
            return table, as_json, mark
        finally:
            await office.database.close()

    table, as_json, mark = run(answer)
    if form is Form.JSON:
        typer.echo(json.dumps(as_json, ensure_ascii=False))
    elif form is Form.XLSX:
        target = file or Path(f"linli-{what.value}.xlsx")
        target.write_bytes(workbook(table.title, table.heading, table.rows, mark))
        err.print(str(target))
    else:
        _show(table)


async def _report(session: AsyncSession, office: Office, asked: Asked) -> tuple[Table, dict[str, Any]]:
    if asked.behind:
        return await _behind(session, office, asked)
    days = (asked.start, asked.end, asked.area)
    head: dict[str, Any] = {"from": asked.start.isoformat(), "to": asked.end.isoformat(), "area": asked.area}
    if asked.what is What.LADDER:
        ladder = await ladder_report(session, office, *days, top=asked.top)
        return ladder_table_of(office.texts, ladder, asked.language), head | _ladder_json(ladder)
    if asked.what is What.RATES:
        rates = await rates_report(session, office, *days, by=asked.by or GroupBy.COMMUNITY)
        lines: Sequence[Any] = rates.lines
        table = rates_table_of(office.texts, rates, asked.language)
        head |= {"cases": rates.total.cases, "total": figures_as_json(rates.total.figures)}
    else:
        scores = await assessment_report(session, office, *days, by=asked.by or GroupBy.WORKER)
        lines, table = scores.lines, assessment_table_of(office.texts, scores, asked.language)
        head |= {
            "weights": {rate.value: weight for rate, weight in scores.weights.items()},
            "dual_weights": list(scores.dual_weights),
            "excluded": [
                {"number": o.number, "rate": o.rate, "reason": o.reason, "approved_by": o.approved_by}
                for o in scores.excluded
            ],
        }
    return table, head | {"lines": [_line_json(line) for line in lines]}


def _line_json(line: Any) -> dict[str, Any]:
    shown = {"key": line.key, "name": line.name, "cases": line.cases, "rates": figures_as_json(line.figures)}
    if hasattr(line, "score"):
        shown |= {
            "score": line.score,
            "street_score": line.street_score,
            "department_score": line.department_score,
            "complete": line.complete,
        }
    return shown


def _ladder_json(ladder: LadderReport) -> dict[str, Any]:
    def one(table: Any) -> dict[str, Any]:
        return {
            "accepted": table.accepted,
            "settled": table.settled,
            "settled_share": table.share(table.settled),
            "reported_up": table.reported_up,
            "reported_up_share": table.share(table.reported_up),
            "open": table.open,
            "by_level": {level.value: count for level, count in table.by_level.items()},
        }

    lines = [{"code": line.code, "name": line.name, **one(line.table)} for line in ladder.lines]
    return {"name": ladder.name, "top": ladder.top.value, **one(ladder.table), "lines": lines}


async def _behind(session: AsyncSession, office: Office, asked: Asked) -> tuple[Table, dict[str, Any]]:
    days = (asked.start, asked.end, asked.area)
    found: tuple[CaseBehind, ...]
    if asked.what is What.LADDER:
        part = next((one for one in PARTS if one == asked.behind), None)
        if part is None:
            raise typer.BadParameter(", ".join(PARTS), param_hint="--behind")
        found = await ladder_cases(session, office, *days, part=part, top=asked.top, limit=MOST_LISTED)
    else:
        name = asked.behind.removeprefix("-")
        if name not in set(Rate):
            raise typer.BadParameter(", ".join(Rate), param_hint="--behind")
        found = await cases_behind(
            session,
            office,
            *days,
            rate=Rate(name),
            above=name == asked.behind,
            by=asked.by if asked.key else None,
            key=asked.key,
            limit=MOST_LISTED,
        )
    return cases_table_of(office.texts, found, asked.language), {"numbers": [case.number for case in found]}


def _show(table: Table) -> None:
    shown = Shown(*table.heading, title=table.title)
    for row in table.rows:
        shown.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    out.print(shown)
