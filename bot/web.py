"""The web server of one process: the channels' doors, the pages, the panel, the API, and the health of it all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from sqlalchemy import text

from backend.admin.app import mount_admin
from backend.admin.model_room import ModelRoom
from backend.api.app import mount_api
from backend.pages.app import page_routes
from bot.channels.web.app import WebDoor
from bot.loops import Loops, Role
from bot.main import MODEL_KEY, House
from bot.shell import Shell
from nlu.errors import LinliError

log = structlog.get_logger()

WEB_COOKIE_KEY = "web-chat"


def build_app(house: House, role: Role = "all") -> FastAPI:
    """The application of one role. Every role answers /healthz, /readyz and /metrics."""
    app = FastAPI(title="linli 邻里", openapi_url=None, docs_url=None, redoc_url=None, lifespan=_lifespan(house, role))
    app.add_exception_handler(LinliError, _refusal(house))
    app.add_middleware(Shell)
    _add_health(app, house)
    if role in ("all", "web"):
        _add_doors(app, house)
    return app


def _add_doors(app: FastAPI, house: House) -> None:
    office, clock = house.office, house.clock
    key, may_embed = office.vault.subkey(WEB_COOKIE_KEY), house.settings.frame_ancestors
    door = WebDoor(office, house.reception, house.mailbox, key, clock, may_embed)
    app.router.routes.extend([*house.channels.routes, *door.routes(), *page_routes(office, clock)])
    mount_api(app, office, house.reader, clock)
    models = ModelRoom(house.settings.nlu.models, office.vault.subkey(MODEL_KEY), office.taxonomy)
    mount_admin(app, office, clock, house.reader.read, house.reader.engine, models)

    @app.get("/", include_in_schema=False)
    async def home() -> RedirectResponse:
        return RedirectResponse("/chat")


def _add_health(app: FastAPI, house: House) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        async with house.office.database.read() as session:
            await session.execute(text("SELECT 1"))
            waiting = await house.office.inbox.waiting(session)
        return JSONResponse({"database": "ok", "inbox_waiting": waiting, "engine": house.reader.engine.name})

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        await house.collector.refresh()
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


def _refusal(house: House) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        """A refusal as JSON with its code and a sentence in the reader's language."""
        assert isinstance(error, LinliError)
        language = "en" if request.headers.get("accept-language", "").startswith("en") else "zh_CN"
        key = f"errors.{error.code}"
        sentence = house.office.texts.say(key if house.office.texts.has(key) else "errors.error", language)
        return JSONResponse({"code": error.code, "message": sentence}, status_code=error.status)

    return answer


def _lifespan(house: House, role: Role) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        """Starts the loops of this role and ends them before the connections are closed."""
        for start in house.channels.at_start if role in ("all", "web") else []:
            await start()
        tasks = [asyncio.create_task(each) for each in Loops(house, role).starting()]
        log.info("started", role=role, district=house.office.district_code)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await house.close()
            log.info("stopped", role=role)

    return running
