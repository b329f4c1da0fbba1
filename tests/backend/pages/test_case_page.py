"""The resident's page: progress, history and moves for its owner; nothing personal for whoever gets the link."""

from datetime import timedelta

from sqlmodel import select

from backend.cases.models import PageLink
from backend.people.models import Resident
from tests.backend.pages.conftest import HTML, JSON, Bench, jpeg


async def test_a_stranger_with_the_link_sees_nothing_personal(bench: Bench) -> None:
    await bench.walk("accept", "done")
    page = await bench.browser().get(bench.resident)
    assert page.status_code == 200
    for personal in ("13800000001", "13911112222", "幸福里", "1号楼", "路灯不亮，我", "李建国", "第一网格"):
        assert personal not in page.text
    assert "网格员李师傅" in page.text
    assert "清泉社区" in page.text


async def test_progress_follows_the_case(bench: Bench) -> None:
    browser = bench.browser()
    assert 'class="now" aria-current="step"><span>派人' in (await browser.get(bench.resident)).text
    await bench.walk("accept")
    assert 'class="now" aria-current="step"><span>在办' in (await browser.get(bench.resident)).text
    english = await browser.get(bench.resident, headers={"cookie": "linli_lang=en"})
    assert "In progress" in english.text
    assert "处理中" not in english.text


async def test_supplement_photo_and_urge(bench: Bench) -> None:
    browser = bench.browser()
    for data in ({"move": "supplement", "text": "晚上七点以后才黑"}, {"move": "urge"}):
        assert (await browser.post(f"{bench.resident}/moves", data=data, headers=HTML)).status_code == 303
    files = {"photo": ("x.jpg", jpeg(), "image/jpeg")}
    answer = await browser.post(f"{bench.resident}/moves", data={"move": "add_evidence"}, files=files, headers=JSON)
    assert answer.status_code == 200
    assert [event.move for event in await bench.events()][-3:] == ["supplement", "urge", "add_evidence"]
    task = await bench.browser().get(bench.worker)
    assert "晚上七点以后才黑" in task.text
    assert "/photos/" not in (await browser.get(bench.resident)).text  # the resident's photos stay off this page


async def test_confirmed_and_rated_with_stars_and_words(bench: Bench) -> None:
    await bench.walk("accept", "done")
    browser = bench.browser()
    assert (await browser.post(f"{bench.resident}/moves", data={"move": "verify"}, headers=HTML)).status_code == 303
    assert (await bench.fresh()).state in ("verified", "closed")
    missing = await browser.post(f"{bench.resident}/moves", data={"move": "feedback"}, headers=JSON)
    assert missing.json()["code"] == "score_required"
    data = {"move": "feedback", "score": "5", "text": "来得很快", "contact": "no"}
    assert (await browser.post(f"{bench.resident}/moves", data=data, headers=HTML)).status_code == 303
    again = await browser.post(f"{bench.resident}/moves", data=data, headers=JSON)
    assert again.json()["code"] == "already_rated"
    async with bench.office.database.read() as session:
        resident = await session.get(Resident, bench.resident_id)
    assert resident is not None
    assert resident.may_contact is False


async def test_not_solved_goes_back_with_the_reason(bench: Bench) -> None:
    await bench.walk("accept", "done")
    data = {"move": "fail_verification", "text": "还是不亮"}
    assert (await bench.browser().post(f"{bench.resident}/moves", data=data, headers=HTML)).status_code == 303
    assert (await bench.fresh()).state == "accepted"


async def test_an_unhappy_rating_with_words_asks_to_reopen(bench: Bench) -> None:
    await bench.walk("accept", "done")
    browser = bench.browser()
    await browser.post(f"{bench.resident}/moves", data={"move": "verify"}, headers=HTML)
    data = {"move": "feedback", "score": "1", "text": "第二天又灭了"}
    assert (await browser.post(f"{bench.resident}/moves", data=data, headers=HTML)).status_code == 303
    assert [event.move for event in await bench.events()][-2:] == ["feedback", "request_reopen"]


async def test_moves_of_staff_are_not_to_be_had_with_a_residents_link(bench: Bench) -> None:
    for name in ("done", "accept", "close", "void"):
        answer = await bench.browser().post(f"{bench.resident}/moves", data={"move": name}, headers=JSON)
        assert answer.status_code == 422
    assert (await bench.browser().get(bench.worker.replace("/t/", "/c/"))).status_code == 404


async def test_a_case_link_dies_after_its_time_and_with_the_person(bench: Bench) -> None:
    browser = bench.browser()
    assert (await browser.get(f"/c/{'B' * 32}")).status_code == 404
    bench.now += timedelta(days=91)
    assert (await browser.get(bench.resident)).status_code == 410
    bench.now -= timedelta(days=91)
    async with bench.office.database.write() as session:
        resident = await session.get(Resident, bench.resident_id)
        assert resident is not None
        resident.erased_at = bench.now
        session.add(resident)
    assert (await browser.get(bench.resident)).status_code == 410


async def test_the_token_is_long_and_only_its_digest_is_kept(bench: Bench) -> None:
    token = bench.resident.removeprefix("/c/")
    assert len(token) >= 32  # 192 bits in base64
    async with bench.office.database.read() as session:
        links = (await session.exec(select(PageLink))).all()
    assert all(token not in link.token_digest for link in links)


async def test_large_letters_are_remembered(bench: Bench) -> None:
    browser = bench.browser()
    back = await browser.post(f"{bench.resident}/preferences", data={"large": "1"}, headers=HTML)
    assert back.headers["location"] == bench.resident
    assert 'class="large"' in (await browser.get(bench.resident)).text


async def test_script_in_a_reply_stays_text(bench: Bench) -> None:
    await bench.walk("accept")
    data = {"move": "reply", "text": "<script>alert(1)</script>\u202eabc"}
    await bench.browser().post(f"{bench.worker}/moves", data=data, headers=HTML)
    page = await bench.browser().get(bench.resident)
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
