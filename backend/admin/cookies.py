"""The panel's cookies: `__Host-` names over https, plain names on loopback http, always HttpOnly and SameSite=Lax."""

from starlette.requests import Request
from starlette.responses import Response


def is_secure(request: Request) -> bool:
    """Whether the browser speaks https to us (a trusted proxy tells the server, which sets the scheme)."""
    return request.url.scheme == "https"


def session_cookie(request: Request) -> str:
    """The name of the session cookie: with `__Host-` no other host can toss one in."""
    return "__Host-linli" if is_secure(request) else "linli"


def half_cookie(request: Request) -> str:
    """The cookie between a right password and the one-time code."""
    return "__Host-linli-half" if is_secure(request) else "linli-half"


def form_cookie(request: Request) -> str:
    """The cookie that the login form's token belongs to."""
    return "__Host-linli-form" if is_secure(request) else "linli-form"


def give(response: Response, request: Request, name: str, value: str, seconds: int | None = None) -> None:
    """Sets one of these cookies; without `seconds` it ends with the browser."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )


def take(response: Response, request: Request, name: str) -> None:
    """Removes one of these cookies."""
    response.delete_cookie(name, path="/", secure=is_secure(request), httponly=True, samesite="lax")
