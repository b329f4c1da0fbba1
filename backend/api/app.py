"""Mounts /api/v1 and /open311/v2; the OpenAPI text is at /api/v1/openapi.json."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from backend.api import open311, rest
from backend.api.desk import ApiDesk
from backend.office import Office
from nlu.errors import LinliError
from nlu.reader import Reader


def mount_api(app: FastAPI, office: Office, reader: Reader, clock: Callable[[], datetime]) -> None:
    """Adds both programming interfaces to the web application."""
    desk = ApiDesk(office, reader, clock)
    v1 = FastAPI(title="linli 邻里", version="1", openapi_url="/openapi.json", docs_url=None, redoc_url=None)
    v1.include_router(rest.router)
    georeport = FastAPI(title="linli Open311", openapi_url=None, docs_url=None, redoc_url=None)
    georeport.include_router(open311.router)
    for path, part in (("/api/v1", v1), ("/open311/v2", georeport)):
        part.state.desk = desk
        part.add_exception_handler(LinliError, _refusal)
        app.mount(path, part)


async def _refusal(_request: Request, error: Exception) -> JSONResponse:
    """A refusal with its stable code; the sentence is for the developer of the other system."""
    assert isinstance(error, LinliError)
    return JSONResponse({"code": error.code, "message": str(error)}, status_code=error.status)
