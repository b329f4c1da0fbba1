"""From facts to HTML: one Jinja environment, the reader's language, local times, and the sentence for a refusal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from backend.admin.menu import menu_for
from backend.admin.panel import BASE, panel_of
from backend.office import Office
from backend.texts import LANGUAGES
from nlu.errors import LinliError

FALLBACK = "panel.refusal.other"


def language_of(request: Request) -> str:
    """The user's own language; before login what the browser asked for, Chinese first."""
    who = getattr(request.state, "who", None)
    if who is not None and who.language in LANGUAGES:
        return str(who.language)
    asked = request.query_params.get("lang") or request.cookies.get("linli-lang")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def say(request: Request, key: str, **facts: Any) -> str:
    """A sentence of the panel in the reader's language: `say(request, "cases.title")`."""
    return panel_of(request).office.texts.say(f"panel.{key}", language_of(request), **facts)


def sentence_for(request: Request, error: LinliError) -> str:
    """What a refusal tells its reader."""
    texts, language = panel_of(request).office.texts, language_of(request)
    for key in (f"panel.refusal.{error.code}", f"errors.{error.code}"):
        if texts.has(key):
            return texts.say(key, language, **_readable(error.facts))
    return texts.say(FALLBACK, language)


def _readable(facts: Mapping[str, object]) -> dict[str, str]:
    known = {"need": "", "state": "", "move": "", "passes": "", "held_by": "", "units": "", "missing": ""}
    return {**known, **{name: str(value) for name, value in facts.items()}}


def render(request: Request, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page from `templates/panel/`."""
    page = panel_of(request).pages.get_template(f"panel/{template}")
    return HTMLResponse(page.render(request=request, **facts), status_code=status)


def refusal_page(request: Request, error: LinliError) -> Response:
    """A refusal as a page, or, for htmx, as a small fragment."""
    template = "refusal_part.html" if request.headers.get("hx-request") else "refusal.html"
    return render(request, template, status=error.status, sentence=sentence_for(request, error), code=error.code)


def build_pages(office: Office) -> Environment:
    """The environment of the panel's own templates; undefined names are errors, everything is escaped."""
    pages = Environment(
        loader=PackageLoader("backend.admin", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals.update(page_globals(office))
    return pages


def page_globals(office: Office) -> dict[str, Any]:
    """What every template may call; shared with the templates of the record pages."""

    @pass_context
    def t(context: Context, key: str, **facts: object) -> str:
        return say(context["request"], key, **facts)

    @pass_context
    def milestone(context: Context, name: str) -> str:
        known = office.texts.has(f"panel.milestone.{name}")
        return say(context["request"], f"milestone.{name}") if known else name

    @pass_context
    def why(context: Context, reason: str) -> str:
        """The system's own reasons are words of the duty rules; people's are their own."""
        key = f"notices.why.{reason}"
        known = reason.isascii() and office.texts.has(key)
        return office.texts.say(key, language_of(context["request"])) if known else reason

    @pass_context
    def csrf(context: Context) -> Markup:
        who = context["request"].state.who
        return Markup('<input type="hidden" name="csrftoken" value="{}">').format(who.csrf if who else "")

    @pass_context
    def menu(context: Context) -> Any:
        return menu_for(context["request"])

    @pass_context
    def nonce(context: Context) -> str:
        return str(context["request"].state.nonce)

    @pass_context
    def language(context: Context) -> str:
        return language_of(context["request"])

    @pass_context
    def who(context: Context) -> Any:
        return context["request"].state.who

    return {
        "t": t,
        "milestone": milestone,
        "why": why,
        "csrf": csrf,
        "menu": menu,
        "nonce": nonce,
        "language": language,
        "who": who,
        "url": lambda path: f"{BASE}{path}",
        "local": lambda moment: f"{office.local(moment):%Y-%m-%d %H:%M}" if moment else "",
        "short": lambda moment: f"{office.local(moment):%m-%d %H:%M}" if moment else "",
        "iso": lambda moment: moment.isoformat() if isinstance(moment, datetime) else "",
        "area_name": office.atlas.full_name,
        "category_name": office.taxonomy.name_of,
        "is_demo": office.is_demo,
    }
