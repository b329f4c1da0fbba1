"""`linli due`: when what is due for a case filed at a moment, and why; for people who must explain a due time."""

import json
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area
from backend.areas.working_days import calendar_of, public_day
from backend.db.database import Database
from backend.db.migrate import is_current
from backend.domain.clock import Clock
from backend.domain.deadlines import due_times
from backend.domain.limits import Limit, limits_for
from backend.domain.reasons import say
from backend.domain.words import ClockName, Kind, LimitUnit, Urgency
from backend.domain.working_time import WorkingCalendar
from bot.commands.terminal import out, run
from bot.settings import Settings
from nlu.taxonomy import load_taxonomy


def due(
    category: Annotated[str, typer.Option(help="leaf code, e.g. urban.lighting")],
    at: Annotated[datetime, typer.Option(help="local time of filing", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])],
    urgency: Annotated[Urgency, typer.Option(help="normal | urgent | emergency")] = Urgency.NORMAL,
    area: Annotated[str, typer.Option(help="area code, for a district's own calendar")] = "",
    kind: Annotated[Kind, typer.Option(help="kind of case; the category's own limit goes before it")] = Kind.REPORT,
    form: Annotated[str, typer.Option("--format", help="table | json")] = "table",
    language: Annotated[str, typer.Option(help="zh_CN | en")] = "zh_CN",
) -> None:
    """Print each clock's due time and the reasons for it."""

    async def answer(settings: Settings) -> list[Clock]:
        leaf = load_taxonomy().leaf(category)
        own = {ClockName.RESOLVE: Limit(leaf.limit.amount, LimitUnit(leaf.limit.unit))}
        calendar = await _calendar(settings, area)
        return due_times(limits_for(kind, urgency, own), calendar, at.replace(tzinfo=ZoneInfo(settings.zone)))

    _show(run(answer), form, language)


async def _calendar(settings: Settings, area_code: str) -> WorkingCalendar:
    """The district's own calendar where there is a database with it, else the public one."""
    zone = ZoneInfo(settings.zone)
    database = Database(settings.database.url)
    try:
        if await is_current(database):
            async with database.read() as session:
                return await calendar_of(session, await _district(session, settings.district, area_code), zone)
    finally:
        await database.close()
    return WorkingCalendar(zone=zone, public=public_day)


async def _district(session: AsyncSession, wanted: str, area_code: str) -> str:
    area = await session.get(Area, area_code) if area_code else None
    return area.district_code if area is not None else wanted


def _show(clocks: list[Clock], form: str, language: str) -> None:
    if form == "json":
        typer.echo(json.dumps({"clocks": [_as_json(clock, language) for clock in clocks]}, ensure_ascii=False))
        return
    table = Table("clock", "due", "limit", "why")
    for clock in clocks:
        why = "；".join(say(reason, language) for reason in clock.reasons)
        limit = f"{clock.limit.amount:g} {clock.limit.unit}"
        table.add_row(clock.name.value, f"{clock.due_at:%Y-%m-%d %H:%M (%a)}", limit, why)
    out.print(table)


def _as_json(clock: Clock, language: str) -> dict[str, object]:
    return {
        "name": clock.name.value,
        "due_at": clock.due_at.isoformat(),
        "unit": clock.limit.unit.value,
        "limit": clock.limit.amount,
        "reasons": [say(reason, language) for reason in clock.reasons],
    }
