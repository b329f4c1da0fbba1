"""Logins: a system administrator opens them asleep, a security administrator gives role and life. Neither suffices.

| may                                     | system admin | security admin |
|-----------------------------------------|:------------:|:--------------:|
| open an account (inactive)              | yes          |                |
| set role, area, active; end sessions    |              | yes            |
| set a new password, drop a lost device  |              | yes            |
"""

from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.choices import areas_below
from backend.admin.finding import NotHere
from backend.admin.panel import BASE, panel_of
from backend.admin.rendering import render, sentence_for
from backend.admin.rights import NotYourPage
from backend.admin.who import who_of
from backend.areas.models import Staff
from backend.domain.words import Role
from backend.people.models import User
from backend.people.users import MAY_LOG_IN, change_password, create_user, drop_second_factor, set_rights
from nlu.errors import LinliError

MOST_USERS = 1000


async def user_list(request: Request) -> Response:
    """All logins of the district."""
    return await _page(request)


async def _page(request: Request, sentence: str = "", status: int = 200) -> Response:
    panel, who = panel_of(request), who_of(request)
    async with panel.office.database.read() as session:
        users = list((await session.exec(select(User).order_by(col(User.username)).limit(MOST_USERS))).all())
        staff = list((await session.exec(select(Staff).where(col(Staff.is_active)).order_by(col(Staff.name)))).all())
    roles = [role.value for role in Role if role in MAY_LOG_IN]
    areas = areas_below(panel.office, "")
    is_security = who.role is Role.SECURITY_ADMIN
    return render(
        request,
        "users.html",
        status,
        users=users,
        staff=staff,
        roles=roles,
        areas=areas,
        sentence=sentence,
        is_security=is_security,
    )


async def post_new_user(request: Request) -> Response:
    """Opens an account; it sleeps until a security administrator wakes it."""
    panel, who = panel_of(request), who_of(request)
    if who.role is not Role.SYSADMIN:
        raise NotYourPage
    form = await request.form()
    staff_id = str(form.get("staff_id", ""))
    try:
        async with panel.office.database.write() as session:
            if panel.office.atlas.area(str(form.get("area_code", ""))) is None:
                raise NotHere
            await create_user(
                session,
                panel.office,
                username=str(form.get("username", "")),
                password=str(form.get("password", "")),
                role=str(form.get("role", "")),
                area_code=str(form.get("area_code", "")),
                display_name=str(form.get("display_name", "")).strip(),
                unit=str(form.get("unit", "")).strip() or None,
                staff_id=int(staff_id) if staff_id.isdecimal() else None,
                now=panel.clock(),
                by=who.audit_key,
                is_active=False,
                passwords=panel.passwords,
            )
    except LinliError as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    return RedirectResponse(f"{BASE}/users", status_code=303)


async def post_rights(request: Request) -> Response:
    """Role, area and life of a login; its sessions end at once."""
    panel, who = panel_of(request), who_of(request)
    if who.role is not Role.SECURITY_ADMIN:
        raise NotYourPage
    form = await request.form()
    now = panel.clock()
    try:
        async with panel.office.database.write() as session:
            user = await session.get(User, int(request.path_params["user_id"]))
            if user is None or panel.office.atlas.area(str(form.get("area_code", user.area_code))) is None:
                raise NotHere
            await set_rights(
                session,
                panel.office,
                user,
                by=who.audit_key,
                now=now,
                role=str(form.get("role", user.role)),
                area_code=str(form.get("area_code", user.area_code)),
                is_active=form.get("is_active") == "on",
            )
            if form.get("password"):
                new = str(form.get("password"))
                await change_password(session, panel.office, user, new, who.audit_key, now, panel.passwords)
            if form.get("drop_device") == "on":
                await drop_second_factor(session, panel.office, user, who.audit_key, now)
    except LinliError as refused:
        return await _page(request, sentence_for(request, refused), refused.status)
    return RedirectResponse(f"{BASE}/users", status_code=303)
