"""Logging in and out: password, then, where enrolled, a one-time code; failures cost time, never a hint.

A form sent by a browser carries the token of its page. A request without any trace of a browser (no Origin, no
Referer, no Sec-Fetch-Site) cannot be forged across sites, and scripts of operators log in that way.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import ClassVar

from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.cookies import form_cookie, give, half_cookie, session_cookie, take
from backend.admin.guard import ForgedForm
from backend.admin.panel import BASE, panel_of
from backend.admin.rendering import render, say, sentence_for
from backend.admin.rights import Page, may_open
from backend.admin.who import who_of
from backend.people.backoff import blocked_until, count_failure, forgive, keys_for
from backend.people.models import User
from backend.people.one_time_codes import WrongCode, use_code
from backend.people.sessions import end_session, open_session
from backend.people.users import user_by_name, user_key
from nlu.errors import LinliError

HALF_SECONDS = 300  # to find the telephone and type six digits
BROWSER_TRACES = ("origin", "referer", "sec-fetch-site")


class LoginRefused(LinliError):
    """The name or the password is not right."""

    code: ClassVar[str] = "login_refused"
    status: ClassVar[int] = 401


class TryLater(LinliError):
    """Too many failed tries; wait a little."""

    code: ClassVar[str] = "try_later"
    status: ClassVar[int] = 429


async def show_login(request: Request) -> Response:
    """The login form; somebody who is logged in goes on."""
    if request.state.who is not None:
        return RedirectResponse(_next(request.query_params.get("next", "")), status_code=303)
    return _form(request, next_path=_next(request.query_params.get("next", "")))


async def log_in(request: Request) -> Response:
    """Checks name and password; a good pair opens a session or asks for the code."""
    form = await request.form()
    next_path = _next(str(form.get("next", "")))
    username, password = str(form.get("username", "")), str(form.get("password", ""))
    try:
        _check_form_token(request, str(form.get("form", "")))
        user = await _check_password(request, username, password)
    except LinliError as refused:
        return _form(
            request,
            status=refused.status,
            sentence=sentence_for(request, refused),
            next_path=next_path,
            username=username[:60],
        )
    if user.totp_sealed is not None:
        return _ask_for_code(request, user, next_path)
    return await _let_in(request, user, next_path)


async def show_code(request: Request) -> Response:
    """The form for the one-time code."""
    return render(
        request,
        "login_code.html",
        sentence="",
        next_path=_next(request.query_params.get("next", "")),
        form_token=_form_token(request),
    )


async def check_code(request: Request) -> Response:
    """Checks the one-time code of somebody whose password was right less than five minutes ago."""
    form = await request.form()
    next_path = _next(str(form.get("next", "")))
    try:
        _check_form_token(request, str(form.get("form", "")))
        user = await _use_code(request, str(form.get("code", "")))
    except LoginRefused:
        return RedirectResponse(f"{BASE}/login", status_code=303)
    except LinliError as refused:
        return render(
            request,
            "login_code.html",
            status=refused.status,
            sentence=sentence_for(request, refused),
            next_path=next_path,
            form_token=_form_token(request),
        )
    response = await _let_in(request, user, next_path)
    take(response, request, half_cookie(request))
    return response


async def log_out(request: Request) -> Response:
    """Ends the session on the server and in the browser."""
    panel, who = panel_of(request), who_of(request)
    async with panel.office.database.write() as session:
        await end_session(session, request.cookies.get(session_cookie(request), ""))
        await panel.office.auditor.record(
            session, at=panel.clock(), actor=who.audit_key, action="log_out", subject=who.audit_key
        )
    response = RedirectResponse(f"{BASE}/login", status_code=303)
    take(response, request, session_cookie(request))
    return response


async def home(request: Request) -> Response:
    """The first page of a role."""
    who = who_of(request)
    for page, path in ((Page.CASES, "/cases"), (Page.USERS, "/users"), (Page.AUDIT, "/records/audit/list")):
        if who.role.value == "auditor" and page is Page.CASES:
            continue
        if may_open(who, page):
            return RedirectResponse(BASE + path, status_code=303)
    return RedirectResponse(f"{BASE}/me", status_code=303)


async def choose_language(request: Request) -> Response:
    """Switches the language: for a user in their row, before login in a cookie."""
    form = await request.form()
    wanted = "en" if form.get("lang") == "en" else "zh_CN"
    panel = panel_of(request)
    if request.state.who is not None:
        async with panel.office.database.write() as session:
            user = await session.get(User, who_of(request).user_id)
            if user is not None:
                user.language = wanted
                session.add(user)
    response = RedirectResponse(_next(str(form.get("next", ""))), status_code=303)
    response.set_cookie("linli-lang", wanted, max_age=31_536_000, path=BASE, samesite="lax", httponly=True)
    return response


async def _check_password(request: Request, username: str, password: str) -> User:
    panel = panel_of(request)
    now = panel.clock()
    keys = keys_for(username, request.client.host if request.client else "")
    async with panel.office.database.read() as session:
        blocked = await blocked_until(session, keys, now)
        user = await user_by_name(session, username)
    if blocked is not None:
        raise TryLater
    usable = user if user is not None and user.is_active else None
    if await panel.passwords.check(password, usable.password_hash if usable is not None else None):
        assert usable is not None
        return usable
    await _note_failure(request, keys, now)
    raise LoginRefused


async def _note_failure(request: Request, keys: tuple[str, str], now: datetime) -> None:
    office = panel_of(request).office
    async with office.database.write() as session:
        await count_failure(session, office.district_code, keys, now)
        await office.auditor.record(session, at=now, actor=keys[1], action="login_failed", subject=keys[0])


async def _let_in(request: Request, user: User, next_path: str) -> Response:
    panel = panel_of(request)
    now = panel.clock()
    async with panel.office.database.write() as session:
        old = request.cookies.get(session_cookie(request), "")
        opened = await open_session(session, user, now, old_token=old)
        await forgive(session, keys_for(user.username, "")[0])
        await panel.office.auditor.record(
            session, at=now, actor=user_key(user.id), action="log_in", subject=user_key(user.id)
        )
    response = RedirectResponse(next_path, status_code=303)
    give(response, request, session_cookie(request), opened.token)
    take(response, request, form_cookie(request))
    return response


def _ask_for_code(request: Request, user: User, next_path: str) -> Response:
    signed = _signer(request).sign(f"{user.id}:{user.session_epoch}").decode()
    response = RedirectResponse(f"{BASE}/login/code?next={next_path}", status_code=303)
    give(response, request, half_cookie(request), signed, HALF_SECONDS)
    return response


async def _use_code(request: Request, code: str) -> User:
    panel = panel_of(request)
    now = panel.clock()
    try:
        half = _signer(request).unsign(request.cookies.get(half_cookie(request), ""), max_age=HALF_SECONDS).decode()
    except BadSignature as over:
        raise LoginRefused from over
    user_id, epoch = half.split(":")
    async with panel.office.database.read() as session:
        user = await session.get(User, int(user_id))
        if user is None or not user.is_active or user.session_epoch != int(epoch):
            raise LoginRefused
        keys = keys_for(user.username, request.client.host if request.client else "")
        if await blocked_until(session, keys, now) is not None:
            raise TryLater
    try:
        async with panel.office.database.write() as session:
            await use_code(session, panel.office, user, code, now)
    except WrongCode:
        await _note_failure(request, keys, now)
        raise
    return user


def _signer(request: Request) -> TimestampSigner:
    return TimestampSigner(panel_of(request).office.vault.subkey("panel-login"), digest_method=hashlib.sha256)


def _form(
    request: Request, status: int = 200, sentence: str = "", next_path: str = BASE, username: str = ""
) -> Response:
    seed = request.cookies.get(form_cookie(request)) or secrets.token_urlsafe(24)
    response = render(
        request,
        "login.html",
        status=status,
        sentence=sentence,
        next_path=next_path,
        username=username,
        form_token=_token_for(request, seed),
        title=say(request, "login.title"),
    )
    give(response, request, form_cookie(request), seed)
    return response


def _form_token(request: Request) -> str:
    return _token_for(request, request.cookies.get(form_cookie(request), ""))


def _token_for(request: Request, seed: str) -> str:
    key = panel_of(request).office.vault.subkey("panel-form")
    return hmac.new(key, seed.encode(), hashlib.sha256).hexdigest()


def _check_form_token(request: Request, given: str) -> None:
    seed = request.cookies.get(form_cookie(request), "")
    is_right = bool(seed) and hmac.compare_digest(given.encode(), _token_for(request, seed).encode())
    from_browser = bool(given) or any(request.headers.get(name) for name in BROWSER_TRACES)
    if from_browser and not is_right:
        raise ForgedForm


def _next(asked: str) -> str:
    """Only a path inside the panel: no open redirect."""
    is_ours = asked == BASE or asked.startswith((f"{BASE}/", f"{BASE}?"))
    return asked if is_ours and "\\" not in asked and not asked.startswith(f"{BASE}/login") else BASE


__all__ = ["check_code", "choose_language", "home", "log_in", "log_out", "show_code", "show_login"]
