"""Reports as headings and rows, the same on screen, in a spreadsheet and in the panel; cases by number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.rates import Rate
from backend.reports.assessment import AssessmentReport
from backend.reports.drilldown import CaseBehind
from backend.reports.ladder import LadderReport
from backend.reports.rates import Figure, RateLine, RatesReport
from backend.reports.sheets import Cell
from backend.texts import Texts


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table. Rates are written in per cent with the counts beside them: `72.4 (2904/4011)`."""

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def ladder_table_of(texts: Texts, report: LadderReport, language: str = "zh_CN") -> Table:
    """Accepted, settled, reported up, open; one row per area below and the total first."""
    columns = ("area", "accepted", "settled", "settled_share", "reported_up", "reported_up_share", "open")
    rows = [
        (name, t.accepted, t.settled, t.share(t.settled), t.reported_up, t.share(t.reported_up), t.open)
        for name, t in [(report.name, report.table), *((line.name, line.table) for line in report.lines)]
    ]
    return Table(texts.say("reports.title.ladder", language), _columns(texts, language, columns), tuple(rows))


def rates_table_of(texts: Texts, report: RatesReport, language: str = "zh_CN") -> Table:
    """One row per group, the total last."""
    total = texts.say("reports.total", language)
    rows = [_rate_row(line, line.name) for line in report.lines] + [_rate_row(report.total, total)]
    heading = (*_columns(texts, language, ("group", "cases")), *_rate_names(texts, language))
    return Table(texts.say("reports.title.rates", language), heading, tuple(rows))


def assessment_table_of(texts: Texts, report: AssessmentReport, language: str = "zh_CN") -> Table:
    """One row per group, best first; what was excluded stands below with its reason and approver."""
    names = ("group", "cases", "score", "street_score", "department_score", "complete")
    heading = (*_columns(texts, language, names), *_rate_names(texts, language))
    rows: list[tuple[Cell, ...]] = []
    for line in report.lines:
        complete = texts.say("reports.is_complete" if line.complete else "reports.is_partial", language)
        scores: tuple[Cell, ...] = (line.score, line.street_score, line.department_score)
        rows.append((line.name, line.cases, *scores, complete, *(_shown(line.figures[rate]) for rate in Rate)))
    for one in report.excluded:
        which = texts.say(f"reports.rate.{one.rate.value}", language) if one.rate else ""
        left_out: tuple[Cell, ...] = (one.number, which, one.reason, one.asked_by, one.approved_by)
        rows.append((*left_out, *[None] * (len(heading) - len(left_out))))
    return Table(texts.say("reports.title.assessment", language), heading, tuple(rows))


def cases_table_of(texts: Texts, cases: Sequence[CaseBehind], language: str = "zh_CN") -> Table:
    """The cases behind a figure; titles are already masked."""
    heading = _columns(texts, language, ("number", "title", "category", "state"))
    rows = tuple((case.number, case.title, case.category, case.state) for case in cases)
    return Table(heading[0], heading, rows)


def figures_as_json(figures: dict[Rate, Figure]) -> dict[str, Any]:
    """Rates for machines: counts and the value between 0 and 1."""
    return {r.value: {"above": f.above, "below": f.below, "value": f.value} for r, f in figures.items()}


def _rate_row(line: RateLine, name: str) -> tuple[Cell, ...]:
    return (name, line.cases, *(_shown(line.figures[rate]) for rate in Rate))


def _shown(figure: Figure) -> str:
    return "" if figure.value is None else f"{100 * figure.value:.1f} ({figure.above}/{figure.below})"


def _columns(texts: Texts, language: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(texts.say(f"reports.column.{name}", language) for name in names)


def _rate_names(texts: Texts, language: str) -> tuple[str, ...]:
    return tuple(f"{texts.say(f'reports.rate.{rate.value}', language)} %" for rate in Rate)
