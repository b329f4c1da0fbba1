"""The outbox on both databases: once per milestone, urgent first, in order per case, nobody's work taken twice."""

from datetime import timedelta

from sqlmodel import select

from backend.notices.letters import Outgoing
from backend.notices.models import Notice
from backend.notices.outbox import BULK, LEASE, NORMAL, URGENT, ToTell
from backend.office import Office
from tests.office_builder import MONDAY


def news(key: str, lane: int = NORMAL, order: str = "", **more: object) -> ToTell:
    return ToTell("accepted", "resident", Outgoing(key), key, order or key, lane=lane, **more)  # type: ignore[arg-type]


async def written(office: Office, *tells: ToTell) -> list[int | None]:
    async with office.database.write() as session:
        return [await office.outbox.write(session, tell, MONDAY) for tell in tells]


async def claimed(office: Office, owner: str = "a", at: object = MONDAY, **more: object) -> list[str]:
    async with office.database.write() as session:
        rows = await office.outbox.claim(session, owner, at, **more)  # type: ignore[arg-type]
    return [row.dedupe_key for row in rows]


async def test_a_milestone_is_written_once(either_office: Office) -> None:
    first, again = await written(either_office, news("one"), news("one"))
    assert first is not None
    assert again is None


async def test_urgent_news_goes_before_bulk_that_waits_longer(either_office: Office) -> None:
    await written(either_office, news("bulk", BULK), news("normal"), news("urgent", URGENT))
    assert await claimed(either_office, limit=2) == ["urgent", "normal"]


async def test_the_second_news_of_a_case_waits_for_the_first(either_office: Office) -> None:
    await written(either_office, news("first", order="case:1"), news("second", order="case:1"), news("other"))
    assert await claimed(either_office) == ["first", "other"]
    assert await claimed(either_office) == []


async def test_two_senders_never_take_the_same_notice(either_office: Office) -> None:
    await written(either_office, *(news(f"n{place}") for place in range(10)))
    first = await claimed(either_office, "a", limit=6)
    second = await claimed(either_office, "b", limit=6)
    assert len(first) + len(second) == 10
    assert not set(first) & set(second)


async def test_a_dead_senders_notices_come_back_after_its_lease_and_it_may_not_acknowledge(
    either_office: Office,
) -> None:
    office = either_office
    await written(office, news("one"))
    async with office.database.write() as session:
        (mine,) = await office.outbox.claim(session, "dead", MONDAY)
    later = MONDAY + LEASE + timedelta(seconds=1)
    assert await claimed(office, "alive", MONDAY + LEASE / 2) == []
    assert await claimed(office, "alive", later) == ["one"]
    async with office.database.write() as session:
        assert not await office.outbox.end(session, mine, "dead", "delivered", later)
    async with office.database.read() as session:
        assert (await session.exec(select(Notice.status))).one() == "leased"


async def test_what_waits_for_a_full_account_costs_nothing_until_there_is_room(either_office: Office) -> None:
    office = either_office
    await written(office, *(news(f"n{place}", BULK) for place in range(5)))
    async with office.database.write() as session:
        await office.outbox.park(session, await office.outbox.claim(session, "a", MONDAY), "a", "telegram:1")
    assert await claimed(office, rooms={"telegram:1": 0}) == []
    assert await claimed(office, rooms={"telegram:1": 2}) == ["n0", "n1"]
    await written(office, news("urgent", URGENT))
    assert await claimed(office, rooms={"telegram:1": 1}) == ["urgent", "n2"]


async def test_a_dead_notice_is_brought_back_by_one_call(either_office: Office) -> None:
    office = either_office
    await written(office, news("one"))
    async with office.database.write() as session:
        (mine,) = await office.outbox.claim(session, "a", MONDAY)
        await office.outbox.end(session, mine, "a", "dead", MONDAY, "47003")
        assert mine.id is not None
        assert await office.outbox.replay(session, mine.id, MONDAY)
        assert not await office.outbox.replay(session, mine.id, MONDAY)
    assert await claimed(office) == ["one"]
