"""The pages people open from a message: `/t/{token}` for workers, `/c/{token}` for residents, and their files."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from backend.office import Office
from backend.pages.application_page import ApplicationPages
from backend.pages.assets import Assets
from backend.pages.bearers import reader_of, worker_of
from backend.pages.case_page import CasePages
from backend.pages.delivery_page import DeliveryPages
from backend.pages.forms import read_form
from backend.pages.kit import Clock, PageKit
from backend.pages.patrol_page import PatrolPages
from backend.pages.rendering import (
    LANGUAGE_COOKIE,
    LARGE_COOKIE,
    Pages,
    is_large,
    language_of,
    page_headers,
    set_preference,
)
from backend.pages.task_page import TaskPages
from backend.pages.throttle import Throttle
from backend.texts import LANGUAGES

PACKAGES = ("backend.pages",)
WRITES_PER_SECOND, WRITES_AT_ONCE = 1.0, 30  # one link: a day's photos sent when the phone is back on line
MISSES_PER_SECOND, MISSES_AT_ONCE = 0.2, 20  # one address that opens links which do not exist


@dataclass(frozen=True)
class Entrance:
    """The addresses that mean different pages for different links, and those without a link."""

    kit: PageKit
    tasks: TaskPages
    deliveries: DeliveryPages
    cases: CasePages
    applications: ApplicationPages

    def routes(self) -> list[Route]:
        """In order: fixed names go before tokens."""
        g = self.kit.guarded
        return [
            Route("/t/", g(self.home), methods=["GET"]),
            Route("/t/sw.js", self.service_worker, methods=["GET"]),
            Route("/t/manifest.webmanifest", self.manifest, methods=["GET"]),
            Route("/t/{token}", g(self.worker), methods=["GET"]),
            Route("/t/{token}/over", g(self.over), methods=["GET"]),
            Route("/c/{token}", g(self.resident), methods=["GET"]),
            Route("/t/{token}/preferences", g(self.preferences), methods=["POST"]),
            Route("/c/{token}/preferences", g(self.preferences), methods=["POST"]),
        ]

    async def worker(self, request: Request) -> Response:
        """A task or a delivery."""
        async with self.kit.office.database.read() as session:
            worker = await worker_of(session, request.path_params["token"], self.kit.clock())
        return await (self.deliveries.show(request) if worker.link.purpose == "delivery" else self.tasks.task(request))

    async def resident(self, request: Request) -> Response:
        """A case or an application."""
        async with self.kit.office.database.read() as session:
            reader = await reader_of(session, request.path_params["token"], self.kit.clock())
        return await (
            self.applications.show(request) if reader.link.purpose == "application" else self.cases.show(request)
        )

    async def home(self, request: Request) -> Response:
        """Where the installed page starts: its script opens the newest link this phone has seen."""
        return self._plain(request, "home.html")

    async def over(self, request: Request) -> Response:
        """After a delivery has ended, its link with it."""
        return self._plain(request, "over.html")

    def _plain(self, request: Request, name: str) -> Response:
        said = request.query_params.get("said", "")
        return self.kit.pages.answer(name, language_of(request), large=is_large(request), said=said)

    async def preferences(self, request: Request) -> Response:
        """Language and large letters of this browser."""
        form = await read_form(request)
        response = RedirectResponse(request.url.path.removesuffix("/preferences"), status_code=303)
        if form.text("language") in LANGUAGES:
            set_preference(response, LANGUAGE_COOKIE, form.text("language"))
        if form.text("large") in ("0", "1"):
            set_preference(response, LARGE_COOKIE, form.text("large"))
        return response

    async def service_worker(self, request: Request) -> Response:
        """Keeps the shell and the last seen tasks on the phone."""
        headers = {**page_headers(), "Cache-Control": "no-cache"}
        body = self.kit.pages.assets.body("sw.js")
        return Response(body, media_type="text/javascript; charset=utf-8", headers=headers)

    async def manifest(self, request: Request) -> Response:
        """What a phone needs to install the page."""
        say, asset = self.kit.office.texts.say, self.kit.pages.assets.url
        language = language_of(request)
        body = {
            "name": say("pages.task.app_name", language),
            "short_name": say("pages.task.app_short", language),
            "start_url": "/t/",
            "scope": "/t/",
            "display": "standalone",
            "background_color": "#eff4f2",
            "theme_color": "#07493f",
            "icons": [
                {"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
                {"src": asset("icon-192.png"), "sizes": "192x192", "type": "image/png"},
                {"src": asset("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
            ],
        }
        headers = {**page_headers(), "Cache-Control": "no-cache"}
        return JSONResponse(body, media_type="application/manifest+json", headers=headers)


def page_routes(office: Office, clock: Clock) -> list[Route]:
    """Every route of this room."""
    assets = Assets("/assets/pages", PACKAGES)
    kit = PageKit(
        office=office,
        clock=clock,
        pages=Pages(office, assets, PACKAGES),
        writes=Throttle(WRITES_PER_SECOND, WRITES_AT_ONCE),
        misses=Throttle(MISSES_PER_SECOND, MISSES_AT_ONCE),
    )
    tasks, deliveries = TaskPages(kit), DeliveryPages(kit)
    cases, applications = CasePages(kit), ApplicationPages(kit)
    entrance = Entrance(kit, tasks, deliveries, cases, applications)
    patrol = PatrolPages(kit)
    rooms = (entrance, tasks, deliveries, patrol, cases, applications)
    return [*(route for room in rooms for route in room.routes()), *assets.routes()]
