"""The pace: never more than the vendor permits, shared by all senders, strict where the excess would be dropped."""

import asyncio
from datetime import datetime, timedelta

from backend.notices.courier import Route
from backend.notices.letters import Channel
from backend.notices.pace import Limit, Pace, rooms
from backend.notices.turns import Turns
from backend.office import Office
from tests.office_builder import MONDAY

LIMITS = {
    Channel.TELEGRAM: (Limit("account", 30, 1), Limit("person", 1, 1, burst=3), Limit("group", 20, 60, burst=10)),
    Channel.WECOM: (Limit("person", 30, 60, burst=15),),
}


def to(person: str, channel: Channel = Channel.TELEGRAM) -> Route:
    return Route(channel, "ours", person, "chat", person)


async def sent_times(office: Office, routes: list[Route], seconds: float, step: float = 0.1) -> list[datetime]:
    """What goes out when everybody wants to send all the time, one short-lived pace after the other."""
    times, now, waiting = [], MONDAY, list(routes)
    while waiting and now < MONDAY + timedelta(seconds=seconds):
        async with office.database.write() as session:
            pace = Pace(LIMITS, now)
            await pace.read(session, waiting[:40])
            left = []
            for route in waiting:
                slot = pace.take(route)
                if slot.taken:
                    times.append(slot.at)
                else:
                    left.append(route)
            waiting = left
            await pace.write(session, office.district_code)
        now += timedelta(seconds=step)
    return times


async def test_no_second_holds_more_than_thirty_and_almost_all_of_them_are_used(office: Office) -> None:
    times = await sent_times(office, [to(str(number)) for number in range(200)], 6)
    for start in times:
        assert sum(start <= one < start + timedelta(seconds=1) for one in times) <= 30
    span = (times[-1] - times[0]).total_seconds()
    assert len(times) / span >= 0.97 * 30


async def test_no_minute_holds_more_than_thirty_for_one_member(office: Office) -> None:
    times = await sent_times(office, [to("li", Channel.WECOM)] * 70, 260, step=0.5)
    assert len(times) == 70
    for start in times:
        assert sum(start <= one < start + timedelta(minutes=1) for one in times) <= 30


async def test_a_group_has_its_own_limit(office: Office) -> None:
    pace = Pace(LIMITS, MONDAY)
    slots = [pace.take(to("-100")) for _ in range(12)]
    assert [slot.taken for slot in slots] == [True] * 10 + [False] * 2


async def test_the_room_of_an_account_is_known_to_every_process(office: Office) -> None:
    async with office.database.write() as session:
        pace = Pace(LIMITS, MONDAY)
        taken = [pace.take(to(str(number))) for number in range(60)]
        await pace.write(session, office.district_code)
        assert (await rooms(session, LIMITS, MONDAY))["telegram:ours"] == 0
        assert (await rooms(session, LIMITS, MONDAY + timedelta(seconds=2)))["telegram:ours"] > 10
    assert {slot.full for slot in taken[-5:]} == {"telegram:ours"}


async def test_urgent_news_takes_the_next_slot_of_a_channel_that_bulk_has_booked() -> None:
    turns, left = Turns(gap=0.02), []

    async def leave(name: str, lane: int) -> None:
        await turns.turn(lane, 0.0)
        left.append(name)

    await asyncio.gather(*(leave(f"bulk {number}", 2) for number in range(4)), leave("urgent", 0))
    assert left[0] == "urgent"
    assert left[1:] == [f"bulk {number}" for number in range(4)]
