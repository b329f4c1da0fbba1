"""The door of the panel: body caps, the session, the CSRF token and same origin, and the security headers.

Every request passes here before any page. Nothing that changes something gets through without the session's own token,
be it in the form field `csrftoken` or the header `X-CSRFToken`.
"""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import structlog
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.admin.cookies import session_cookie
from backend.admin.panel import BASE, Panel
from backend.admin.rendering import refusal_page
from backend.admin.who import who_is
from backend.people.sessions import find_session, touch, wants_touch
from nlu.errors import LinliError

log = structlog.get_logger()
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SMALL_BODY = 64 * 1024  # login forms
BODY = 1024 * 1024  # any other form
UPLOAD = 22 * 1024 * 1024  # photos and lists to import
BODY_SECONDS = 90  # photos over a poor network
OPEN_PATHS = ("/static/", "/login")  # what anybody may ask for
FIELD, HEADER = "csrftoken", "x-csrftoken"


class BodyTooLarge(LinliError):
    """This is more than the form can take."""

    code: ClassVar[str] = "body_too_large"
    status: ClassVar[int] = 413


class ForgedForm(LinliError):
    """This form did not come from a page of ours, or the page is too old; open it again."""

    code: ClassVar[str] = "forged_form"
    status: ClassVar[int] = 403


class Guard:
    """ASGI middleware around all pages of the panel."""

    def __init__(self, app: ASGIApp, panel: Panel) -> None:
        self._app = app
        self._panel = panel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        request = Request(scope, receive)
        scope["linli.panel"] = self._panel
        request.state.nonce = nonce
        request.state.who = None
        path = _inner_path(scope)
        guarded = _with_headers(send, nonce, path)
        try:
            receive = await self._let_in(request, path, receive)
            await self._app(scope, receive, guarded)
        except NotLoggedIn:
            await _to_login(request, path)(scope, receive, guarded)
        except LinliError as refused:
            await refusal_page(request, refused)(scope, receive, guarded)
        except OverflowError:  # a number larger than any id can be: there is nothing under it
            await refusal_page(request, NoSuchNumber())(scope, receive, guarded)

    async def _let_in(self, request: Request, path: str, receive: Receive) -> Receive:
        """Checks everything; the way to read the body again. Raises the refusal otherwise."""
        await self._recognise(request)
        is_open = path.startswith(OPEN_PATHS)
        if request.state.who is None and not is_open:
            raise NotLoggedIn
        if request.method in SAFE:
            return receive
        _check_origin(request, self._panel.office.public_url)
        body = await _read_body(receive, _cap_for(path, request.headers), request.headers)
        if not is_open:
            await _check_token(request, body)
        return _replay(body)

    async def _recognise(self, request: Request) -> None:
        token = request.cookies.get(session_cookie(request), "")
        if not token:
            return
        now = self._panel.clock()
        database = self._panel.office.database
        async with database.read() as session:
            found = await find_session(session, token, now)
        if found is None:
            return
        request.state.who = who_is(self._panel.office.atlas, *found)
        if wants_touch(found[0], now):
            await self._touch(found[0].id_digest, now)

    async def _touch(self, id_digest: str, now: datetime) -> None:
        async with self._panel.office.database.write() as session:
            await touch(session, id_digest, now)


class NoSuchNumber(LinliError):
    """There is nothing here for you."""

    code: ClassVar[str] = "not_here"
    status: ClassVar[int] = 404


class NotLoggedIn(LinliError):
    """Please log in."""

    code: ClassVar[str] = "not_logged_in"
    status: ClassVar[int] = 401


def _inner_path(scope: Scope) -> str:
    """The path below the mount, whatever the server's own prefix is."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root) else path


def _to_login(request: Request, path: str) -> Response:
    """To the login page and back; an htmx request is told to turn the whole page, a form's text waits in the tab."""
    target = BASE + path if request.method in SAFE else (urlsplit(request.headers.get("referer", "")).path or BASE)
    query = f"?{request.url.query}" if request.url.query and request.method in SAFE else ""
    login = f"{BASE}/login?next={quote(target + query, safe='')}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": login})
    return RedirectResponse(login, status_code=303)


def _check_origin(request: Request, public_url: str) -> None:
    """A browser says where a form came from: from us, or it is refused."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none"):
        raise ForgedForm
    if origin is None:
        return
    host = urlsplit(origin).netloc
    if host not in (request.headers.get("host", ""), urlsplit(public_url).netloc):
        raise ForgedForm


def _cap_for(path: str, headers: Mapping[str, str]) -> int:
    if path.startswith(OPEN_PATHS):
        return SMALL_BODY
    return UPLOAD if headers.get("content-type", "").startswith("multipart/form-data") else BODY


async def _read_body(receive: Receive, cap: int, headers: Mapping[str, str]) -> bytes:
    """The whole body. Raises `BodyTooLarge`, also for one that takes longer than any real form."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read_to_end(receive, cap, headers)
    except TimeoutError as endless:
        raise BodyTooLarge from endless


async def _read_to_end(receive: Receive, cap: int, headers: Mapping[str, str]) -> bytes:
    declared = headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > cap:
        raise BodyTooLarge
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > cap:
            raise BodyTooLarge
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _check_token(request: Request, body: bytes) -> None:
    given = request.headers.get(HEADER) or await _field(request, body)
    if not given or not compare_digest(given.encode(), request.state.who.csrf.encode()):
        log.warning("panel_form_refused", path=request.url.path, user=request.state.who.user_id)
        raise ForgedForm


async def _field(request: Request, body: bytes) -> str:
    async def once() -> Any:
        yield body

    kind = request.headers.get("content-type", "")
    try:
        if kind.startswith("multipart/form-data"):
            form = await MultiPartParser(request.headers, once(), max_files=40, max_fields=400).parse()
        elif kind.startswith("application/x-www-form-urlencoded"):
            form = await FormParser(request.headers, once()).parse()
        else:
            return ""
    except MultiPartException as broken:
        raise ForgedForm from broken
    return str(form.get(FIELD) or "")


def _with_headers(send: Send, nonce: str, path: str) -> Send:
    """Adds the headers. Record pages come from a library that sets `style` attributes; its scripts carry the nonce."""
    loose_styles = "; style-src-attr 'unsafe-inline'" if path.startswith("/records") else ""
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; connect-src 'self'; "
        f"font-src 'self'; img-src 'self' data: blob:; media-src 'self'; script-src 'self' 'nonce-{nonce}'; "
        f"style-src 'self' 'nonce-{nonce}'{loose_styles}"
    )
    headers = {
        b"content-security-policy": policy.encode(),
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
        b"referrer-policy": b"same-origin",
        b"cross-origin-opener-policy": b"same-origin",
        b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    }
    if not path.startswith("/static/"):
        headers[b"cache-control"] = b"no-store"

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = [(name, value) for name, value in message["headers"] if name.lower() not in headers]
            message = {**message, "headers": [*present, *headers.items()]}
        await send(message)

    return wrapped
