"""One's own account: the password, and the second factor with its device."""

from typing import ClassVar

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.cookies import give, session_cookie
from backend.admin.finding import NotHere
from backend.admin.panel import BASE, panel_of
from backend.admin.rendering import render, say, sentence_for
from backend.admin.who import who_of
from backend.people.models import User
from backend.people.one_time_codes import enrol, new_secret, provisioning_uri
from backend.people.sessions import open_session
from backend.people.users import change_password
from nlu.errors import LinliError


class OldPasswordWrong(LinliError):
    """The present password is not right."""

    code: ClassVar[str] = "old_password_wrong"
    status: ClassVar[int] = 422


async def show_account(request: Request) -> Response:
    """The account page."""
    return _page(request)


def _page(request: Request, sentence: str = "", status: int = 200, secret: str = "", done: str = "") -> Response:
    who = who_of(request)
    offered = secret or new_secret()
    uri = provisioning_uri(offered, who.username, say(request, "brand"))
    drawn = segno.make(uri, error="m").svg_inline(scale=4, border=3, dark="#12302a", light="#fff")
    return render(request, "account.html", status, sentence=sentence, secret=offered, qr=Markup(drawn), done=done)  # noqa: S704 - our own drawing


async def post_password(request: Request) -> Response:
    """A new password, against the present one; every other session ends, this one gets a new id."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    now = panel.clock()
    try:
        async with panel.office.database.read() as session:
            known = await session.get(User, who.user_id)
        if known is None or not await panel.passwords.check(str(form.get("old", "")), known.password_hash):
            raise OldPasswordWrong
        async with panel.office.database.write() as session:
            user = await session.get(User, who.user_id)
            if user is None:
                raise NotHere
            new = str(form.get("new", ""))
            await change_password(session, panel.office, user, new, who.audit_key, now, panel.passwords)
            opened = await open_session(session, user, now)
    except LinliError as refused:
        return _page(request, sentence_for(request, refused), refused.status)
    response = RedirectResponse(f"{BASE}/me", status_code=303)
    give(response, request, session_cookie(request), opened.token)
    return response


async def post_second_factor(request: Request) -> Response:
    """Turns the second factor on, once a code shows that the device counts along."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    secret = str(form.get("secret", ""))
    now = panel.clock()
    try:
        async with panel.office.database.write() as session:
            user = await session.get(User, who.user_id)
            if user is None or user.totp_sealed is not None:
                raise NotHere
            await enrol(session, panel.office, user, secret, str(form.get("code", "")), now)
            await panel.office.auditor.record(
                session, at=now, actor=who.audit_key, action="enrol_second_factor", subject=who.audit_key
            )
    except LinliError as refused:
        return _page(request, sentence_for(request, refused), refused.status, secret)
    return RedirectResponse(f"{BASE}/me", status_code=303)
