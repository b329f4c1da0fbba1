"""The worker's page: legal moves only, on behalf of the one the link was made for, with photos, and no identity."""

from datetime import timedelta

import pytest
from sqlmodel import select

from backend.cases.models import Attachment, PageLink
from tests.backend.pages.conftest import HTML, JSON, Bench, jpeg


async def test_the_page_shows_the_task_and_nobody(bench: Bench) -> None:
    page = await bench.browser().get(bench.worker)
    assert page.status_code == 200
    assert "幸福里小区1号楼" in page.text
    assert "13800000001" not in page.text
    assert "签收任务" in page.text
    assert "办好了" not in page.text  # not before it is accepted


async def test_accept_set_out_and_done_with_a_photo(bench: Bench) -> None:
    browser = bench.browser()
    for name in ("accept", "on_the_way"):
        answer = await browser.post(f"{bench.worker}/moves", data={"move": name}, headers=HTML)
        assert answer.status_code == 303
    files = {"photo": ("x.jpg", jpeg(), "image/jpeg")}
    data = {"move": "done", "result": "换了灯泡"}
    answer = await browser.post(f"{bench.worker}/moves", data=data, files=files, headers=JSON)
    assert answer.json()["to"].startswith(bench.worker)
    case = await bench.fresh()
    assert (case.state, case.doer) == ("done", case.assignee)
    done = (await bench.events())[-1]
    assert done.actor_name == "李建国"
    assert done.facts["result"] == "换了灯泡"
    async with bench.office.database.read() as session:
        photo = (await session.exec(select(Attachment).where(Attachment.case_id == case.id))).one()
    assert photo.kind == "after"
    shown = await browser.get(f"{bench.worker}/photos/{photo.id}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_cannot_gives_the_task_back_and_the_page_lets_go(bench: Bench) -> None:
    browser = bench.browser()
    refused = await browser.post(f"{bench.worker}/moves", data={"move": "return_"}, headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    data = {"move": "return_", "reason": "要吊车，网格里没有"}
    back = await browser.post(f"{bench.worker}/moves", data=data, headers=HTML)
    assert back.headers["location"].startswith(f"/t/{bench.worker.split('/')[2]}/tasks")
    assert (await bench.fresh()).state == "received"
    assert (await browser.get(bench.worker)).status_code == 410


async def test_asking_the_resident_and_asking_for_time(bench: Bench) -> None:
    browser = bench.browser()
    await bench.walk("accept")
    data = {"move": "request_extension", "amount": "3", "reason": "等配件"}
    assert (await browser.post(f"{bench.worker}/moves", data=data, headers=HTML)).status_code == 303
    wrong = {"move": "request_extension", "amount": "٣", "reason": "等配件"}
    assert (await browser.post(f"{bench.worker}/moves", data=wrong, headers=JSON)).status_code == 422
    data = {"move": "wait_for_resident", "reason": "是哪一盏灯？"}
    assert (await browser.post(f"{bench.worker}/moves", data=data, headers=HTML)).status_code == 303
    assert (await bench.fresh()).state == "waiting"


async def test_a_photo_sent_twice_over_a_poor_network_is_there_once(bench: Bench) -> None:
    await bench.walk("accept")
    files = {"photo": ("x.jpg", jpeg(), "image/jpeg")}
    for _ in range(2):
        data = {"move": "add_evidence", "when": "before"}
        answer = await bench.browser().post(f"{bench.worker}/moves", data=data, files=files, headers=JSON)
        assert answer.status_code == 200
    async with bench.office.database.read() as session:
        assert len((await session.exec(select(Attachment))).all()) == 1
    assert [event.move for event in await bench.events()].count("add_evidence") == 1


async def test_a_refused_move_leaves_no_photo_behind(bench: Bench) -> None:
    files = {"photo": ("x.jpg", jpeg(), "image/jpeg")}
    data = {"move": "done", "result": "换了灯泡"}
    answer = await bench.browser().post(f"{bench.worker}/moves", data=data, files=files, headers=JSON)
    assert answer.status_code == 409
    assert not [one for one in bench.office.media_folder.rglob("*") if one.is_file()]


async def test_the_list_holds_my_tasks_and_opens_only_mine(bench: Bench) -> None:
    browser = bench.browser()
    listed = await browser.get(f"{bench.worker}/tasks")
    assert bench.case.number in listed.text
    assert (await browser.get(f"{bench.worker}/tasks/{bench.case.number}")).status_code == 200
    other = await bench.link_for("王芳")
    assert bench.case.number not in (await browser.get(f"{other}/tasks")).text
    assert (await browser.get(f"{other}/tasks/{bench.case.number}")).status_code == 404


async def test_another_workers_link_to_this_task_shows_nothing(bench: Bench) -> None:
    other = await bench.link_for("王芳")
    answer = await bench.browser().get(other)
    assert answer.status_code == 410
    assert "幸福里" not in answer.text


@pytest.mark.parametrize("path", ["", "/tasks", "/patrol", "/photos/1", "/tasks/20261123-00001"])
async def test_a_guessed_link_is_404_and_an_expired_or_withdrawn_one_410(bench: Bench, path: str) -> None:
    browser = bench.browser()
    assert (await browser.get(f"/t/{'A' * 32}{path}")).status_code == 404
    assert (await browser.get(f"{bench.worker}x{path}")).status_code == 404
    assert (await browser.get(f"{bench.resident.replace('/c/', '/t/')}{path}")).status_code == 404
    bench.now += timedelta(days=15)
    assert (await browser.get(f"{bench.worker}{path}")).status_code == 410
    bench.now -= timedelta(days=15)
    async with bench.office.database.write() as session:
        for link in (await session.exec(select(PageLink))).all():
            link.revoked_at = bench.now
            session.add(link)
    assert (await browser.get(f"{bench.worker}{path}")).status_code == 410


async def test_who_left_the_service_opens_nothing(bench: Bench) -> None:
    person = await bench.staff("李建国")
    async with bench.office.database.write() as session:
        person.is_active = False
        session.add(person)
    assert (await bench.browser().get(bench.worker)).status_code == 410


async def test_guessing_is_slowed_per_address(bench: Bench) -> None:
    browser = bench.browser("10.0.0.7")
    codes = [(await browser.get(f"/t/{n:032d}")).status_code for n in range(25)]
    assert codes[:20] == [404] * 20
    assert codes[-1] == 429
    assert (await browser.get(bench.worker)).status_code == 200


async def test_posts_from_another_site_and_unknown_moves_are_refused(bench: Bench) -> None:
    browser = bench.browser()
    evil = {"origin": "https://evil.example", **JSON}
    assert (await browser.post(f"{bench.worker}/moves", data={"move": "accept"}, headers=evil)).status_code == 403
    for name in ("void", "verify", "dispatch", "__class__", ""):
        answer = await browser.post(f"{bench.worker}/moves", data={"move": name}, headers=JSON)
        assert answer.status_code == 422
    assert (await bench.fresh()).state == "dispatched"


async def test_a_patrol_report_is_filed_placed_and_settled(bench: Bench) -> None:
    browser = bench.browser()
    assert (await browser.get(f"{bench.worker}/patrol")).status_code == 200
    files = {"photo": ("x.jpg", jpeg(10), "image/jpeg")}
    data = {
        "text": "井盖松动，联系人13700000009",
        "place": "幸福里小区2号楼",
        "category": "urban.lighting",
        "settled": "1",
        "lat": "30.005",
        "lon": "120.004",
    }
    answer = await browser.post(f"{bench.worker}/patrol", data=data, files=files, headers=JSON)
    assert answer.status_code == 200, answer.text
    bench.case.id = (bench.case.id or 0) + 1
    filed = await bench.fresh()
    assert (filed.source, filed.grid_code, filed.state) == ("patrol", "99010100101", "done")
    assert "13700000009" not in filed.description
    wrong = await browser.post(f"{bench.worker}/patrol", data={"text": "没拍照"}, headers=JSON)
    assert wrong.status_code == 422


async def test_the_page_is_installable_small_and_strict(bench: Bench) -> None:
    browser = bench.browser()
    page = await browser.get(bench.worker)
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert (await browser.get("/t/sw.js")).headers["content-type"].startswith("text/javascript")
    manifest = (await browser.get("/t/manifest.webmanifest")).json()
    assert manifest["start_url"] == "/t/"
    for icon in manifest["icons"]:
        assert (await browser.get(icon["src"])).status_code == 200
    assert (await browser.get("/t/")).status_code == 200
    size = len(page.content)
    for part in page.text.split('"'):
        if part.startswith("/assets/"):
            size += len((await browser.get(part)).content)
    assert size < 60_000
