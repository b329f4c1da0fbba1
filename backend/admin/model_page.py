"""The model as staff meet it: a sentence to try, what operators corrected, and how the serving version was judged."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.call_desk import best_categories, read
from backend.admin.finding import NotHere
from backend.admin.model_room import ModelRoom
from backend.admin.panel import BASE, Panel, panel_of
from backend.admin.rendering import render, say, sentence_for
from backend.admin.rights import Page, may_open
from backend.admin.who import who_of
from backend.cases.models import Correction
from nlu.contract import Intent, Understanding
from nlu.engines.linear import Evidence
from nlu.errors import LinliError
from nlu.normalise import clean
from nlu.training.corpus import Example
from nlu.training.evaluate import evaluate, held_out_examples

MOST_CORRECTIONS = 60
LEARNED_CORRECTIONS = 50_000
PROGRESS_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Judged:
    """One thing the model is judged on; all figures 0..1."""

    name: str
    accuracy: float
    macro_f1: float
    calibration_error: float


async def show_model(request: Request) -> Response:
    """The page, with the sentence of `?text=` understood and explained."""
    return await _page(request)


async def _page(request: Request, sentence: str = "", status: int = 200) -> Response:
    panel = panel_of(request)
    text = request.query_params.get("text", "").strip()[:400]
    meaning = await read(panel, text, panel.clock())
    async with panel.office.database.read() as session:
        found = await session.exec(select(Correction).order_by(col(Correction.id).desc()).limit(MOST_CORRECTIONS))
        corrections = list(found.all())
    return render(
        request,
        "model.html",
        status,
        sentence=sentence,
        versions=await panel.models.versions() if panel.models is not None else [],
        trains=panel.models is not None and may_open(who_of(request), Page.MODEL_TRAIN),
        progress=panel.models.progress if panel.models is not None else None,
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


def _room(request: Request) -> ModelRoom:
    models = panel_of(request).models
    if models is None:
        raise NotHere
    return models


async def start_training(request: Request) -> Response:
    """Trains a version on the data and every correction; it serves only when somebody promotes it."""
    panel, room = panel_of(request), _room(request)
    async with panel.office.database.read() as session:
        newest = select(Correction).order_by(col(Correction.id).desc()).limit(LEARNED_CORRECTIONS)
        rows = reversed((await session.exec(newest)).all())
    known = panel.office.taxonomy.leaves
    learned = [
        Example(row.text, row.new_intent or Intent.REPORT.value, row.new_category or None)
        for row in rows
        if not row.new_category or row.new_category in known
    ]
    try:
        room.start(learned, panel.office.local(panel.clock()))
    except LinliError as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    await _note(request, "train_model", f"corrections:{len(learned)}")
    return RedirectResponse(f"{BASE}/model", status_code=303)


async def show_progress(request: Request) -> Response:
    """A stream of what the training does, over when it ends."""
    room = _room(request)

    async def told() -> AsyncIterator[dict[str, str]]:
        while True:
            now = room.progress
            step = say(request, f"model.steps.{now.step}") if now.step else ""
            facts = {"step": step, "share": round(now.share, 3), "running": now.running}
            yield {"event": "progress", "data": json.dumps(facts)}
            if not now.running:
                return
            await asyncio.sleep(PROGRESS_SECONDS)

    return EventSourceResponse(told())


async def post_promote(request: Request) -> Response:
    """Lets a version serve, if every gate holds."""
    version = str((await request.form()).get("version", ""))[:80]
    try:
        await _room(request).promote(version)
    except LinliError as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    await _note(request, "promote_model", version)
    return RedirectResponse(f"{BASE}/model", status_code=303)


async def post_restore(request: Request) -> Response:
    """Lets the version before serve again."""
    try:
        version = await _room(request).restore()
    except LinliError as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    await _note(request, "restore_model", version)
    return RedirectResponse(f"{BASE}/model", status_code=303)


async def _note(request: Request, action: str, subject: str) -> None:
    panel, who = panel_of(request), who_of(request)
    async with panel.office.database.write() as session:
        await panel.office.auditor.record(
            session, at=panel.clock(), actor=who.audit_key, action=action, subject=subject
        )
