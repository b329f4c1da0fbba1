"""The one gate of an application's life: which steps this person may take, what one writes into history.

The table is in `application_moves.py`. Nobody handles their own application; nothing is handed over without
an
identity check; a proxy acts only with the applicant's consent.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.domain import refusals as no
from backend.domain.application_moves import COURIER_ROLES, STEPS, WINDOW_ROLES, By, Step
from backend.domain.application_needs import (
    GIVENS,
    PAPERS,
    ApplicationAlreadyClosed,
    ApplicationView,
    NoConsent,
    OwnApplication,
    PaperMissing,
)
from backend.domain.case_view import Actor, Event
from backend.domain.history import stored
from backend.domain.needs import names
from backend.domain.words import ApplicationState, Level, Role

Facts = Mapping[str, Any]


def available(app: ApplicationView, actor: Actor) -> list[Step]:
    """The steps this person may take now, in the table's order."""
    return [s for s in STEPS.values() if s.from_states and _refusal(app, actor, s) is None]


def apply(app: ApplicationView, actor: Actor, step_name: str, facts: Facts, now: datetime) -> list[Event]:
    """Take a step: the events to append, or a `MoveRefused`. `now` is aware."""
    step = STEPS.get(step_name)
    if step is None or not step.from_states:
        raise no.UnknownMove(move=step_name)
    refusal = _refusal(app, actor, step)
    if refusal is not None:
        raise refusal
    for paper in step.papers:
        PAPERS[paper](app, facts)
    to = step.to.value if step.to is not None else None
    return [Event(app.id, step.name, now, actor.id, actor.role, app.state.value, to, stored(step.keeps, facts))]


def file_application(application_id: str, actor: Actor, facts: Facts, now: datetime) -> list[Event]:
    """File for oneself, or as window staff or proxy for the `applicant`. Needs `item`."""
    if not facts.get("item"):
        raise PaperMissing(need="item")
    applicant = facts.get("applicant") or (actor.id if actor.role is Role.RESIDENT else None)
    if not applicant:
        raise no.ReporterRequired
    filed: dict[str, Any] = {**facts, "applicant": applicant}
    if actor.role is Role.RESIDENT and actor.id != applicant:
        if facts.get("proxy_consented") is not True:
            raise NoConsent
        filed["proxy"] = actor.id
    elif actor.role not in WINDOW_ROLES | {Role.RESIDENT, Role.WORKER}:
        raise no.NotYourMove
    data = stored(STEPS["file"].keeps, filed)
    return [Event(application_id, "file", now, actor.id, actor.role, None, "received", data)]


def replay(events: Iterable[Event]) -> ApplicationView:
    """Whole history, oldest first, → the present."""
    app: ApplicationView | None = None
    for event in events:
        app = _begin(event) if app is None else evolve(app, event)
    if app is None:
        raise no.BadHistory
    return app


def evolve(app: ApplicationView, event: Event) -> ApplicationView:
    """The application after one more event."""
    effect = EFFECTS.get(event.name)
    changed = replace(app, **effect(app, event)) if effect else app
    return replace(changed, state=ApplicationState(event.to_state)) if event.to_state else changed


def _begin(event: Event) -> ApplicationView:
    if event.name != "file":
        raise no.BadHistory(first=event.name)
    d = event.data
    return ApplicationView(
        event.case_id,
        d["item"],
        d["applicant"],
        area_path=names(d.get("area_path")),
        unit=d.get("unit"),
        level=Level(d.get("level", Level.COMMUNITY)),
        proxy=d.get("proxy"),
        proxy_consented=bool(d.get("proxy_consented")),
        missing=names(d.get("missing")),
        may_deliver=bool(d.get("may_deliver")),
    )


def _less(app: ApplicationView, event: Event) -> dict[str, Any]:
    return {"missing": tuple(m for m in app.missing if m not in names(event.data.get("brought")))}


def _failed(app: ApplicationView, _event: Event) -> dict[str, Any]:
    return {"failed_visits": app.failed_visits + 1, "courier": None, "slot": None}


EFFECTS: dict[str, Callable[[ApplicationView, Event], dict[str, Any]]] = {
    "ask_materials": lambda _a, e: {"missing": names(e.data["missing"])},
    "bring_materials": _less,
    "pass_up": lambda a, e: {"level": Level(e.data["level"]), "unit": e.data.get("unit") or a.unit},
    "make_ready": lambda _a, e: {"deliverable": e.data["deliverable"]},
    "request_delivery": lambda _a, e: {"slot": e.data["slot"], "courier": None},
    "assign_courier": lambda _a, e: {"courier": e.data["courier"]},
    "visit_failed": _failed,
    "cancel_delivery": lambda _a, _e: {"courier": None, "slot": None},
    "appoint_proxy": lambda _a, e: {"proxy": e.data["proxy"], "proxy_consented": True},
}


def _refusal(app: ApplicationView, actor: Actor, step: Step) -> no.MoveRefused | None:
    """Person first, then state, then what must already be true."""
    if not any(STANDS[by](app, actor) for by in step.by):
        return _why_not(app, actor, step)
    mine = actor.id in (app.applicant, app.proxy)
    if mine and By.APPLICANT not in step.by:
        return OwnApplication()
    if app.state not in step.from_states:
        return (ApplicationAlreadyClosed if app.ended else no.MoveNotPossibleNow)(state=app.state.value)
    for given in step.given:
        holds, refusal = GIVENS[given]
        if not holds(app):
            return refusal()
    return None


def _why_not(app: ApplicationView, actor: Actor, step: Step) -> no.MoveRefused:
    if actor.role is Role.RESIDENT and By.APPLICANT in step.by:
        return NoConsent() if actor.id == app.proxy else no.NotYourCase()
    if actor.role in WINDOW_ROLES and By.WINDOW in step.by:
        return no.NotYourArea()
    return no.NotYourMove(move=step.name)


def _at_window(app: ApplicationView, actor: Actor) -> bool:
    of_unit = actor.unit is not None and actor.unit == app.unit
    if actor.role is Role.DEPARTMENT:
        return of_unit
    return actor.role in WINDOW_ROLES and (of_unit or actor.covers(app.area_path))


def _may_act(app: ApplicationView, actor: Actor) -> bool:
    return actor.id == app.applicant or (actor.id == app.proxy and app.proxy_consented)


STANDS: dict[By, Callable[[ApplicationView, Actor], bool]] = {
    By.APPLICANT: _may_act,
    By.WINDOW: _at_window,
    By.COURIER: lambda app, actor: actor.role in COURIER_ROLES and actor.id == app.courier,
    By.CLOCKWORK: lambda _app, actor: actor.role is Role.SYSTEM,
}
