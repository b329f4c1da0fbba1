"""The panel as one ASGI application, and the table of its routes: path, handler, methods, and who may open it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from backend.admin import (
    account,
    applications,
    area_map_page,
    call_desk,
    case_page,
    cases_list,
    catalogue_page,
    category_page,
    conversations,
    dashboard,
    duty_pages,
    identity,
    live,
    login,
    map_page,
    media,
    model_page,
    new_application,
    notice_pages,
    report_pages,
    rule_trial_page,
    saved_filters,
    template_pages,
    user_pages,
)
from backend.admin.finding import NotHere
from backend.admin.guard import Guard
from backend.admin.model_room import ModelRoom
from backend.admin.panel import BASE, Clock, Panel, Read
from backend.admin.records import build_records
from backend.admin.rendering import build_pages, refusal_page
from backend.admin.rights import Page, check_page
from backend.admin.who import who_of
from backend.office import Office
from backend.people.passwords import Passwords
from nlu.engines.linear import LinearEngine

RECORD_TEMPLATES = Path(__file__).with_name("templates") / "records"
Handler = Callable[[Request], Awaitable[Response]]


class Mountable(Protocol):
    """A Starlette or FastAPI application."""

    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        """Puts `app` under `path`."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One route. `page` None: everybody, also before login."""

    path: str
    handler: Handler
    page: Page | None
    method: str = "GET"


P = Page
ENTRIES: tuple[Entry, ...] = (
    Entry("/login", login.show_login, None),
    Entry("/login", login.log_in, None, "POST"),
    Entry("/login/code", login.show_code, None),
    Entry("/login/code", login.check_code, None, "POST"),
    Entry("/logout", login.log_out, P.ME, "POST"),
    Entry("/language", login.choose_language, P.ME, "POST"),
    Entry("/", login.home, P.HOME),
    Entry("/cases", cases_list.case_list, P.CASES),
    Entry("/cases/filters", saved_filters.keep_filter, P.CASES, "POST"),
    Entry("/cases/filters/{filter_id:int}/drop", saved_filters.drop_filter, P.CASES, "POST"),
    Entry("/cases/{number}", case_page.show_case, P.CASES),
    Entry("/cases/{number}/print", case_page.show_print, P.CASES),
    Entry("/cases/{number}/moves/{move}", case_page.post_move, P.CASES, "POST"),
    Entry("/cases/{number}/preview/{move}", case_page.show_preview, P.CASES, "POST"),
    Entry("/cases/{number}/reveal", identity.reveal, P.CASES, "POST"),
    Entry("/applications", applications.application_list, P.APPLICATIONS),
    Entry("/applications/new", new_application.show_new, P.NEW_APPLICATION),
    Entry("/applications/new", new_application.post_new, P.NEW_APPLICATION, "POST"),
    Entry("/applications/{number}", applications.show_application, P.APPLICATIONS),
    Entry("/applications/{number}/steps/{step}", applications.post_step, P.APPLICATIONS, "POST"),
    Entry("/media/{media_id:int}", media.show_media, P.HOME),
    Entry("/live", live.live, P.HOME),
    Entry("/call", call_desk.show_call, P.NEW_CASE),
    Entry("/call", call_desk.post_call, P.NEW_CASE, "POST"),
    Entry("/call/caller", call_desk.show_caller, P.NEW_CASE, "POST"),
    Entry("/call/hints", call_desk.show_hints, P.NEW_CASE, "POST"),
    Entry("/conversations", conversations.conversation_list, P.CONVERSATIONS),
    Entry("/conversations/{conversation_id:int}", conversations.show_conversation, P.CONVERSATIONS),
    Entry("/conversations/{conversation_id:int}/claim", conversations.claim, P.CONVERSATIONS, "POST"),
    Entry("/conversations/{conversation_id:int}/answer", conversations.answer, P.CONVERSATIONS, "POST"),
    Entry("/conversations/{conversation_id:int}/hand-back", conversations.hand_back, P.CONVERSATIONS, "POST"),
    Entry("/notices", notice_pages.notice_list, P.NOTICES),
    Entry("/notices/{notice_id:int}/replay", notice_pages.replay, P.NOTICES, "POST"),
    Entry("/notices/resume", notice_pages.resume, P.NOTICES, "POST"),
    Entry("/notices/calls/{call_id:int}", notice_pages.finish_call, P.NOTICES, "POST"),
    Entry("/templates", template_pages.template_list, P.TEMPLATES),
    Entry("/templates", template_pages.save_template, P.TEMPLATES, "POST"),
    Entry("/templates/{template_id:int}/drop", template_pages.drop_template, P.TEMPLATES, "POST"),
    Entry("/catalogue", catalogue_page.show_catalogue, P.CATALOGUE),
    Entry("/catalogue", catalogue_page.propose, P.CATALOGUE, "POST"),
    Entry("/catalogue/cancel", catalogue_page.cancel, P.CATALOGUE_OFFICE, "POST"),
    Entry("/catalogue/{revision_id:int}", catalogue_page.decide, P.CATALOGUE, "POST"),
    Entry("/desk-days", catalogue_page.show_desk_days, P.CATALOGUE),
    Entry("/area-map", area_map_page.show_area_map, P.AREA_MAP),
    Entry("/area-map/{code}", area_map_page.area_shape, P.AREA_MAP),
    Entry("/area-map/{code}", area_map_page.save_shape, P.AREA_DRAW, "POST"),
    Entry("/routing/trial", rule_trial_page.show_trial, P.RULE_TRIAL),
    Entry("/wall", dashboard.show_wall, P.DASHBOARD),
    Entry("/dashboard", dashboard.show_dashboard, P.DASHBOARD),
    Entry("/map", map_page.show_map, P.MAP),
    Entry("/map/data", map_page.map_data, P.MAP),
    Entry("/reports", report_pages.show_reports, P.REPORTS),
    Entry("/model", model_page.show_model, P.MODEL),
    Entry("/model/train", model_page.start_training, P.MODEL_TRAIN, "POST"),
    Entry("/model/progress", model_page.show_progress, P.MODEL_TRAIN),
    Entry("/model/promote", model_page.post_promote, P.MODEL_TRAIN, "POST"),
    Entry("/model/restore", model_page.post_restore, P.MODEL_TRAIN, "POST"),
    Entry("/model/figures", model_page.show_figures, P.MODEL),
    Entry("/roster", duty_pages.show_roster, P.ROSTER),
    Entry("/roster", duty_pages.post_leave, P.ROSTER, "POST"),
    Entry("/roster/{shift_id:int}", duty_pages.take_back, P.ROSTER, "POST"),
    Entry("/categories", category_page.category_list, P.CATEGORIES),
    Entry("/users", user_pages.user_list, P.USERS),
    Entry("/users", user_pages.post_new_user, P.USERS, "POST"),
    Entry("/users/{user_id:int}", user_pages.post_rights, P.USERS, "POST"),
    Entry("/me", account.show_account, P.ME),
    Entry("/me/password", account.post_password, P.ME, "POST"),
    Entry("/me/second-factor", account.post_second_factor, P.ME, "POST"),
)


def build_admin(
    office: Office,
    clock: Callable[[], datetime],
    read: Read | None = None,
    passwords: Passwords | None = None,
    engine: object = None,
    models: ModelRoom | None = None,
) -> Starlette:
    """The panel over an office. `clock` gives aware times; `read` understands a text (None: no suggestions);
    `engine` is the serving one: the built-in kind is explained and judged on the model page."""
    panel = Panel(
        office,
        clock,
        read,
        passwords or Passwords(),
        build_pages(office),
        models,
        engine if isinstance(engine, LinearEngine) else None,
    )
    routes: list[BaseRoute] = [
        Route(entry.path, _behind(entry), methods=[entry.method], name=f"{entry.method} {entry.path}")
        for entry in ENTRIES
    ]
    app = Starlette(
        routes=[Mount("/static", _static(), name="static"), *routes],
        middleware=[Middleware(Guard, panel=panel)],
        exception_handlers={HTTPException: _not_found},
    )
    build_records(office, str(RECORD_TEMPLATES))(app)
    return app


def mount_admin(
    app: Mountable,
    office: Office,
    clock: Clock,
    read: Read | None = None,
    engine: object = None,
    models: ModelRoom | None = None,
) -> None:
    """Mounts the panel at /admin; `models` is where new versions of the model are trained and kept."""
    app.mount(BASE, build_admin(office, clock, read, engine=engine, models=models))


def _behind(entry: Entry) -> Handler:
    """The handler behind the check of the page's roles."""

    @wraps(entry.handler)
    async def checked(request: Request) -> Response:
        if entry.page is not None:
            check_page(who_of(request), entry.page)
        return await entry.handler(request)

    return checked


def _static() -> StaticFiles:
    """Our own files, Tabler and icons from starlette-admin, htmx and Leaflet from their packages."""
    return StaticFiles(
        packages=[
            ("backend.admin", "static"),
            ("starlette_admin", "static"),
            ("js_lib_htmx", "static/htmx"),
            ("js_lib_leaflet", "static/js_lib_leaflet"),
        ]
    )


async def _not_found(request: Request, error: Exception) -> Response:
    """Unknown paths look like rows one may not see; other protocol errors keep their status."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return refusal_page(request, NotHere())
    return Response(status_code=error.status_code, headers=error.headers)


__all__ = ["ENTRIES", "build_admin", "mount_admin"]
