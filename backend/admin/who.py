"""Who is looking: a logged-in user as every page, query and rule needs them. Nothing here outlives its request."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from backend.areas.atlas import Atlas
from backend.domain.case_view import Actor
from backend.domain.words import Role
from backend.people.models import PanelSession, User
from backend.people.users import actor_of, user_key

NOWHERE = "-"  # the path of an area that no longer exists: no row begins with it


@dataclass(frozen=True, slots=True)
class Who:
    """A user with a living session. `area_path` is the prefix of every row of theirs."""

    user_id: int
    username: str
    name: str
    role: Role
    actor: Actor
    area_code: str
    area_path: str
    language: str
    csrf: str
    session_digest: str
    has_second_factor: bool

    @property
    def audit_key(self) -> str:
        """The login, as the audit log names it."""
        return user_key(self.user_id)


def who_is(atlas: Atlas, row: PanelSession, user: User) -> Who:
    """The person behind a living session."""
    assert user.id is not None
    area = atlas.area(user.area_code)
    return Who(
        user_id=user.id,
        username=user.username,
        name=user.display_name,
        role=Role(user.role),
        actor=actor_of(user),
        area_code=user.area_code,
        area_path="".join(f"{code}/" for code in area.path) if area is not None else NOWHERE,
        language=user.language,
        csrf=row.csrf,
        session_digest=row.id_digest,
        has_second_factor=user.totp_sealed is not None,
    )


def who_of(request: Request) -> Who:
    """The person of this request; pages behind the guard always have one."""
    return cast(Who, request.state.who)
