"""`linli nlu …`: train, parse, evaluate, compare, promote, restore.

The composition root mounts `nlu_app`, or builds its own with `build_nlu_app` when it has the operators' corrections
to give. Training needs scikit-learn; parsing does not load it.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from nlu.engines.opening import DEFAULT_DIRECTORY, open_linear
from nlu.engines.storage import ModelRefused
from nlu.errors import LinliError
from nlu.reader import open_reader
from nlu.taxonomy import load_taxonomy
from nlu.training import promote as promotion

if TYPE_CHECKING:
    from nlu.training.corpus import Example

_T = TypeVar("_T")


def _key_from_environment() -> bytes:
    return os.environ.get("LINLI_SECRET_KEY", "").encode()


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the caller supplies: where models live, the signing key, and the corrections operators made."""

    models: Callable[[], Path] = lambda: DEFAULT_DIRECTORY
    key: Callable[[], bytes] = _key_from_environment
    corrections: Callable[[], "Iterable[Example]"] = tuple


ModelsOption = Annotated[Path | None, typer.Option("--models", help="directory of the model versions")]
OutOption = Annotated[Path | None, typer.Option("--out", help="write here instead of the terminal")]


def build_nlu_app(wiring: Wiring | None = None) -> typer.Typer:
    """The sub-app with `wiring`; refusals end with one sentence on stderr and exit code 1."""
    given = wiring or Wiring()
    app = typer.Typer(no_args_is_help=True, help="Understanding: train, parse, evaluate, compare, promote, restore.")

    @app.command()
    def parse(models: ModelsOption = None) -> None:
        """One text per line on stdin, one JSON object per line on stdout."""
        reader = open_reader(models or given.models(), given.key())
        for raw in sys.stdin.buffer:
            text = raw.decode("utf-8", "replace").rstrip("\r\n")
            said = reader.read(text, datetime.now().astimezone()).as_json()
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    @app.command()
    def train(
        with_corrections: Annotated[bool, typer.Option("--with-corrections", help="learn from operators too")] = False,
        if_missing: Annotated[bool, typer.Option("--if-missing", help="only when no sound model serves")] = False,
        models: ModelsOption = None,
    ) -> None:
        """Train a version on nlu/data and judge it on the test set; it serves only after `promote`."""
        directory, key = models or given.models(), given.key()
        if if_missing and (serving := _serving(directory, key)):
            typer.echo(f"understanding: model {serving}")
            return
        said = given.corrections() if with_corrections else ()
        version = _refusing(lambda: _commands().train(directory, key, said))
        if if_missing:
            _refusing(lambda: promotion.promote(directory, version, key))
            typer.echo(f"serving {version}")

    @app.command()
    def evaluate(
        models: ModelsOption = None,
        html: Annotated[Path | None, typer.Option("--html", help="also write a page with charts")] = None,
        addresses: Annotated[Path | None, typer.Option("--addresses", help="a labelled TSV of addresses")] = None,
        out: OutOption = None,
    ) -> None:
        """Judge the serving model on the test set; JSON, and a page with --html."""
        _refusing(lambda: _commands().evaluate_model(models or given.models(), given.key(), html, addresses, out))

    @app.command()
    def compare(
        data: Annotated[Path | None, typer.Option("--data", help="a CSV with the columns text,label")] = None,
        rasa_url: Annotated[str | None, typer.Option("--rasa-url", help="a running Rasa server")] = None,
        rasa_epochs: Annotated[int, typer.Option("--rasa-epochs", help="epochs for Rasa on --data; 0: no Rasa")] = 0,
        models: ModelsOption = None,
        out: OutOption = None,
    ) -> None:
        """Linear against Rasa on the test set, or both learners on your own labelled file."""
        _refusing(lambda: _commands().compare(models or given.models(), given.key(), data, rasa_url, rasa_epochs, out))

    @app.command()
    def promote(version: str, models: ModelsOption = None) -> None:
        """Let a trained version serve; refused when any gate falls."""
        _refusing(lambda: promotion.promote(models or given.models(), version, given.key()))
        typer.echo(f"serving {version}")

    @app.command()
    def restore(models: ModelsOption = None) -> None:
        """Let the version that served before serve again."""
        typer.echo(f"serving {_refusing(lambda: promotion.restore(models or given.models(), given.key()))}")

    return app


def _serving(directory: Path, key: bytes) -> str | None:
    """The version that would serve now, promoted or shipped; None when even the shipped one is damaged."""
    try:
        opened = open_linear(directory, key, load_taxonomy())
    except ModelRefused as refusal:
        typer.echo(f"{refusal.code}: {refusal}", err=True)
        return None
    return f"{opened.engine.version} ({opened.source})"


def _refusing(action: Callable[[], _T]) -> _T:
    """Runs `action`; a refusal becomes one line and exit code 1."""
    try:
        return action()
    except LinliError as refusal:
        typer.echo(f"{refusal.code}: {refusal}", err=True)
        raise typer.Exit(1) from refusal


def _commands() -> ModuleType:
    """The commands that train and judge; loaded late because scikit-learn takes a second and parsing must not wait."""
    from nlu.training import commands  # noqa: PLC0415 - see above

    return commands


nlu_app = build_nlu_app()

if __name__ == "__main__":
    nlu_app()
