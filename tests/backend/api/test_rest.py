"""REST v1: what a token's user may see and do in the panel, and nothing else."""

import pytest
from sqlmodel import select

from backend.api.tokens import revoke_tokens
from backend.cases.models import Case
from backend.people.models import Resident, User
from tests.attacks.stand import Stand

pytestmark = pytest.mark.asyncio(loop_scope="session")
LAMP = {"text": "幸福里1号楼门口的路灯坏了三天", "address": "幸福里小区1号楼", "kind": "repair"}


async def post(stand: Stand, path: str, body: object, who: str = "operator"):  # type: ignore[no-untyped-def]
    return await stand.client().post(f"/api/v1{path}", json=body, headers=await stand.token(who))


async def get(stand: Stand, path: str, who: str = "operator"):  # type: ignore[no-untyped-def]
    return await stand.client().get(f"/api/v1{path}", headers=await stand.token(who))


async def test_a_problem_is_classified_placed_and_dispatched_at_once(stand: Stand) -> None:
    answer = await post(stand, "/cases", {**LAMP, "phone": "+86138-1234-5678"})
    assert answer.status_code == 201
    filed = answer.json()
    assert (filed["category"], filed["area_code"], filed["state"]) == ("urban.lighting", "99010100101", "dispatched")
    async with stand.office.database.read() as session:
        case = (await session.exec(select(Case).where(Case.number == filed["number"]))).one()
        resident = await session.get(Resident, case.resident_id)
    assert resident is not None
    assert resident.phone_index == stand.office.vault.blind_index("13812345678")
    assert "13812345678" not in answer.text


async def test_phones_and_id_cards_in_the_text_leave_masked(stand: Stand) -> None:
    said = "张三打我，他电话１３８１２３４５６７８，身份证310101199003077715，我的13912345678"
    answer = await post(stand, "/cases", {"text": said, "area_code": "99010100101", "category": "urban.lighting"})
    assert answer.status_code == 201
    for secret in ("12345678", "１２３４５６７８", "199003077715"):
        assert secret not in answer.text.encode().decode("unicode_escape", "ignore")
        assert secret not in answer.json()["description"]


async def test_a_case_shows_its_history_and_the_moves_with_their_fields(stand: Stand) -> None:
    number = (await post(stand, "/cases", LAMP)).json()["number"]
    shown = (await get(stand, f"/cases/{number}", "dispatcher")).json()
    assert [line["move"] for line in shown["history"]][:1] == ["file"]
    assert shown["moves"]["note"] == ["text"]
    assert "owner" in shown["moves"]["reassign"]
    assert "resident" not in str(shown["history"]).replace("'role': 'resident'", "")


async def test_a_legal_move_is_made_and_a_stale_one_refused(stand: Stand) -> None:
    filed = (await post(stand, "/cases", LAMP)).json()
    note = {"move": "note", "version": filed["version"], "facts": {"text": "已打过电话"}}
    moved = await post(stand, f"/cases/{filed['number']}/moves", note, "dispatcher")
    assert moved.status_code == 200
    assert moved.json()["version"] > filed["version"]
    again = await post(stand, f"/cases/{filed['number']}/moves", note, "dispatcher")
    assert (again.status_code, again.json()["code"]) == (409, "stale")


@pytest.mark.parametrize(
    "facts",
    [
        {"owner": "staff:5"},  # 周强 of another street
        {"owner": "staff:99999"},
        {"owner": "unit:不存在的单位"},
        {"owner": ""},
        {"owner": 5},
        {"assignee": "staff:2"},
        {"owner": "staff:2", "level": "grid"},
        {"owner": "staff:2", "area_path": "990102"},
        {"owner": "staff:2", "reporters": "resident:1"},
    ],
)
async def test_a27_a_move_takes_only_its_own_fields_and_only_what_was_offered(
    stand: Stand, facts: dict[str, object]
) -> None:
    filed = (await post(stand, "/cases", LAMP)).json()
    body = {"move": "reassign", "version": filed["version"], "facts": {"reason": "换人", **facts}}
    answer = await post(stand, f"/cases/{filed['number']}/moves", body, "dispatcher")
    assert answer.status_code in (404, 409, 422)
    async with stand.office.database.read() as session:
        case = (await session.exec(select(Case).where(Case.number == filed["number"]))).one()
    assert (case.version, case.assignee) == (filed["version"], filed["assignee"])


@pytest.mark.parametrize(
    "body",
    [
        {**LAMP, "state": "closed"},
        {**LAMP, "number": "20261123-99999"},
        {**LAMP, "assignee": "staff:1"},
        {**LAMP, "resident_id": 1},
        {**LAMP, "is_demo": True},
        {**LAMP, "source": "wechat"},
    ],
)
async def test_a27_a_field_that_is_not_offered_is_422(stand: Stand, body: dict[str, object]) -> None:
    assert (await post(stand, "/cases", body)).status_code == 422


async def test_nobody_files_into_an_area_that_is_not_theirs(stand: Stand) -> None:
    assert (await post(stand, "/cases", {"text": "路灯坏了", "area_code": "99010200101"})).status_code == 404
    assert (await post(stand, "/cases", {"text": "路灯坏了", "area_code": "123"})).status_code == 404
    assert (await post(stand, "/cases", {"text": "路灯坏了", "category": "no.such"})).status_code == 404


async def test_without_a_place_the_case_waits_in_the_callers_own_area(stand: Stand) -> None:
    filed = (await post(stand, "/cases", {"text": "路灯坏了"})).json()
    assert filed["area_code"] == "990101"


@pytest.mark.parametrize("who", ["sysadmin", "security", "auditor"])
async def test_those_who_run_the_system_file_and_see_no_problems(stand: Stand, who: str) -> None:
    assert (await post(stand, "/cases", LAMP, who)).status_code == 403
    if who != "auditor":
        assert (await get(stand, "/cases", who)).json()["cases"] == []


async def test_lists_of_plain_facts(stand: Stand) -> None:
    assert len((await get(stand, "/categories")).json()) >= 90
    assert {one["code"] for one in (await get(stand, "/areas")).json()} >= {"990100", "99010100101"}
    assert (await get(stand, "/items")).status_code == 200
    assert (await get(stand, "/applications")).json() == []
    meaning = (await post(stand, "/meaning", {"text": "3号楼路灯不亮"})).json()
    assert meaning["category"]["code"] == "urban.lighting"
    assert (await stand.client().get("/api/v1/openapi.json")).status_code == 200


async def test_pages_continue_by_keyset_and_end(stand: Stand) -> None:
    seen: list[str] = []
    before = ""
    while True:
        page = (await get(stand, f"/cases{before}")).json()
        seen += [case["number"] for case in page["cases"]]
        if page["next"] is None:
            break
        before = f"?before={page['next']}"
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer ll_wrong", "Basic b3BlcmF0b3I6eA==", "Bearer é"])
async def test_a_wrong_token_is_401(stand: Stand, header: str) -> None:
    headers = {"authorization": header.encode("latin-1")} if header else {}
    assert (await stand.client().get("/api/v1/cases", headers=headers)).status_code == 401  # type: ignore[arg-type]


async def test_a28_a_disabled_users_token_is_refused_at_once_and_a_demoted_ones_loses_its_rights(stand: Stand) -> None:
    assert (await get(stand, "/cases", "leader")).status_code == 200
    async with stand.office.database.write() as session:
        user = (await session.exec(select(User).where(User.username == "leader"))).one()
        user.role = "sysadmin"
    assert (await get(stand, "/cases", "leader")).json()["cases"] == []
    async with stand.office.database.write() as session:
        user = (await session.exec(select(User).where(User.username == "leader"))).one()
        user.role, user.is_active = "leader", False
    assert (await get(stand, "/cases", "leader")).status_code == 401


async def test_revoked_and_lapsed_tokens_are_refused(stand: Stand) -> None:
    assert (await get(stand, "/cases", "verifier")).status_code == 200
    async with stand.office.database.write() as session:
        assert await revoke_tokens(session, stand.office, "verifier", stand.clock()) == 1
    assert (await get(stand, "/cases", "verifier")).status_code == 401
    assert (await get(stand, "/areas", "chief")).status_code == 200
    stand.pass_by(366 * 86_400)
    assert (await get(stand, "/areas", "chief")).status_code == 401
