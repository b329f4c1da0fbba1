"""`linli bench`: the budgets, measured on this machine; ends with 1 when a goal does not hold.

The measurements bring stand-in vendors and their libraries (seconds to import): each command imports its own.
"""

from typing import Annotated

import typer

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
    import bot.bench.intake  # noqa: PLC0415  # heavy, and only for this

    _end(bot.bench.intake.run(seconds, database))


@bench_app.command()
def understand() -> None:
    """One message, in process."""
    import bot.bench.understand  # noqa: PLC0415  # heavy, and only for this

    _end(bot.bench.understand.run())


@bench_app.command()
def notices(
    count: Annotated[int, typer.Option(help="bulk news that waits")] = 100_000,
    permitted: Annotated[int, typer.Option(help="messages a second the vendor permits")] = 30,
    seconds: Annotated[float, typer.Option(help="measured time")] = 20.0,
    database: Url = "",
) -> None:
    """The sender's pace, and urgent news behind bulk."""
    import bot.bench.notices  # noqa: PLC0415  # heavy, and only for this

    _quiet()
    _end(bot.bench.notices.run(count, permitted, seconds, database))


@bench_app.command()
def places(addresses: Annotated[int, typer.Option(help="made-up addresses")] = 1_000_000) -> None:
    """Address to grid."""
    import backend.areas.bench  # noqa: PLC0415  # heavy, and only for this

    figures = backend.areas.bench.run(addresses)
    _end(figures["p99_ms"] <= 2, figures["gazetteer_mb"] <= 600)


@bench_app.command()
def lists(
    cases: Annotated[int, typer.Option(help="made-up cases, written to a scratch file here")] = 1_000_000,
) -> None:
    """The operator's lists, filters, search, dashboard and map with very many cases, on SQLite."""
    import bot.bench.lists  # noqa: PLC0415  # heavy, and only for this

    _quiet()
    _end(bot.bench.lists.run(cases))


@bench_app.command(name="all")
def everything() -> None:
    """Everything above but the lists, one after the other."""
    import backend.areas.bench  # noqa: PLC0415  # heavy, and only for this
    import bot.bench.intake  # noqa: PLC0415  # heavy, and only for this
    import bot.bench.notices  # noqa: PLC0415  # heavy, and only for this
    import bot.bench.understand  # noqa: PLC0415  # heavy, and only for this

    _quiet()
    figures = backend.areas.bench.run()
    _end(
        bot.bench.understand.run(),
        bot.bench.intake.run(),
        bot.bench.notices.run(),
        figures["p99_ms"] <= 2,
        figures["gazetteer_mb"] <= 600,
    )
