"""`linli bench`: the budgets, measured on this machine; ends with 1 when a goal does not hold."""

from typing import Annotated

import typer

import backend.areas.bench
import bot.bench.intake
import bot.bench.notices
import bot.bench.understand
from bot.logs import set_up_logs

bench_app = typer.Typer(no_args_is_help=True, help="Measure the budgets on this machine.")

Url = Annotated[str, typer.Option(help="an EMPTY PostgreSQL database to measure on; default: a fresh SQLite file")]


def _quiet() -> None:
    set_up_logs("json", quiet=True)


def _end(*holds: bool) -> None:
    raise typer.Exit(0 if all(holds) else 1)


@bench_app.command()
def intake(seconds: Annotated[float, typer.Option(help="per phase")] = 4.0, database: Url = "") -> None:
    """Webhook to durable row to answer, beside a no-op and the bare commit rate."""
    _end(bot.bench.intake.run(seconds, database))


@bench_app.command()
def understand() -> None:
    """One message, in process."""
    _end(bot.bench.understand.run())


@bench_app.command()
def notices(
    count: Annotated[int, typer.Option(help="bulk news that waits")] = 100_000,
    permitted: Annotated[int, typer.Option(help="messages a second the vendor permits")] = 30,
    seconds: Annotated[float, typer.Option(help="measured time")] = 20.0,
    database: Url = "",
) -> None:
    """The sender's pace, and urgent news behind bulk."""
    _quiet()
    _end(bot.bench.notices.run(count, permitted, seconds, database))


@bench_app.command()
def places(addresses: Annotated[int, typer.Option(help="made-up addresses")] = 1_000_000) -> None:
    """Address to grid."""
    figures = backend.areas.bench.run(addresses)
    _end(figures["p99_ms"] <= 2, figures["gazetteer_mb"] <= 600)


@bench_app.command(name="all")
def everything() -> None:
    """Everything above, one after the other."""
    _quiet()
    figures = backend.areas.bench.run()
    _end(
        bot.bench.understand.run(),
        bot.bench.intake.run(),
        bot.bench.notices.run(),
        figures["p99_ms"] <= 2,
        figures["gazetteer_mb"] <= 600,
    )
