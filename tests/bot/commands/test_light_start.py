"""`linli --help` names every command without importing what they need."""

import subprocess
import sys

from typer.testing import CliRunner

from bot.cli import COMMANDS, app, load


def test_the_help_of_each_command_is_what_the_command_says_itself() -> None:
    for name, (_, said) in COMMANDS.items():
        own = (load(name).help or "").split("\n\n", 1)[0]
        assert " ".join(own.split()).startswith(said.rstrip(".")), name


def test_help_imports_neither_database_nor_web_server() -> None:
    program = (
        "import sys; import bot.cli;"
        "print([name for name in ('sqlalchemy', 'fastapi', 'aiogram', 'numpy') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_an_unknown_command_is_refused() -> None:
    answer = CliRunner().invoke(app, ["fly"])
    assert answer.exit_code == 2
