"""Mounts /api/v1 and /open311/v2; the OpenAPI text is at /api/v1/openapi.json."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from backend.api import open311, rest
from backend.api.bodies import BoundedBody
from backend.api.desk import ApiDesk
from backend.office import Office
from nlu.errors import LinliError
from nlu.reader import Reader


def mount_api(app: FastAPI, office: Office, reader: Reader, clock: Callable[[], datetime]) -> None:
    """Adds both programming interfaces to the web application."""
    desk = ApiDesk(office, reader, clock)
    v1 = FastAPI(title="linli 邻里", version="1", openapi_url="/openapi.json", docs_url=None, redoc_url=None)
    v1.include_router(rest.router)
    v1.add_exception_handler(LinliError, _refusal)
    v1.add_exception_handler(RequestValidationError, _invalid)
    georeport = FastAPI(title="linli Open311", openapi_url=None, docs_url=None, redoc_url=None)
    georeport.include_router(open311.router)
    georeport.add_exception_handler(LinliError, _georeport_refusal)
    georeport.add_exception_handler(RequestValidationError, _georeport_invalid)
    for path, part in (("/api/v1", v1), ("/open311/v2", georeport)):
        part.state.desk = desk
        part.add_middleware(BoundedBody)
        app.mount(path, part)


async def _refusal(_request: Request, error: Exception) -> JSONResponse:
    """A refusal with its stable code; the sentence is for the developer of the other system."""
    assert isinstance(error, LinliError)
    return JSONResponse({"code": error.code, "message": str(error)}, status_code=error.status)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Which field is wrong and why, without repeating what was sent: that may be anything, and somebody's data."""
    return JSONResponse({"code": "invalid", "message": "see fields", "fields": _fields(error)}, status_code=422)


async def _georeport_refusal(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, LinliError)
    return JSONResponse([{"code": error.status, "description": str(error)}], status_code=error.status)


async def _georeport_invalid(_request: Request, error: Exception) -> JSONResponse:
    said = "; ".join(f"{one['field']}: {one['why']}" for one in _fields(error))
    return JSONResponse([{"code": 400, "description": said}], status_code=400)


def _fields(error: Exception) -> list[dict[str, str]]:
    assert isinstance(error, RequestValidationError)
    return [
        {"field": ".".join(str(step)[:60] for step in one["loc"][:6]).encode("ascii", "replace").decode(),
         "why": str(one["type"])}
        for one in error.errors()[:20]
    ]  # fmt: skip
