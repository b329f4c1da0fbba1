"""`linli nlu …`: train, parse, evaluate, compare, promote, restore.

The composition root mounts `nlu_app`, or builds its own with `build_nlu_app` when it has the operators' corrections
to give. Training needs scikit-learn; parsing does not load it.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from nlu.engines.opening import DEFAULT_DIRECTORY, open_linear
from nlu.engines.rasa_http import RasaEngine
from nlu.errors import LinliError
from nlu.reader import open_reader
from nlu.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from nlu.training.corpus import Example

_T = TypeVar("_T")
_console = Console(stderr=True)


def _key_from_environment() -> bytes:
    return os.environ.get("LINLI_SECRET_KEY", "").encode()


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the caller supplies: where models live, the signing key, and the corrections operators made."""

    models: Path = DEFAULT_DIRECTORY
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
        reader = open_reader(models or given.models, given.key())
        for raw in sys.stdin.buffer:
            text = raw.decode("utf-8", "replace").rstrip("\r\n")
            said = reader.read(text, datetime.now().astimezone()).as_json()
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    @app.command()
    def train(
        with_corrections: Annotated[bool, typer.Option("--with-corrections", help="learn from operators too")] = False,
        models: ModelsOption = None,
    ) -> None:
        """Train a version on nlu/data and judge it on the test set; it serves only after `promote`."""
        _refusing(lambda: _train(models or given.models, given.key(), given.corrections() if with_corrections else ()))

    @app.command()
    def evaluate(
        models: ModelsOption = None,
        html: Annotated[Path | None, typer.Option("--html", help="also write a page with charts")] = None,
        addresses: Annotated[Path | None, typer.Option("--addresses", help="a labelled TSV of addresses")] = None,
        out: OutOption = None,
    ) -> None:
        """Judge the serving model on the test set; JSON, and a page with --html."""
        _refusing(lambda: _evaluate(models or given.models, given.key(), html, addresses, out))

    @app.command()
    def compare(
        data: Annotated[Path | None, typer.Option("--data", help="a CSV with the columns text,label")] = None,
        rasa_url: Annotated[str | None, typer.Option("--rasa-url", help="a running Rasa server")] = None,
        models: ModelsOption = None,
        out: OutOption = None,
    ) -> None:
        """Linear against Rasa on the test set, or the linear learner on your own labelled file."""
        _refusing(lambda: _compare(models or given.models, given.key(), data, rasa_url, out))

    @app.command()
    def promote(version: str, models: ModelsOption = None) -> None:
        """Let a trained version serve; refused when any gate falls."""
        from nlu.training.promote import promote as make_serve

        _refusing(lambda: make_serve(models or given.models, version, given.key()))
        typer.echo(f"serving {version}")

    @app.command()
    def restore(models: ModelsOption = None) -> None:
        """Let the version that served before serve again."""
        from nlu.training.promote import restore as bring_back

        typer.echo(f"serving {_refusing(lambda: bring_back(models or given.models, given.key()))}")

    return app


def _refusing(action: Callable[[], _T]) -> _T:
    """Runs `action`; a refusal becomes one line and exit code 1."""
    try:
        return action()
    except LinliError as refusal:
        typer.echo(f"{refusal.code}: {refusal}", err=True)
        raise typer.Exit(1) from refusal


def _train(directory: Path, key: bytes, corrections: "Iterable[Example]") -> None:
    from nlu.engines.linear import LinearEngine
    from nlu.engines.storage import save
    from nlu.training.build import build
    from nlu.training.checks import near_duplicates, shortfalls
    from nlu.training.corpus import TRAIN, read_examples
    from nlu.training.evaluate import evaluate, test_examples

    taxonomy = load_taxonomy()
    examples = read_examples(TRAIN, taxonomy.leaves)
    for sentence in shortfalls(examples, taxonomy.leaves):
        _console.print(f"[yellow]{sentence}[/]")
    twins = near_duplicates(examples)
    if twins:
        _console.print(f"[yellow]{len(twins)} near-duplicates, for example {twins[0]}[/]")
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console) as bar:
        task = bar.add_task("train", total=1.0)
        model = build(
            examples,
            taxonomy,
            datetime.now().astimezone(),
            corrections=corrections,
            progress=lambda step, share: bar.update(task, description=step, completed=share),
        )
    scores = evaluate(LinearEngine(model, taxonomy), test_examples(taxonomy))
    model = replace(model, facts={**model.facts, "scores": scores})
    version = str(model.facts["version"])
    save(model, directory / version, key)
    _emit({"version": version, **_headline(scores)}, None)


def _evaluate(directory: Path, key: bytes, html: Path | None, addresses: Path | None, out: Path | None) -> None:
    from nlu.training.addresses import measure_addresses
    from nlu.training.evaluate import evaluate, test_examples
    from nlu.training.page import render

    taxonomy = load_taxonomy()
    opened = open_linear(directory, key, taxonomy)
    report = {
        "version": opened.engine.version,
        "source": str(opened.source),
        "refused": opened.refused,
        **evaluate(opened.engine, test_examples(taxonomy)),
    }
    if addresses is not None:
        report["addresses"] = measure_addresses(addresses)
    if html is not None:
        html.write_text(render(report, f"linli nlu {opened.engine.version}"), encoding="utf-8")
    _emit(report, out)


def _compare(directory: Path, key: bytes, data: Path | None, rasa_url: str | None, out: Path | None) -> None:
    from nlu.training.compare import compare_engines, compare_file
    from nlu.training.evaluate import test_examples

    if data is not None:
        _emit(compare_file(data), out)
        return
    taxonomy = load_taxonomy()
    engines: list[Any] = [open_linear(directory, key, taxonomy).engine]
    if rasa_url is not None:
        engines.append(RasaEngine(rasa_url, taxonomy))
    _emit(compare_engines(engines, test_examples(taxonomy)), out)


def _headline(scores: dict[str, Any]) -> dict[str, Any]:
    """The few figures a person looks at first."""
    return {
        **{name: {k: scores[name][k] for k in ("accuracy", "macro_f1", "ece")} for name in ("intent", "class", "leaf")},
        "guard": scores.get("guard"),
        "entities": scores.get("entities"),
        "milliseconds": scores["milliseconds"],
    }


def _emit(report: dict[str, Any], out: Path | None) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=2)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")


nlu_app = build_nlu_app()

if __name__ == "__main__":
    nlu_app()
