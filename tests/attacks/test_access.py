"""A24–A29: every page of the panel and of the API against every role and every foreign area; links; mass assignment."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from backend.admin.app import ENTRIES, Entry
from backend.admin.panel import BASE
from backend.admin.rights import MAY
from backend.cases.links import new_link
from backend.cases.models import Attachment, Case, PageLink
from backend.cases.photos import StoredFile, attach
from backend.conversations.models import Conversation
from backend.conversations.talk import open_conversation, write_down
from backend.items.models import Application
from backend.notices.models import Notice
from backend.people.models import User
from backend.people.residents import speaker_for, wrapped_key
from tests.attacks.stand import Stand
from tests.backend.admin.building import USERS, Browser, file_lamp

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE, NAME = "13812345678", "王小明"
GUARDED = [entry for entry in ENTRIES if entry.page is not None]
FAR_ROLES = ("far",)


async def far_things(stand: Stand) -> dict[str, str]:
    """Rows of 清泉社区 (云桥街道), none of which a dispatcher of 河湾街道 may know of."""
    office, now = stand.office, stand.clock()
    async with office.database.read() as session:
        known = (await session.exec(select(Case).where(Case.place == "幸福里小区1号楼"))).first()
    if known is None:
        known = await file_lamp(office, now)
        async with office.database.write() as session:
            photo = StoredFile("aa/x.jpg", "image/jpeg", 1, "0" * 64)
            await attach(session, office.district_code, photo, now, case_id=known.id)
            session.add(
                Application(
                    district_code=office.district_code, number="A20261123-00001", item_id=1, item_name="独生子女证",
                    state="received", source="web", area_code="990101001", area_path="990100/990101/990101001/",
                    level="community", created_at=now, updated_at=now,
                )
            )  # fmt: skip
    async with office.database.read() as session:
        media = (await session.exec(select(Attachment.id).where(Attachment.case_id == known.id))).one()
        notice = (await session.exec(select(Notice.id).where(Notice.case_id == known.id))).first()
        talk = (await session.exec(select(Conversation.id))).first()
    return {
        "number": known.number,
        "application": "A20261123-00001",
        "media_id": str(media),
        "notice_id": str(notice or 0),
        "conversation_id": str(talk or 1),
        "user_id": "1",
        "move": "note",
        "step": "start_review",
        "field": "phone",
    }


def path_of(entry: Entry, things: dict[str, str]) -> str:
    """The route with the identifiers of rows that exist, but far away."""
    number = things["application"] if entry.path.startswith("/applications") else things["number"]
    filled = {**things, "number": number}

    def value(hit: re.Match[str]) -> str:
        return filled.get(hit[1], "1")

    return re.sub(r"{(\w+)(?::\w+)?}", value, entry.path)


def names_a_row(entry: Entry) -> bool:
    """Whether the address names one row."""
    return "{" in entry.path


def every_role_and_route() -> Iterator[tuple[str, Entry]]:
    for username, *_ in USERS:
        for entry in GUARDED:
            yield username, entry


async def test_a24_every_route_is_refused_to_every_role_it_is_not_for(stand: Stand) -> None:
    """Generated from the panel's own table: a new route is in this test the day it is written."""
    things = await far_things(stand)
    roles = {username: role for username, role, *_ in USERS}
    refused = 0
    for username, entry in every_role_and_route():
        assert entry.page is not None
        if roles[username] in MAY[entry.page] or entry.path == "/logout":
            continue
        browser = await stand.browser(username)
        path = path_of(entry, things)
        answer = await (browser.post(path) if entry.method == "POST" else browser.get(path))
        assert answer.status_code in (403, 404), (username, entry.method, entry.path, answer.status_code)
        refused += 1
    assert refused > 30


async def test_a24_strangers_are_sent_to_the_login_from_every_route(stand: Stand) -> None:
    things = await far_things(stand)
    client = stand.client()
    for entry in GUARDED:
        answer = await client.request(entry.method, BASE + path_of(entry, things))
        assert answer.status_code in (303, 401), (entry.path, answer.status_code)
        assert "/login" in (answer.headers.get("location") or answer.headers.get("hx-redirect") or "")


async def test_a24_a_dispatcher_of_another_street_meets_404_on_every_row(stand: Stand) -> None:
    things = await far_things(stand)
    browser = await stand.browser("far")
    met = 0
    for entry in GUARDED:
        if not re.search(r"{(number|media_id|notice_id|conversation_id)", entry.path):
            continue
        path = path_of(entry, things)
        form = {"version": "2", "text": "x", "reason": "x", "field": "phone", "resident": "1"}
        answer = await (browser.post(path, form) if entry.method == "POST" else browser.get(path))
        if "conversation" in entry.path and answer.status_code != 404:
            continue  # a talk of nobody's area belongs to all desks
        assert answer.status_code == 404, (entry.method, entry.path, answer.status_code)
        assert things["number"] not in answer.text.replace(path, "")
        met += 1
    assert met >= 8


async def test_a24_lists_of_another_street_show_nothing_of_ours(stand: Stand) -> None:
    things = await far_things(stand)
    browser = await stand.browser("far")
    for entry in GUARDED:
        if entry.method != "GET" or names_a_row(entry) or entry.path == "/live":
            continue
        for query in (
            "",
            "?tab=all",
            f"?tab=all&q={things['number']}",
            "?tab=all&area=990101001",
            f"?tab=all&q={PHONE}",
        ):
            answer = await browser.get(entry.path + query)
            if answer.status_code == 200:
                shown = answer.text.replace(f'value="{things["number"]}"', "").replace(f"q={things['number']}", "")
                assert things["number"] not in shown, (entry.path, query)
                assert PHONE not in shown.replace(f'value="{PHONE}"', "").replace(f"q={PHONE}", "")


async def test_a24_the_api_knows_the_same_walls(stand: Stand) -> None:
    things = await far_things(stand)
    headers = await stand.token("far")
    client = stand.client()
    number = things["number"]
    assert (await client.get(f"/api/v1/cases/{number}", headers=headers)).status_code == 404
    body = {"move": "note", "version": 2, "facts": {"text": "x"}}
    assert (await client.post(f"/api/v1/cases/{number}/moves", json=body, headers=headers)).status_code == 404
    for query in ("", "?state=dispatched", "?category=urban", "?before=9999"):
        answer = await client.get(f"/api/v1/cases{query}", headers=headers)
        assert answer.json()["cases"] == []
    assert (await client.get("/api/v1/applications", headers=headers)).json() == []
    ours = await client.get(f"/api/v1/cases/{number}", headers=await stand.token("dispatcher"))
    assert ours.status_code == 200


async def test_a24_every_api_route_wants_a_token(stand: Stand) -> None:
    spec = (await stand.client().get("/api/v1/openapi.json")).json()
    for path, methods in spec["paths"].items():
        for method in methods:
            answer = await stand.client().request(method, f"/api/v1{path}".replace("{number}", "1"), json={})
            assert answer.status_code in (401, 422), (method, path)
            if answer.status_code == 422:
                assert method == "post"


@pytest.mark.parametrize("purpose", ["task", "case"])
async def test_a25_a_link_is_unguessable_and_dies_and_shows_no_telephone(stand: Stand, purpose: str) -> None:
    things = await far_things(stand)
    office, now = stand.office, stand.clock()
    async with office.database.write() as session:
        case = (await session.exec(select(Case).where(Case.number == things["number"]))).one()
        url = await new_link(session, office, purpose, now, case_id=case.id, staff_id=1, resident_id=case.resident_id)  # type: ignore[arg-type]
    path = url.removeprefix(office.public_url)
    token = path.split("/")[-1]
    assert len(token) * 6 >= 128
    async with office.database.read() as session:
        assert token not in str((await session.exec(select(PageLink))).all())
    client = stand.client()
    page = await client.get(path)
    assert page.status_code == 200
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert "no-store" in page.headers["cache-control"]
    for personal in (PHONE, NAME, "138****5678"):
        assert personal not in page.text
    for other in (token[:-1], token + "A", token[::-1], token.swapcase(), "A" * 32, "..%2f..%2fetc", "%00", "x" * 5000):
        answer = await client.get(f"/{path.split('/')[1]}/{other}")
        assert answer.status_code in (400, 404), other
    wrong_door = "/c/" if purpose == "task" else "/t/"
    assert (await client.get(wrong_door + token)).status_code == 404
    async with office.database.write() as session:
        for link in (await session.exec(select(PageLink))).all():
            link.expires_at = now - timedelta(seconds=1)
    assert (await client.get(path)).status_code in (404, 410)
    assert (await client.post(f"{path}/moves/accept", data={"move": "accept"})).status_code in (403, 404, 405, 410)


async def test_a26_a_worker_never_receives_the_complainant(stand: Stand) -> None:
    """Neither in the panel, nor in the API, nor when they ask for it by name."""
    body = {"text": "楼上太吵，我叫王小明，快来管管", "kind": "complaint", "address": "幸福里小区1号楼", "phone": PHONE}
    filed = await stand.client().post("/api/v1/cases", json=body, headers=await stand.token("operator"))
    number = filed.json()["number"]
    async with stand.office.database.write() as session:
        complaint = (await session.exec(select(Case).where(Case.number == number))).one()
        complaint.assignee = "staff:1"
        now = stand.clock()
        speaker = await speaker_for(session, stand.office, "web", "web", "chat-26", now)
        speaker.identity.resident_id = complaint.resident_id
        key = await wrapped_key(session, complaint.resident_id or 0)
        speaker = await speaker_for(session, stand.office, "web", "web", "chat-26", now)
        talk = await open_conversation(session, stand.office, speaker, now, chat="chat-26")
        await write_down(session, stand.office, talk, key, "in", "我叫王小明，楼上太吵", now)
    browser = await stand.browser("worker")
    page = await browser.get(f"/cases/{complaint.number}")
    assert page.status_code == 200
    for path in ("", "/print"):
        shown = (await browser.get(f"/cases/{complaint.number}{path}")).text
        for personal in (PHONE, NAME, "138****5678"):
            assert personal not in shown
    assert NAME in (await (await stand.browser("dispatcher")).get(f"/cases/{complaint.number}")).text
    asked = {"field": "phone", "reason": "想知道是谁", "resident": str(complaint.resident_id)}
    answer = await browser.post(f"/cases/{complaint.number}/reveal", asked)
    assert answer.status_code in (403, 404)
    assert PHONE not in answer.text
    shown = (await stand.client().get(f"/api/v1/cases/{complaint.number}", headers=await stand.token("worker"))).text
    assert not {"resident_id", "reporters", "phone"} & set(re.findall(r'"(\w+)":', shown))
    assert PHONE not in shown


async def test_a27_a_form_field_that_was_not_offered_changes_nothing(stand: Stand) -> None:
    case = await file_lamp(stand.office, stand.clock(), place="三号楼")
    browser = await stand.browser("dispatcher")
    extra = {"assignee": "staff:5", "area_path": "990102", "state": "closed", "resident_id": "1", "level": "district"}
    answer = await browser.post(
        f"/cases/{case.number}/moves/note", {"version": str(case.version), "text": "记一笔", **extra}
    )
    assert answer.status_code in (303, 422)
    async with stand.office.database.read() as session:
        after = (await session.exec(select(Case).where(Case.number == case.number))).one()
    assert (after.assignee, after.area_path, after.state) == (case.assignee, case.area_path, case.state)
    foreign = {"version": str(after.version), "owner": "staff:5", "reason": "给别的街道"}
    answer = await browser.post(f"/cases/{case.number}/moves/reassign", foreign)
    assert answer.status_code == 422


async def test_a28_a_disabled_or_demoted_user_is_refused_at_once(stand: Stand) -> None:
    browser = await stand.browser("leader")
    assert (await browser.get("/cases")).status_code == 200
    async with stand.office.database.write() as session:
        user = (await session.exec(select(User).where(User.username == "leader"))).one()
        user.is_active = False
    assert (await browser.get("/cases")).status_code == 303
    async with stand.office.database.write() as session:
        user = (await session.exec(select(User).where(User.username == "leader"))).one()
        user.is_active, user.role, user.session_epoch = True, "sysadmin", user.session_epoch + 1
    assert (await browser.get("/cases")).status_code == 303


async def test_a29_an_open_stream_ends_with_its_session(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.admin.live.EVERY_SECONDS", 0.01)
    browser = Browser(stand.app)  # type: ignore[arg-type]
    await browser.log_in("operator")
    stream = asyncio.create_task(browser.client.get(f"{BASE}/live"))
    await browser.get("/cases")
    assert not stream.done()
    token = dict(browser.client.cookies)
    assert (await browser.post("/logout")).status_code == 303
    ended = await asyncio.wait_for(stream, 10)
    assert ended.status_code == 200
    assert "event: over" in ended.text
    again = stand.client()
    again.cookies.update(token)
    assert (await again.get(f"{BASE}/live")).status_code == 303
    await browser.client.aclose()
