"""The record pages: starlette-admin under /admin/records, inside our door, our layout and our transactions.

Its own session, CSRF and locale layers are replaced by ours: reading uses the readers' connection, writing the one
writer, the token is the session's, the language the user's. Its inline scripts get the nonce of the request.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import BaseLoader, Environment, PackageLoader
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import I18nConfig, TimezoneConfig
from starlette_admin.base import BaseAdmin
from starlette_admin.helpers import run_on_commit_callbacks
from starlette_admin.i18n import set_locale

from backend.admin.record_view import lazy
from backend.admin.record_views import VIEWS
from backend.admin.rendering import language_of, page_globals
from backend.office import Office

PATH = "/records"
SAFE = ("GET", "HEAD")
ITS_COOKIE = 'Cookies.get("starlette_admin_csrftoken")'


class Refused(Exception):
    """Ends a write transaction whose answer is a refusal."""


class RecordRequest(BaseHTTPMiddleware):
    """One session per request, the reader's language, and the token that forms carry."""

    def __init__(self, app: Any, office: Office) -> None:
        super().__init__(app)
        self._office = office

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Looking reads; anything else is one transaction, rolled back when the answer is a refusal."""
        set_locale("en" if language_of(request) == "en" else "zh")
        request.state.csrf_token = request.state.who.csrf
        if request.method in SAFE:
            async with self._office.database.read() as session:
                request.state.session = session
                return await call_next(request)
        response: Response | None = None
        try:
            async with self._office.database.write() as session:
                request.state.session = session
                response = await call_next(request)
                if response.status_code >= 400:
                    raise Refused
        except Refused:
            assert response is not None
            return response
        await run_on_commit_callbacks(request)
        return response


class NoncedTemplates(BaseLoader):
    """starlette-admin's own templates with a nonce on every inline script and style, and our token instead of its."""

    def __init__(self) -> None:
        self._plain = PackageLoader("starlette_admin", "templates")

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The changed source of one template. The page's data is not touched: only the library's own text is."""
        source, name, fresh = self._plain.get_source(environment, template)
        nonce = ' nonce="{{ request.state.nonce }}"'
        source = source.replace("<script>", f"<script{nonce}>").replace("<style>", f"<style{nonce}>")
        source = source.replace("@import url('https://rsms.me/inter/inter.css');", "")
        source = source.replace(ITS_COOKIE, "document.querySelector('meta[name=\"csrf-token\"]').content")
        source = source.replace('onclick="applyColumnVisibility()"', 'data-does="columns"')
        source = source.replace('onchange="window.location = this.value"', 'data-does="go"')
        source = source.replace(">-null-<", ">–<")
        return source, name, fresh

    def list_templates(self) -> list[str]:
        """The names of all templates."""
        return self._plain.list_templates()


class Records(BaseAdmin):
    """The record pages as one application; its outer door is the panel's."""

    def _init_csrf(self) -> None:
        """The panel's door has checked the token already."""

    def _init_locale(self) -> None:
        """`RecordRequest` sets the language; the timezone is the district's."""
        i18n, self.i18n_config = self.i18n_config, None
        super()._init_locale()
        self.i18n_config = i18n


def build_records(office: Office, templates: str) -> Callable[[Starlette], None]:
    """What mounts the record pages; `templates` is the folder of our overrides."""
    records = Records(
        title=lazy(office, "brand"),
        base_url=PATH,
        route_name="records",
        templates_dir=templates,
        additional_loaders=[PackageLoader("backend.admin", "templates"), NoncedTemplates()],
        secret_key=office.vault.subkey("panel-flash").hex(),
        middlewares=[Middleware(RecordRequest, office=office)],
        i18n_config=I18nConfig(default_locale="zh", language_cookie_name=None, language_header_name=None),
        timezone_config=TimezoneConfig(
            default_timezone=str(office.zone), timezone_cookie_name=None, use_user_locale_timezone=False
        ),
    )
    records.templates.env.globals.update(page_globals(office))
    for view in VIEWS:
        records.add_view(view(office))
    return records.mount_to


__all__ = ["NoncedTemplates", "Records", "build_records"]
