"""A measured figure beside its goal, and the table that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One line. `holds` is None where there is no goal."""

    name: str
    value: str
    goal: str = ""
    holds: bool | None = None


def at(times: Sequence[float], share: float) -> float:
    """The value below which this share of the sorted `times` lies."""
    return times[min(int(len(times) * share), len(times) - 1)]


def show(title: str, figures: Sequence[Figure]) -> bool:
    """Prints the table; whether every goal holds."""
    table = Table(title=title, title_justify="left")
    for name in ("what", "measured", "goal", ""):
        table.add_column(name)
    for figure in figures:
        mark = "" if figure.holds is None else "✓" if figure.holds else "✗"
        table.add_row(figure.name, figure.value, figure.goal, mark)
    Console().print(table)
    return all(figure.holds is not False for figure in figures)
