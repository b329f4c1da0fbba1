"""Reports on screen and as spreadsheets: the ladder, the three rates, who carries how much; always within one's area.

What leaves the house says whose copy it is, holds no formula, and leaves a line in the audit log.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from backend.admin.choices import areas_below
from backend.admin.finding import NotHere
from backend.admin.panel import Panel, panel_of
from backend.admin.rendering import language_of, render, say, sentence_for
from backend.admin.who import Who, who_of
from backend.reports.assessment import assessment_report
from backend.reports.ladder import ladder_report
from backend.reports.layout import Table, assessment_table_of, ladder_table_of, rates_table_of
from backend.reports.rates import rates_report
from backend.reports.scope import GroupBy
from backend.reports.sheets import safe, workbook
from nlu.errors import LinliError

KINDS = ("ladder", "rates", "assessment")
GROUPS = tuple(group.value for group in GroupBy)
USUAL_DAYS = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader wants to see; days are local and both included."""

    kind: str
    by: str
    start: date
    end: date
    area: str


def asked_of(request: Request, panel: Panel, who: Who) -> Asked:
    """From the query string; an area outside the reader's own is not found."""
    params = request.query_params
    today = panel.office.local(panel.clock()).date()
    area = params.get("area", "") or who.area_code
    if area not in {code for code, _ in areas_below(panel.office, who.area_path)}:
        raise NotHere
    return Asked(
        kind=params.get("kind", "") if params.get("kind") in KINDS else KINDS[0],
        by=params.get("by", "") if params.get("by") in GROUPS else GroupBy.COMMUNITY.value,
        start=_day(params.get("start", "")) or today - timedelta(days=USUAL_DAYS - 1),
        end=_day(params.get("end", "")) or today,
        area=area,
    )


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


async def table_for(session: AsyncSession, panel: Panel, asked: Asked, language: str) -> Table:
    """The report as heading and rows. Raises `PeriodBackwards`."""
    office = panel.office
    if asked.kind == "ladder":
        return ladder_table_of(
            office.texts, await ladder_report(session, office, asked.start, asked.end, asked.area), language
        )
    by = GroupBy(asked.by)
    if asked.kind == "rates":
        return rates_table_of(
            office.texts, await rates_report(session, office, asked.start, asked.end, asked.area, by), language
        )
    report = await assessment_report(session, office, asked.start, asked.end, asked.area, by)
    return assessment_table_of(office.texts, report, language)


async def show_reports(request: Request) -> Response:
    """The report; `format=xlsx` or `csv` takes it out."""
    panel, who = panel_of(request), who_of(request)
    asked = asked_of(request, panel, who)
    sentence, table = "", None
    try:
        async with panel.office.database.read() as session:
            table = await table_for(session, panel, asked, language_of(request))
    except LinliError as refused:
        sentence = sentence_for(request, refused)
    wanted = request.query_params.get("format", "")
    if table is not None and wanted in ("xlsx", "csv"):
        return await _taken_out(request, asked, table, wanted)
    return render(
        request,
        "reports.html",
        asked=asked,
        table=table,
        sentence=sentence,
        kinds=KINDS,
        groups=GROUPS,
        areas=areas_below(panel.office, who.area_path),
    )


async def _taken_out(request: Request, asked: Asked, table: Table, wanted: str) -> Response:
    panel, who = panel_of(request), who_of(request)
    now = panel.clock()
    mark = say(request, "reports.watermark", name=who.name, at=f"{panel.office.local(now):%Y-%m-%d %H:%M}")
    async with panel.office.database.write() as session:
        await panel.office.auditor.record(
            session,
            at=now,
            actor=who.audit_key,
            action="take_report_out",
            subject=f"area:{asked.area}",
            kind=asked.kind,
            start=asked.start.isoformat(),
            end=asked.end.isoformat(),
            form=wanted,
        )
    name = f"{asked.kind}-{asked.area}-{asked.start:%Y%m%d}-{asked.end:%Y%m%d}.{wanted}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if wanted == "xlsx":
        return Response(workbook(table.title, table.heading, table.rows, mark), media_type=XLSX, headers=headers)
    return Response(as_csv(table, mark), media_type="text/csv; charset=utf-8", headers=headers)


def as_csv(table: Table, mark: str) -> bytes:
    """CSV that spreadsheets read as UTF-8 and take no formula from; the first row says whose copy it is."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([safe(mark)])
    rows.writerow([safe(name) for name in table.heading])
    rows.writerows([[safe(cell) for cell in row] for row in table.rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
