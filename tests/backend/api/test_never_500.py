"""Whatever another system sends: an answer, a refusal with its code, never a 500; the bodies are generated."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.domain.lifecycle import MOVES
from tests.attacks.stand import Stand
from tests.backend.admin.building import file_lamp

pytestmark = pytest.mark.asyncio(loop_scope="session")
STEADY = settings(
    derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
BAD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["\x00", "\ud800", "9" * 400, "nan", "inf", "-1", "1e999", "staff:9", "unit:", "2026-13-45", "１"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
FIELDS = st.sampled_from(
    ["text", "address", "area_code", "category", "kind", "urgency", "lat", "lon", "phone", "state"]
)
FACTS = st.sampled_from(
    ["reason", "owner", "unit", "result", "where_to_go", "target", "amount", "limit_unit", "text", "person", "phone",
     "score", "category", "kind", "urgency", "area", "eta", "until", "part_text", "photo", "assignee", "level"]
)  # fmt: skip


def generated(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """The first `count` examples, the same in every run."""
    found: list[Any] = []

    @settings(STEADY, max_examples=count)
    @given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found


def as_body(value: Any) -> bytes:
    """JSON as careless systems write it: NaN and lone surrogates included."""
    return json.dumps(value, ensure_ascii=True).encode()


async def test_a09_generated_problems(stand: Stand) -> None:
    headers = {"content-type": "application/json", **await stand.token("operator")}
    client = stand.client()
    honest = {"text": "路灯坏了", "area_code": "99010100101"}
    for changes in generated(st.dictionaries(FIELDS, BAD, min_size=1, max_size=3), 120):
        answer = await client.post("/api/v1/cases", content=as_body(honest | changes), headers=headers)
        assert answer.status_code < 500, (changes, answer.text)
        assert answer.status_code == 201 or answer.json()["code"], changes


async def test_a09_generated_moves(stand: Stand) -> None:
    case = await file_lamp(stand.office, stand.clock())
    client = stand.client()
    for who in ("dispatcher", "worker"):
        headers = {"content-type": "application/json", **await stand.token(who)}
        moves = st.sampled_from([*MOVES, "", "no_such_move"])
        for move, facts in generated(st.tuples(moves, st.dictionaries(FACTS, BAD, max_size=3)), 100):
            shown = (await client.get(f"/api/v1/cases/{case.number}", headers=headers)).json()
            version = shown["case"]["version"] if "case" in shown else 1
            body = as_body({"move": move, "version": version, "facts": facts})
            answer = await client.post(f"/api/v1/cases/{case.number}/moves", content=body, headers=headers)
            assert answer.status_code < 500, (move, facts, answer.text)


async def test_a09_every_move_with_every_field_in_turn_filled_with_nonsense(stand: Stand) -> None:
    """Each move gets exactly the fields it asks for, so that the nonsense reaches the rules."""
    headers = {"content-type": "application/json", **await stand.token("dispatcher")}
    client = stand.client()
    for nonsense in ("x", "nan", "-5", "9" * 40, "staff:1", "0"):
        case = await file_lamp(stand.office, stand.clock())
        shown = (await client.get(f"/api/v1/cases/{case.number}", headers=headers)).json()
        for move, fields in shown["moves"].items():
            now = (await client.get(f"/api/v1/cases/{case.number}", headers=headers)).json()
            if move not in now.get("moves", {}):
                continue
            facts = {field: nonsense for field in fields if field != "photo"}
            body = {"move": move, "version": now["case"]["version"], "facts": facts}
            answer = await client.post(f"/api/v1/cases/{case.number}/moves", content=as_body(body), headers=headers)
            assert answer.status_code < 500, (move, nonsense, answer.text)


RAW = [
    b"",
    b"null",
    b"[]",
    b'"a"',
    b"{",
    b"[" * 5000,
    b'{"text":"\ud800"}',
    b'{"text":NaN}',
    b'{"lat":1e999,"text":"a"}',
    b"\xff\xfe",
    b'{"text":"a","text":"b"}',
    b'{"lat":' + b"9" * 5000 + b"}",
    b'{"version":9223372036854775808}',
]


@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/cases/20261123-00001/moves", "/api/v1/meaning"])
@pytest.mark.parametrize("body", RAW)
async def test_a09_broken_json_is_refused_with_a_code(stand: Stand, path: str, body: bytes) -> None:
    headers = {"content-type": "application/json", **await stand.token("operator")}
    answer = await stand.client().post(path, content=body, headers=headers)
    assert answer.status_code in (200, 201, 400, 404, 409, 413, 422), answer.text
    assert "Traceback" not in answer.text


async def test_a07_a_body_over_64_kib_is_413_before_it_is_read(stand: Stand) -> None:
    headers = {"content-type": "application/json", **await stand.token("operator")}
    body = json.dumps({"text": "a" * 70_000}).encode()
    assert (await stand.client().post("/api/v1/cases", content=body, headers=headers)).status_code == 413
    assert (await stand.client().post("/open311/v2/requests.json", content=b"a" * 70_000)).status_code == 413


@pytest.mark.parametrize(
    "number", ["x", "%00", "%ff", "../1", "1" * 300, "20261123-99999", "'--", "１", "%F0%9F%98%80"]
)
async def test_a_strange_number_is_404(stand: Stand, number: str) -> None:
    headers = await stand.token("operator")
    for path in (f"/api/v1/cases/{number}", f"/open311/v2/requests/{number}.json"):
        assert (await stand.client().get(path, headers=headers)).status_code in (400, 404)


@pytest.mark.parametrize(
    "query", ["before=0", "before=-1", "before=9223372036854775808", "before=x", "state=nope", "category=%25"]
)
async def test_a_strange_query_is_422(stand: Stand, query: str) -> None:
    for path in ("cases", "applications"):
        answer = await stand.client().get(f"/api/v1/{path}?{query}", headers=await stand.token("operator"))
        assert answer.status_code in ((422,) if path == "cases" or "before" in query else (200, 422))
        assert answer.status_code == 200 or answer.json()["code"] == "invalid"
