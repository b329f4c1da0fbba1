"""The door of the panel: every route × role, no session, no token, sessions, guessing, codes, headers."""

import re
from datetime import timedelta

import httpx
import pyotp
import pytest
from sqlmodel import select

from backend.admin.app import ENTRIES, Entry
from backend.admin.panel import BASE
from backend.admin.record_views import VIEWS
from backend.admin.rights import MAY
from backend.domain.words import Role
from backend.people.models import AuditEntry, LoginFailure, PanelSession, User
from backend.people.passwords import Passwords
from backend.people.users import ThreePeople, check_three_people, create_user, set_rights
from tests.backend.admin.building import PASSWORD, USERS, Browser, PanelUnderTest, file_lamp

VALUES = {"{number}": "20261123-99999", "{move}": "note", "{step}": "note"}
LOGGED_IN = [entry for entry in ENTRIES if entry.page is not None and entry.path != "/live"]


def address(entry: Entry) -> str:
    """The entry's path with something in every gap."""
    path = entry.path
    for gap, value in VALUES.items():
        path = path.replace(gap, value)
    return re.sub(r"\{[a-z_]+:int\}", "999", path)


@pytest.mark.parametrize("username", [row[0] for row in USERS])
async def test_every_route_opens_for_its_roles_and_for_no_other(panel: PanelUnderTest, username: str) -> None:
    role = Role(next(row[1] for row in USERS if row[0] == username))
    for entry in LOGGED_IN:
        if entry.path in ("/logout", "/language"):
            continue
        assert entry.page is not None
        browser = await panel.browser(username)
        send = browser.get if entry.method == "GET" else browser.post
        answer = await send(address(entry))
        may = role in MAY[entry.page]
        assert (answer.status_code != 403) == may or entry.path.startswith("/users"), (entry, answer.status_code)
        assert answer.status_code < 500, (entry, answer.text[-400:])


@pytest.mark.parametrize("username", [row[0] for row in USERS])
async def test_every_record_page_opens_for_its_roles_and_for_no_other(panel: PanelUnderTest, username: str) -> None:
    role = Role(next(row[1] for row in USERS if row[0] == username))
    browser = await panel.browser(username)
    for view in VIEWS:
        answer = await browser.get(f"/records/{view.name}/list")
        expected = 200 if role in MAY[view.page] else 403
        assert answer.status_code == expected, (view.name, answer.status_code, answer.text[-600:])
        for path, allowed in (("create", view.may_create),):
            page = await browser.get(f"/records/{view.name}/{path}")
            assert (page.status_code == 200) == (role in allowed and expected == 200), (view.name, path)


async def test_without_a_session_everything_leads_to_the_login(panel: PanelUnderTest) -> None:
    stranger = await panel.browser()
    for entry in LOGGED_IN:
        send = stranger.get if entry.method == "GET" else stranger.post
        answer = await send(address(entry))
        assert answer.status_code == 303, entry
        assert answer.headers["location"].startswith(f"{BASE}/login"), entry
    assert (await stranger.get("/records/audit/list")).status_code == 303


async def test_no_form_works_without_its_token(panel: PanelUnderTest) -> None:
    browser = await panel.browser("chief")
    for entry in LOGGED_IN:
        if entry.method == "POST":
            for token in ("", "wrong"):
                answer = await browser.client.post(BASE + address(entry), data={"csrftoken": token})
                assert answer.status_code == 403, entry
    answer = await browser.client.post(f"{BASE}/records/staff/create", data={"name": "甲"})
    assert answer.status_code == 403


async def test_a_form_from_another_site_is_refused_even_with_the_token(panel: PanelUnderTest) -> None:
    browser = await panel.browser("chief")
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        answer = await browser.post("/language", {"lang": "en"}, headers=headers)
        assert answer.status_code == 403


async def test_a_login_gets_a_new_id_and_ends_the_old_one(panel: PanelUnderTest) -> None:
    browser = await panel.browser()
    browser.client.cookies.set("linli", "tossed-in-by-somebody", domain="127.0.0.1")
    await browser.log_in("operator")
    first = browser.client.cookies["linli"]
    assert first != "tossed-in-by-somebody"
    assert (await browser.get("/login")).status_code == 303  # already in: goes on
    other = Browser(panel.app)
    other.client.cookies.set("linli", first)
    assert (await other.get("/cases")).status_code == 200
    await browser.post("/logout")
    assert (await other.get("/cases")).status_code == 303


async def test_the_cookie_has_the_host_prefix_over_https(panel: PanelUnderTest) -> None:
    browser = Browser(panel.app, "https://127.0.0.1:8000")
    answer = await browser.log_in("operator")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-linli="))
    for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in cookie
    plain = await (await panel.browser()).log_in("operator")
    assert "Secure" not in plain.headers["set-cookie"]


async def test_a_disabled_user_is_refused_at_once(panel: PanelUnderTest) -> None:
    browser = await panel.browser("operator")
    assert (await browser.get("/cases")).status_code == 200
    async with panel.office.database.write() as session:
        user = (await session.exec(select(User).where(User.username == "operator"))).one()
        await set_rights(session, panel.office, user, by="user:999", now=panel.clock(), is_active=False)
    assert (await browser.get("/cases")).status_code == 303


async def test_a_demoted_user_is_refused_at_once(panel: PanelUnderTest) -> None:
    browser = await panel.browser("chief")
    security = await panel.browser("security")
    async with panel.office.database.read() as session:
        user = (await session.exec(select(User).where(User.username == "chief"))).one()
    answer = await security.post(f"/users/{user.id}", {"role": "verifier", "area_code": "990101", "is_active": "on"})
    assert answer.status_code == 303
    assert (await browser.get("/cases")).status_code == 303


async def test_a_session_ends_when_idle_and_after_a_shift(panel: PanelUnderTest) -> None:
    browser = await panel.browser("operator")
    panel.clock.pass_by(timedelta(hours=1, minutes=50))
    assert (await browser.get("/cases")).status_code == 200
    panel.clock.pass_by(timedelta(hours=2, minutes=1))
    assert (await browser.get("/cases")).status_code == 303


async def test_the_database_holds_no_session_id(panel: PanelUnderTest) -> None:
    browser = await panel.browser("operator")
    async with panel.office.database.read() as session:
        row = (await session.exec(select(PanelSession))).one()
    assert browser.client.cookies["linli"] not in row.model_dump().values()


async def test_unknown_names_and_wrong_passwords_read_and_wait_alike(panel: PanelUnderTest) -> None:
    answers = []
    for username in ("operator", "nobody-here"):
        browser = Browser(panel.app)
        texts = []
        for _ in range(7):
            answer = await browser.log_in(username, "wrong password")
            texts.append((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)))
        answers.append(texts)
    assert [status for status, _ in answers[0]] == [401] * 6 + [429]
    assert answers[0] == answers[1]
    panel.clock.pass_by(timedelta(seconds=3))
    assert (await Browser(panel.app).log_in("operator")).status_code == 303


async def test_spraying_many_names_from_one_address_is_slowed_whatever_the_header_says(panel: PanelUnderTest) -> None:
    browser = Browser(panel.app)
    browser.client.headers["x-forwarded-for"] = "8.8.8.8"
    statuses = [(await browser.log_in(f"name{number}", "Spring2026!!")).status_code for number in range(23)]
    assert statuses[-1] == 429
    async with panel.office.database.read() as session:
        keys = {row.key for row in (await session.exec(select(LoginFailure))).all()}
    assert "from:127.0.0.9" in keys
    assert not any("8.8.8.8" in key for key in keys)


async def test_a_ten_megabyte_password_is_refused_before_hashing(panel: PanelUnderTest) -> None:
    browser = Browser(panel.app)
    assert (await browser.log_in("operator", "x" * 10_000_000)).status_code == 413
    assert (await browser.log_in("operator", "x" * 1025)).status_code == 413


async def test_a_script_without_any_trace_of_a_browser_may_log_in(panel: PanelUnderTest) -> None:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=panel.app), base_url="http://127.0.0.1:8000")
    data = {"username": "operator", "password": PASSWORD}
    assert (await client.post(f"{BASE}/login", data=data)).headers["location"] == BASE
    traced = await client.post(f"{BASE}/login", data=data, headers={"referer": "http://127.0.0.1:8000/admin/login"})
    assert traced.status_code == 403


async def test_the_next_page_is_never_outside(panel: PanelUnderTest) -> None:
    browser = await panel.browser()
    page = await browser.get("/login?next=https://evil.example/")
    assert "evil.example" not in page.text
    for bad in ("//evil.example", "/admin\\evil", "/administrator", "javascript:alert(1)"):
        assert 'name="next" value="/admin"' in (await browser.get("/login", params={"next": bad})).text


async def test_a_one_time_code_is_asked_for_and_works_once(panel: PanelUnderTest) -> None:
    browser = await panel.browser("operator")
    page = (await browser.get("/me")).text
    secret = re.search(r'name="secret" value="([^"]+)"', page)
    assert secret is not None
    totp = pyotp.TOTP(secret[1])
    code = totp.at(panel.clock())
    assert (await browser.post("/me/second-factor", {"secret": secret[1], "code": code})).status_code == 303
    fresh = Browser(panel.app)
    answer = await fresh.log_in("operator")
    assert "/login/code" in answer.headers["location"]
    assert (await fresh.get("/cases")).status_code == 303  # not in yet
    panel.clock.pass_by(timedelta(seconds=30))
    code = totp.at(panel.clock())
    for expected in (303, 303):
        form = await fresh.get("/login/code")
        token = re.search(r'name="form" value="([^"]+)"', form.text)
        assert token is not None
        answer = await fresh.client.post(f"{BASE}/login/code", data={"code": code, "form": token[1]})
        assert answer.status_code == expected
        break
    assert (await fresh.get("/cases")).status_code == 200
    again = Browser(panel.app)
    await again.log_in("operator")
    token = re.search(r'name="form" value="([^"]+)"', (await again.get("/login/code")).text)
    assert token is not None
    replayed = await again.client.post(f"{BASE}/login/code", data={"code": code, "form": token[1]})
    assert replayed.status_code == 422


async def test_pages_carry_a_strict_policy_and_hold_to_it(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock())
    browser = await panel.browser("dispatcher")
    paths = ["/cases", f"/cases/{case.number}", "/call", "/dashboard", "/map", "/conversations", "/me", "/categories"]
    for path in [*paths, "/records/staff/list", "/records/staff/create", "/records/staff/detail?pk=1"]:
        page = await browser.get(path)
        assert page.status_code == 200, path
        policy = page.headers["content-security-policy"]
        assert "'unsafe-inline'" not in policy.split("style-src-attr")[0]
        assert "'unsafe-eval'" not in policy
        nonce = re.search(r"nonce-([^']+)'", policy)
        assert nonce is not None
        for tag in re.findall(r"<(?:script|style)\b[^>]*>", page.text):
            is_data = 'type="application/json"' in tag
            assert "src=" in tag or is_data or f'nonce="{nonce[1]}"' in tag, (path, tag)
        assert not re.search(r"<[^>]+\son[a-z]+=", page.text), path
        if not path.startswith("/records"):
            assert not re.search(r"<[^>]+\sstyle=", page.text), path
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"


async def test_words_of_residents_are_inert(panel: PanelUnderTest) -> None:
    case = await file_lamp(panel.office, panel.clock(), text="<script>alert(1)</script>路灯", place="<img src=x>")
    browser = await panel.browser("dispatcher")
    for path in ("/cases", f"/cases/{case.number}", f"/cases/{case.number}/print"):
        page = (await browser.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


async def test_the_three_administrators_are_three_people(panel: PanelUnderTest) -> None:
    office = panel.office
    async with office.database.write() as session:
        await create_user(
            session,
            office,
            username="one",
            password="a long enough one",
            role="sysadmin",
            area_code="990100",
            staff_id=9,
            now=panel.clock(),
            passwords=Passwords(),
        )
        for role in (Role.SECURITY_ADMIN, Role.AUDITOR):
            with pytest.raises(ThreePeople):
                await check_three_people(session, role, 9)


async def test_a_system_administrator_alone_gives_nobody_access(panel: PanelUnderTest) -> None:
    sysadmin = await panel.browser("sysadmin")
    fields = {
        "username": "newcomer",
        "password": "a long enough one",
        "role": "operator",
        "area_code": "990101",
        "display_name": "新同事",
    }
    assert (await sysadmin.post("/users", fields)).status_code == 303
    assert (await Browser(panel.app).log_in("newcomer", fields["password"])).status_code == 401
    async with panel.office.database.read() as session:
        user = (await session.exec(select(User).where(User.username == "newcomer"))).one()
    rights = {"role": "operator", "area_code": "990101", "is_active": "on"}
    assert (await sysadmin.post(f"/users/{user.id}", rights)).status_code == 403
    security = await panel.browser("security")
    assert (await security.post("/users", {**fields, "username": "another"})).status_code == 403
    assert (await security.post(f"/users/{user.id}", rights)).status_code == 303
    assert (await Browser(panel.app).log_in("newcomer", fields["password"])).status_code == 303


async def test_nobody_changes_their_own_rights(panel: PanelUnderTest) -> None:
    security = await panel.browser("security")
    async with panel.office.database.read() as session:
        user = (await session.exec(select(User).where(User.username == "security"))).one()
    answer = await security.post(f"/users/{user.id}", {"role": "auditor", "area_code": "990100", "is_active": "on"})
    assert answer.status_code == 403


async def test_a_new_password_ends_every_other_session(panel: PanelUnderTest) -> None:
    browser, other = await panel.browser("operator"), Browser(panel.app)
    await other.log_in("operator")
    await browser.get("/me")
    answer = await browser.post("/me/password", {"old": PASSWORD, "new": "another long password"})
    assert answer.status_code == 303
    assert (await browser.get("/cases")).status_code == 200
    assert (await other.get("/cases")).status_code == 303


async def test_logins_leave_a_line_each(panel: PanelUnderTest) -> None:
    browser = Browser(panel.app)
    await browser.log_in("operator", "wrong password")
    await browser.log_in("operator")
    async with panel.office.database.read() as session:
        actions = [row.action for row in (await session.exec(select(AuditEntry))).all()]
    assert actions == ["login_failed", "log_in"]
