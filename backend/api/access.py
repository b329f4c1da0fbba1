"""Who calls the API: the user behind the bearer token, as every query and rule needs them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from backend.admin.who import NOWHERE, Who
from backend.api.desk import ApiDesk
from backend.api.tokens import TokenRefused, user_of
from backend.domain.words import Role
from backend.people.users import actor_of

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
    async with desk.office.database.read() as session:
        user = await user_of(session, given.credentials, now)
    area = desk.office.atlas.area(user.area_code)
    who = Who(
        user_id=user.id or 0,
        username=user.username,
        name=user.display_name,
        role=Role(user.role),
        actor=actor_of(user),
        area_code=user.area_code,
        area_path="".join(f"{code}/" for code in area.path) if area is not None else NOWHERE,
        language=user.language,
        csrf="",
        session_digest="",
        has_second_factor=bool(user.totp_sealed),
    )
    return Caller(who, desk, now)


Called = Annotated[Caller, Depends(caller)]
