"""Cases are found by their words, in the transaction that changed them; no list of the panel walks the case table."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlmodel import select

from backend.admin.case_filters import LIVE_TABS, TABS, Filters
from backend.admin.case_finding import capped_counts, find_cases
from backend.admin.who import Who
from backend.cases.models import Case, CaseSearch
from backend.cases.search import Wanted, keep_searchable, plain, tokens
from backend.domain.case_view import Actor
from backend.domain.words import Role
from backend.office import Office
from tests.backend.admin.building import file_lamp
from tests.office_builder import MONDAY

DISTRICT = ("990100", "990100/")
STREET = ("990101", "990100/990101/")
COMMUNITY = ("990101001", "990100/990101/990101001/")


def who(place: tuple[str, str]) -> Who:
    """A dispatcher of an area."""
    return Who(1, "d", "d", Role.DISPATCHER, Actor("user:1", Role.DISPATCHER), *place, "zh_CN", "", "", False)


async def found(office: Office, said: str, place: tuple[str, str] = DISTRICT, tab: str = "all") -> list[str]:
    """The titles a search gives."""
    async with office.database.read() as session:
        cases, _ = await find_cases(session, office, who(place), Filters.read({"q": said, "tab": tab}), MONDAY)
        return [case.title for case in cases]


def test_width_case_and_signs_make_no_difference() -> None:
    assert plain("3 号楼，Ａ座!") == plain("３号楼a座") == "3号楼a座"
    assert tokens("路灯路灯", "@990101 #live") == "路灯 灯路 灯 @990101 #live"


def test_quotes_and_operators_are_nothing_but_signs() -> None:
    assert Wanted.read("\" OR '* & |") == Wanted(("or",))
    assert Wanted.read("路灯 坏", ["#live"]).fts5() == '"路灯" AND "坏" * AND "#live"'


@pytest.mark.parametrize(
    ("said", "hit"),
    [
        ("路灯坏了", True),
        ("灯", True),
        ("黑漆漆 路灯", True),
        ("幸福里小区1号楼", True),
        ("幸福里 1号楼", True),
        ("20261123", True),
        ("13812345678", True),
        ("13812345679", False),
        ("路灯好了", False),
        ("漆黑", False),
        ("!!", False),
    ],
)
async def test_what_is_found(office: Office, said: str, hit: bool) -> None:
    await file_lamp(office, MONDAY)
    assert bool(await found(office, said)) is hit


async def test_pairs_that_meet_by_chance_are_not_a_match(office: Office) -> None:
    await file_lamp(office, MONDAY, text="水管漏了，管道旁边的水坑要填，漏水管")
    assert await found(office, "水管道") == []


async def test_an_area_and_the_open_ones_are_found_apart(office: Office) -> None:
    await file_lamp(office, MONDAY)
    assert await found(office, "路灯", STREET, "open")
    assert await found(office, "路灯", COMMUNITY, "open")
    assert await found(office, "路灯", ("990102", "990100/990102/"), "open") == []
    assert await found(office, "路灯", STREET, "ended") == []


async def test_changed_words_are_found_and_the_old_ones_are_not(office: Office) -> None:
    filed = await file_lamp(office, MONDAY)
    async with office.database.write() as session:
        case = await session.get(Case, filed.id)
        assert case is not None
        case.title = case.description = "井盖松动"
        case.area_path, case.closed_at = "990100/990102/", MONDAY
        await session.flush()
        await keep_searchable(session, case)
        await keep_searchable(session, case)
    assert await found(office, "井盖", ("990102", "990100/990102/"), "ended") == ["井盖松动"]
    assert await found(office, "路灯") == []


async def test_a_transaction_that_fails_leaves_nothing_to_find(office: Office) -> None:
    filed = await file_lamp(office, MONDAY)

    async def broken() -> None:
        async with office.database.write() as session:
            case = await session.get(Case, filed.id)
            assert case is not None
            case.description = "井盖松动"
            await keep_searchable(session, case)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken()
    assert await found(office, "井盖") == []
    async with office.database.read() as session:
        assert "路灯" in (await session.exec(select(CaseSearch))).one().words


async def test_pages_follow_each_other_without_gap_or_repetition(office: Office) -> None:
    for minute in range(60):
        await file_lamp(office, MONDAY + timedelta(minutes=minute))
    for params in ({"tab": "open"}, {"tab": "all"}, {"q": "路灯"}, {"q": "202611"}, {"order": "due"}):
        for place in (DISTRICT, COMMUNITY):
            seen: list[str] = []
            after = ""
            async with office.database.read() as session:
                for _ in range(2):
                    asked = Filters.read({**params, "after": after})
                    cases, after = await find_cases(session, office, who(place), asked, MONDAY)
                    seen += [case.number for case in cases]
            assert (len(seen), len(set(seen)), after) == (60, 60, ""), (params, place)


async def test_no_list_walks_the_table_of_cases_or_counts_it(office: Office) -> None:
    if not office.database.is_sqlite:
        pytest.skip("the plans of SQLite")
    await file_lamp(office, MONDAY)
    asked: list[tuple[str, Any]] = []
    engine = office.database._reader.sync_engine

    def keep(_c: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        asked.append((statement, parameters))

    async with office.database.read() as session:
        event.listen(engine, "before_cursor_execute", keep)
        for place in (DISTRICT, STREET, COMMUNITY):
            for params in _everything_a_reader_may_ask():
                await find_cases(session, office, who(place), Filters.read(params), MONDAY)
            await capped_counts(session, who(place), MONDAY, tuple(sorted(LIVE_TABS)))
        event.remove(engine, "before_cursor_execute", keep)
        connection = (await session.connection()).sync_connection
        assert connection is not None
        await session.run_sync(lambda _session: _no_scans(connection, asked))


def _everything_a_reader_may_ask() -> list[dict[str, str]]:
    more: list[dict[str, str]] = [
        {}, {"order": "due"}, {"q": "路灯"}, {"q": "20261123"}, {"q": "13812345678"}, {"after": "7"},
        {"state": "accepted"}, {"kind": "repair"}, {"urgency": "emergency"}, {"category": "urban"},
        {"category": "urban.lighting"}, {"area": "990101"}, {"area": "990101001"},
        {"state": "accepted", "category": "urban.lighting", "urgency": "urgent", "area": "990101", "kind": "help"},
    ]  # fmt: skip
    return [{"tab": tab, **one} for tab in TABS for one in more]


def _no_scans(connection: Connection, asked: list[tuple[str, Any]]) -> None:
    for statement, parameters in asked:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()]
        if "OFFSET" in statement:
            assert parameters[-1] == 0, statement
        if any(step in ("SCAN case", "SCAN case_search", "SCAN case_event") for step in plan):
            assert plan[0] == "SCAN case", statement  # newest first along the key, and left after a page
            assert "ORDER BY" in statement, statement
            assert not any("TEMP B-TREE" in step for step in plan), (statement, plan)
