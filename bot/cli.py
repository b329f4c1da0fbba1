"""`linli`: the one command. Each task of the people who run it is a small file in `bot/commands`.

Only the command that was asked for is imported: the help of all of them is here, so that `linli --help` is light.
"""

from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup

COMMANDS = {
    "init": ("init:init", "Make the secret, the folders and the database tables; keeps whatever is there already."),
    "demo": ("demo:demo", "Load the demonstration district and print its logins."),
    "serve": ("serve:serve", "Serve residents, workers and operators. Ctrl-C ends cleanly."),
    "token": ("token:token", "Make an API token; it is printed once and never again."),
    "chat": ("chat:chat", "Talk to linli in the terminal."),
    "import": ("load:load", "Load a file; every bad row is named with its line and reason."),
    "export": ("export:export", "Write one of the lists as a file that can be imported again."),
    "due": ("due:due", "Print each clock's due time and the reasons for it."),
    "report": (
        "report:report",
        "Print a report; without dates the last 30 days. Figures are brought up to date first.",
    ),
    "simulate": (
        "simulate:simulate",
        "Where cases land, what is due when, who is told, what escalates. Nothing of the real office is touched.",
    ),
    "backup": (
        "keep:backup",
        "Write database, photos and models into one file; the server may keep running.",
    ),
    "restore": ("keep:restore", "Put a backup back; stop the server first."),
    "verify-audit": (
        "audit:verify_audit",
        "Check every line of the audit log; exit code 1 names the first one that was altered, removed or moved.",
    ),
    "person": ("person:person", "What the law gives a person over their own data."),
    "bench": ("bench:bench_app", "Measure the budgets on this machine."),
    "nlu": ("understanding:nlu_app", "Understanding: train, parse, evaluate, compare, promote, restore."),
}


def load(name: str) -> Any:
    """The command as click runs it."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(f"bot.commands.{module}"), attribute)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)


class Lazily(TyperGroup):
    """Lists all commands by name and help; imports the one that runs."""

    names: ClassVar[list[str]] = list(COMMANDS)

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of the table."""
        return self.names

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in with name and help, for lists."""
        if cmd_name not in COMMANDS:
            return None
        return typer.core.TyperCommand(cmd_name, help=COMMANDS[cmd_name][1])

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command itself."""
        name, stand_in, rest = super().resolve_command(ctx, args)
        return name, load(name) if name in COMMANDS else stand_in, rest


app = typer.Typer(cls=Lazily, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def linli() -> None:
    """linli 邻里: a resident-service front door."""


if __name__ == "__main__":
    app()
