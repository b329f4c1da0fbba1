"""Open311: strangers learn what is broken in public space and roughly where; nobody's words, nobody's quarrels."""

import pytest

from backend.domain.words import Kind
from tests.attacks.stand import Stand
from tests.backend.admin.building import file_lamp

pytestmark = pytest.mark.asyncio(loop_scope="session")
FORM = {
    "description": "路灯坏了，我是13812345678王小明",
    "address_string": "幸福里小区1号楼",
    "service_code": "urban.lighting",
}


async def requests(stand: Stand, query: str = ""):  # type: ignore[no-untyped-def]
    return await stand.client().get(f"/open311/v2/requests.json{query}")


async def test_a_request_is_filed_with_a_key_and_read_without_one(stand: Stand) -> None:
    key = (await stand.token("operator"))["authorization"].removeprefix("Bearer ")
    answer = await stand.client().post(
        "/open311/v2/requests.json", data={**FORM, "api_key": key, "phone": "13812345678"}
    )
    assert answer.status_code == 201
    number = answer.json()[0]["service_request_id"]
    shown = await stand.client().get(f"/open311/v2/requests/{number}.json")
    assert shown.json()[0]["status"] == "open"
    for personal in ("王小明", "13812345678", "138****5678", "我是"):
        assert personal not in shown.text
    assert number in [one["service_request_id"] for one in (await requests(stand, "?status=open")).json()]
    assert number not in [one["service_request_id"] for one in (await requests(stand, "?status=closed")).json()]


async def test_complaints_accusations_and_anonymous_words_are_never_public(stand: Stand) -> None:
    now = stand.clock()
    hidden = [
        await file_lamp(stand.office, now, kind=Kind.COMPLAINT),
        await file_lamp(stand.office, now, kind=Kind.REPORT),
        await file_lamp(stand.office, now, kind=Kind.HELP),
        await file_lamp(stand.office, now, anonymous=True),
        await file_lamp(stand.office, now, against=("staff:1",)),
        await file_lamp(stand.office, now, category="civil.low_income"),
    ]
    public = await file_lamp(stand.office, now, lat=30.0041234, lon=120.0031234)
    listed = (await requests(stand)).json()
    numbers = {one["service_request_id"] for one in listed}
    assert public.number in numbers
    assert not numbers & {case.number for case in hidden}
    for case in hidden:
        assert (await stand.client().get(f"/open311/v2/requests/{case.number}.json")).status_code == 404
        assert (await requests(stand, f"?service_request_id={case.number}")).json() == []
    (shown,) = [one for one in listed if one["service_request_id"] == public.number]
    assert (shown["lat"], shown["long"]) == (30.004, 120.003)


@pytest.mark.parametrize("key", ["", "wrong", "ll_" + "x" * 60])
async def test_a_wrong_key_files_nothing(stand: Stand, key: str) -> None:
    answer = await stand.client().post("/open311/v2/requests.json", data={**FORM, "api_key": key})
    assert answer.status_code in (400, 403)
    assert answer.json()[0]["description"]


@pytest.mark.parametrize(
    "query",
    [
        "?status=closed'--",
        "?service_code=%25",
        "?start_date=0001-01-01T00:00:00%2B14:00",
        "?end_date=9999-12-31T23:59:59-14:00",
        "?start_date=x",
        "?service_request_id=" + "1" * 1300,
    ],
)
async def test_a_crooked_query_is_400(stand: Stand, query: str) -> None:
    assert (await requests(stand, query)).status_code == 400


@pytest.mark.parametrize(
    "changes", [{"lat": "nan", "long": "1"}, {"lat": "91", "long": "1"}, {"phone": "---------"}, {"description": ""}]
)
async def test_a_crooked_form_is_400(stand: Stand, changes: dict[str, str]) -> None:
    key = (await stand.token("operator"))["authorization"].removeprefix("Bearer ")
    answer = await stand.client().post("/open311/v2/requests.json", data={**FORM, "api_key": key, **changes})
    assert answer.status_code == 400


async def test_services_and_discovery_need_no_key(stand: Stand) -> None:
    assert len((await stand.client().get("/open311/v2/services.json")).json()) >= 90
    assert (await stand.client().get("/open311/v2/discovery.json")).json()["endpoints"]
