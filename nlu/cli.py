"""`linli nlu …`: train, parse, evaluate, compare, promote, restore. The composition root mounts `nlu_app`."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from nlu.engines.opening import DEFAULT_DIRECTORY
from nlu.reader import open_reader

nlu_app = typer.Typer(no_args_is_help=True, help="Understanding: train, parse, evaluate, compare, promote.")

Directory = Annotated[Path, typer.Option("--models", envvar="LINLI_NLU__MODELS", help="where model versions live")]


def signing_key() -> bytes:
    """The key that signs models."""
    import os

    return os.environ.get("LINLI_SECRET_KEY", "").encode()


@nlu_app.command()
def parse(models: Directory = DEFAULT_DIRECTORY) -> None:
    """One text per line on stdin, one JSON object per line on stdout."""
    reader = open_reader(models, signing_key())
    for line in sys.stdin:
        understanding = reader.read(line.rstrip("\r\n"), datetime.now().astimezone())
        sys.stdout.write(json.dumps(understanding.as_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()


@nlu_app.callback()
def main() -> None:
    """Understanding."""


if __name__ == "__main__":
    nlu_app()
