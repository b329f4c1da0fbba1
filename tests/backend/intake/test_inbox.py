"""The inbox on both databases: each message once, one person's in order, three failures put it aside."""

from datetime import timedelta

from sqlmodel import select

from backend.intake.inbox import LEASE, Arrival
from backend.intake.models import InboxMessage
from backend.office import Office
from backend.people.models import SecurityEvent
from tests.office_builder import MONDAY


def from_person(key: str, who: str = "wang", body: str = "你好") -> Arrival:
    return Arrival("telegram", "bot", key, who, body)


async def stored(office: Office, *arrivals: Arrival) -> list[int | None]:
    async with office.database.write() as session:
        return [await office.inbox.store(session, one, MONDAY) for one in arrivals]


async def test_the_same_message_has_no_second_effect(either_office: Office) -> None:
    first, again = await stored(either_office, from_person("1"), from_person("1"))
    assert first is not None
    assert again is None


async def test_another_body_under_the_same_key_keeps_the_first_and_is_a_security_event(either_office: Office) -> None:
    await stored(either_office, from_person("1"), from_person("1", body="换了"))
    async with either_office.database.read() as session:
        assert [one.kind for one in (await session.exec(select(SecurityEvent))).all()] == ["inbox_body_changed"]
        (row,) = (await session.exec(select(InboxMessage))).all()
    assert either_office.vault.open_office(row.body_sealed).reveal() == "你好"


async def test_one_person_is_handled_in_order_and_two_people_side_by_side(either_office: Office) -> None:
    office = either_office
    await stored(office, from_person("1"), from_person("2"), from_person("3", "li"))
    async with office.database.write() as session:
        taken = await office.inbox.claim(session, "a", MONDAY)
        assert len(taken) == 2
        assert await office.inbox.claim(session, "b", MONDAY) == []
        assert await office.inbox.finish(session, taken[0].id, "a", MONDAY)
        assert len(await office.inbox.claim(session, "b", MONDAY)) == 1


async def test_the_third_failure_puts_a_message_aside(either_office: Office) -> None:
    office, now = either_office, MONDAY
    await stored(office, from_person("1"), from_person("2"))
    aside = []
    for _ in range(3):
        async with office.database.write() as session:
            (mine,) = await office.inbox.claim(session, "a", now)
            aside.append(await office.inbox.fail(session, mine, "a", "boom", now))
        now += timedelta(minutes=1)
    assert aside == [False, False, True]
    async with office.database.write() as session:
        assert len(await office.inbox.claim(session, "a", now)) == 1, "the next message of this person moves up"


async def test_a_dead_workers_message_returns_and_its_late_mark_is_refused(either_office: Office) -> None:
    office = either_office
    await stored(office, from_person("1"))
    later = MONDAY + LEASE + timedelta(seconds=1)
    async with office.database.write() as session:
        (lost,) = await office.inbox.claim(session, "dead", MONDAY)
        (taken,) = await office.inbox.claim(session, "alive", later)
        assert taken.tries == 2
        assert not await office.inbox.finish(session, lost.id, "dead", later)
        assert await office.inbox.finish(session, taken.id, "alive", later)
