"""A30–A34: forged forms, fixed sessions, guessed passwords, repeated codes, huge passwords."""

import re

import pyotp
import pytest
from sqlmodel import select

from backend.admin.app import ENTRIES
from backend.admin.panel import BASE
from backend.cases.links import new_link
from backend.cases.models import Case
from backend.people.backoff import FREE_TRIES
from backend.people.models import User
from tests.attacks.stand import Stand
from tests.attacks.test_access import far_things, path_of
from tests.backend.admin.building import PASSWORD, Browser, file_lamp

pytestmark = pytest.mark.asyncio(loop_scope="session")
HERE = "http://127.0.0.1:8000"


async def log_in(stand: Stand, username: str, password: str, address: str = "10.3.0.1", **headers: str):  # type: ignore[no-untyped-def]
    """A script's login, without a trace of a browser."""
    form = {"username": username, "password": password}
    return await stand.client(address).post(f"{BASE}/login", data=form, headers=headers)


@pytest.mark.parametrize("token", [None, "", "x" * 43, "é"])
async def test_a30_every_form_of_the_panel_is_403_without_its_own_token(stand: Stand, token: str | None) -> None:
    things = await far_things(stand)
    other = (await stand.browser("operator")).csrf
    browser = await stand.browser("dispatcher")
    posts = [entry for entry in ENTRIES if entry.method == "POST" and entry.page is not None]
    assert posts
    for entry in posts:
        for given in {token, other}:
            data = {"version": "1", "text": "x"} | ({"csrftoken": given} if given is not None else {})
            answer = await browser.client.post(BASE + path_of(entry, things), data=data)
            assert answer.status_code == 403, (entry.path, answer.status_code)


async def test_a30_the_record_forms_and_their_deletions_are_403_without_a_token(stand: Stand) -> None:
    browser = await stand.browser("chief")
    for path in (
        "/records/staff/create",
        "/records/staff/edit/1",
        "/records/api/staff/action?pks=1&name=delete",
        "/records/area/create",
    ):
        assert (await browser.client.post(BASE + path, data={"name": "x"})).status_code in (403, 404, 405), path


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9"])
async def test_a30_a_form_of_another_site_is_403_even_with_the_token(stand: Stand, origin: str) -> None:
    browser = await stand.browser("dispatcher")
    answer = await browser.post("/language", {"lang": "en"}, headers={"origin": origin})
    assert answer.status_code == 403
    answer = await browser.post("/language", {"lang": "en"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert (
        await stand.client("10.3.0.9").post("/chat/messages", json={"text": "a"}, headers={"origin": origin})
    ).status_code == 403
    form = {"username": "operator", "password": PASSWORD}
    assert (await stand.client().post(f"{BASE}/login", data=form, headers={"origin": origin})).status_code == 403


async def test_a30_a_page_behind_a_link_refuses_forms_of_other_sites(stand: Stand) -> None:
    case = await file_lamp(stand.office, stand.clock())
    async with stand.office.database.write() as session:
        url = await new_link(session, stand.office, "task", stand.clock(), case_id=case.id, staff_id=1)
    path = url.removeprefix(stand.office.public_url)
    page = (await stand.client().get(path)).text
    actions = set(re.findall(r'action="(/[^"]+)"', page)) | {f"{path}/preferences"}
    for action in actions:
        answer = await stand.client().post(action, data={"language": "en"}, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403, action
    async with stand.office.database.read() as session:
        after = (await session.exec(select(Case).where(Case.number == case.number))).one()
    assert after.version == case.version


async def test_a31_a_session_given_from_outside_is_never_used(stand: Stand) -> None:
    client = stand.client("10.3.0.2", "https://127.0.0.1:8000")
    fixed = "attacker-chose-this-session-id-0123456789"
    for name in ("__Host-linli", "linli", "session"):
        client.cookies.set(name, fixed)
    answer = await client.post(f"{BASE}/login", data={"username": "verifier", "password": PASSWORD})
    assert answer.status_code == 303
    given = [line for line in answer.headers.get_list("set-cookie") if "max-age=0" not in line.lower() and "=" in line]
    session_line = next(line for line in given if line.startswith("__Host-linli="))
    assert fixed not in session_line
    for attribute in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert attribute.lower() in session_line.lower()
    assert "domain" not in session_line.lower()
    stranger = stand.client("10.3.0.3", "https://127.0.0.1:8000")
    stranger.cookies.set("__Host-linli", fixed)
    assert (await stranger.get(f"{BASE}/cases")).status_code == 303


async def test_a31_a_plain_cookie_tossed_in_over_http_opens_nothing_over_https(stand: Stand) -> None:
    browser = Browser(stand.app)  # type: ignore[arg-type]
    await browser.log_in("verifier")
    value = browser.client.cookies["linli"]
    await browser.client.aclose()
    https = stand.client("10.3.0.4", "https://127.0.0.1:8000")
    https.cookies.set("linli", value)
    assert (await https.get(f"{BASE}/cases")).status_code == 303


async def test_a32_guessing_is_slowed_by_account_and_names_that_do_not_exist_wait_alike(stand: Stand) -> None:
    answers: dict[str, list[tuple[int, str]]] = {}
    for name in ("security", "nobody-here"):
        address = f"10.3.1.{len(answers)}"
        for _ in range(FREE_TRIES["user"] + 3):
            answer = await log_in(stand, name, "wrong password 123", address)
            page = re.sub(r"(value|content|nonce)=\"[^\"]*\"", "", answer.text)
            answers.setdefault(name, []).append((answer.status_code, page.replace(name, "")))
    assert answers["security"] == answers["nobody-here"]
    codes = [code for code, _ in answers["security"]]
    assert codes[: FREE_TRIES["user"]] == [401] * FREE_TRIES["user"]
    assert codes[-1] == 429
    right = await log_in(stand, "security", PASSWORD, "10.3.1.9")
    assert right.status_code == 429, "the right password must not tell itself apart while the account waits"
    stand.pass_by(60)
    assert (await log_in(stand, "security", PASSWORD, "10.3.1.9")).status_code == 303


async def test_a32_spraying_from_one_address_is_slowed_whatever_x_forwarded_for_says(stand: Stand) -> None:
    codes = []
    for number in range(FREE_TRIES["from"] + 5):
        forged = dict.fromkeys(("x-forwarded-for", "x-real-ip", "cf-connecting-ip"), f"203.0.113.{number}")
        answer = await log_in(stand, f"name{number}", "wrong password 123", "10.3.2.1", **forged)
        codes.append(answer.status_code)
    assert codes[-1] == 429
    assert (await log_in(stand, "auditor", PASSWORD, "10.3.2.2")).status_code == 303, "others are not locked out"


async def test_a33_a_one_time_code_opens_once(stand: Stand) -> None:
    secret = pyotp.random_base32()
    async with stand.office.database.write() as session:
        user = (await session.exec(select(User).where(User.username == "sysadmin"))).one()
        user.totp_sealed = stand.office.vault.seal_office(secret)
    code = pyotp.TOTP(secret).at(stand.clock())
    outcomes = []
    for place in range(2):
        client = stand.client(f"10.3.3.{place}")
        first = await client.post(f"{BASE}/login", data={"username": "sysadmin", "password": PASSWORD})
        assert "/login/code" in first.headers["location"]
        assert (await client.get(f"{BASE}/users")).status_code == 303, "half a login opens nothing"
        answer = await client.post(f"{BASE}/login/code", data={"code": code})
        outcomes.append(answer.status_code)
    assert outcomes[0] == 303
    assert outcomes[1] == 422


async def test_a34_a_ten_megabyte_password_is_413(stand: Stand) -> None:
    answer = await log_in(stand, "operator", "x" * 10_000_000, "10.3.4.1")
    assert answer.status_code == 413
    answer = await log_in(stand, "operator", "x" * 5_000, "10.3.4.1")
    assert answer.status_code == 413
