"""The model as staff meet it: a sentence to try, what operators corrected, and how the serving version was judged."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import Response

from backend.admin.call_desk import best_categories, read
from backend.admin.panel import Panel, panel_of
from backend.admin.rendering import render
from backend.cases.models import Correction
from nlu.contract import Understanding
from nlu.engines.linear import Evidence
from nlu.normalise import clean
from nlu.training.evaluate import evaluate, held_out_examples

MOST_CORRECTIONS = 60


@dataclass(frozen=True, slots=True)
class Judged:
    """One thing the model is judged on; all figures 0..1."""

    name: str
    accuracy: float
    macro_f1: float
    calibration_error: float


async def show_model(request: Request) -> Response:
    """The page, with the sentence of `?text=` understood and explained."""
    panel = panel_of(request)
    text = request.query_params.get("text", "").strip()[:400]
    meaning = await read(panel, text, panel.clock())
    async with panel.office.database.read() as session:
        found = await session.exec(select(Correction).order_by(col(Correction.id).desc()).limit(MOST_CORRECTIONS))
        corrections = list(found.all())
    return render(
        request,
        "model.html",
        text=text,
        meaning=meaning,
        candidates=best_categories(meaning),
        evidence=evidence_for(panel, meaning),
        corrections=corrections,
        has_model=panel.read is not None,
        facts=panel.model.model.facts if panel.model is not None else {},
    )


def evidence_for(panel: Panel, meaning: Understanding | None) -> tuple[Evidence, ...]:
    """The strongest words for the category that was chosen."""
    if panel.model is None or meaning is None or meaning.category is None:
        return ()
    try:
        return panel.model.explain(clean(meaning.text).text, meaning.category.code)
    except KeyError:
        return ()


async def show_figures(request: Request) -> Response:
    """The serving model judged now, on messages it was never trained on: seconds of work, beside the event loop."""
    panel = panel_of(request)
    if panel.model is None:
        return render(request, "model_figures.html", rows=[], confusions=[], count=0)
    model, taxonomy = panel.model, panel.office.taxonomy
    report = await asyncio.to_thread(lambda: evaluate(model, held_out_examples(taxonomy), None))
    confusions = [tuple(row.values()) for row in report["leaf"]["confusions"][:12]]
    count = int(report["intent"]["count"])
    return render(request, "model_figures.html", rows=judged(report), confusions=confusions, count=count)


def judged(report: Mapping[str, Any]) -> list[Judged]:
    """The three questions of an evaluation."""
    return [
        Judged(name, report[name]["accuracy"], report[name]["macro_f1"], report[name]["ece"])
        for name in ("intent", "class", "leaf")
        if name in report
    ]
