"""`linli`: the one command. Each task of the people who run it is a small file in `bot/commands`."""

import typer

from bot.commands.audit import verify_audit
from bot.commands.bench import bench_app
from bot.commands.chat import chat
from bot.commands.demo import demo
from bot.commands.due import due
from bot.commands.export import export
from bot.commands.init import init
from bot.commands.keep import backup, restore
from bot.commands.load import load
from bot.commands.person import person
from bot.commands.report import report
from bot.commands.serve import serve
from bot.commands.simulate import simulate
from bot.commands.token import token
from bot.commands.understanding import nlu_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="linli 邻里: a resident-service front door.",
)

app.command()(init)
app.command()(demo)
app.command()(serve)
app.command()(token)
app.command()(chat)
app.command("import")(load)
app.command()(export)
app.command()(due)
app.command()(report)
app.command()(simulate)
app.command()(backup)
app.command()(restore)
app.command("verify-audit")(verify_audit)
app.add_typer(person, name="person")
app.add_typer(bench_app, name="bench")
app.add_typer(nlu_app, name="nlu")

if __name__ == "__main__":
    app()
