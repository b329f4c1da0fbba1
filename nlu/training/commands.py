"""What `linli nlu train|evaluate|compare` do; nlu/cli.py only reads their options."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from nlu.engines.linear import LinearEngine
from nlu.engines.opening import open_linear
from nlu.engines.rasa_http import RasaEngine
from nlu.engines.storage import save
from nlu.taxonomy import load_taxonomy
from nlu.training.addresses import measure_addresses
from nlu.training.build import build
from nlu.training.checks import near_duplicates, shortfalls
from nlu.training.compare import compare_engines, compare_file
from nlu.training.compare_rasa import rasa_on_file
from nlu.training.corpus import TRAIN, Example, read_examples
from nlu.training.evaluate import evaluate, held_out_examples
from nlu.training.page import render

_console = Console(stderr=True)


def train(directory: Path, key: bytes, corrections: Iterable[Example]) -> str:
    """Trains a version on the data and `corrections`, judges it, signs it with `key`, prints its headline; its name."""

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
    scores = evaluate(LinearEngine(model, taxonomy), held_out_examples(taxonomy))
    model = replace(model, facts={**model.facts, "scores": scores})
    version = str(model.facts["version"])
    save(model, directory / version, key)
    _emit({"version": version, **_headline(scores)}, None)
    return version


def evaluate_model(directory: Path, key: bytes, html: Path | None, addresses: Path | None, out: Path | None) -> None:
    """Prints how the serving model does on the test set (and on a file of `addresses`); a page when `html`."""

    taxonomy = load_taxonomy()
    opened = open_linear(directory, key, taxonomy)
    report = {
        "version": opened.engine.version,
        "source": str(opened.source),
        "refused": opened.refused,
        **evaluate(opened.engine, held_out_examples(taxonomy)),
    }
    if addresses is not None:
        report["addresses"] = measure_addresses(addresses)
    if html is not None:
        html.write_text(render(report, f"linli nlu {opened.engine.version}"), encoding="utf-8")
    _emit(report, out)


def compare(
    directory: Path, key: bytes, data: Path | None, rasa_url: str | None, rasa_epochs: int, out: Path | None
) -> None:
    """Prints engines side by side on the test set, or both learners on the labelled file `data` (Rasa if epochs)."""

    if data is not None:
        _emit({**compare_file(data), **(rasa_on_file(data, rasa_epochs) if rasa_epochs else {})}, out)
        return
    taxonomy = load_taxonomy()
    engines: list[Any] = [open_linear(directory, key, taxonomy).engine]
    if rasa_url is not None:
        engines.append(RasaEngine(rasa_url, taxonomy, httpx.Client(timeout=60, trust_env=False)))  # judged, not raced
    _emit(compare_engines(engines, held_out_examples(taxonomy)), out)


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
