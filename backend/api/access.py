"""Who calls the API: the user behind the bearer token, as every query and rule needs them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from backend.admin.who import Who
from backend.api.desk import ApiDesk
from backend.api.tokens import TokenRefused

bearer = HTTPBearer(auto_error=False, description="a token made by `linli token USERNAME`")


@dataclass(frozen=True, slots=True)
class Caller:
    """One call: who, on which desk, when."""

    who: Who
    desk: ApiDesk
    now: datetime


async def caller(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Caller:
    """The caller of a request. Raises `TokenRefused` (401)."""
    if given is None:
        raise TokenRefused
    desk: ApiDesk = request.app.state.desk
    now = desk.clock()
    return Caller(await desk.who(given.credentials, now), desk, now)


Called = Annotated[Caller, Depends(caller)]
