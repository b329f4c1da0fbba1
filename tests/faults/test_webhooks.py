"""F5 to F9, F14: repeated, crowded, shuffled, late, forged and slow webhooks; a busy writer in another process."""

import asyncio
import sqlite3
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from backend.cases.models import Attachment
from backend.notices.models import SendWindow
from backend.people.models import ChannelIdentity, SecurityEvent
from nlu.contract import Understanding
from tests.faults.experiment import Outcome
from tests.jpegs import jpeg
from tests.live_house import LiveHouse, live_house, settings_for
from tests.servers.clock import TurnableClock
from tests.servers.wechat import WeChatServer
from tests.servers.wechat_people import WeChatPerson, element
from tests.servers.wired import wechat_signer

LAMP = "幸福里小区1号楼门口路灯坏了三天了"


def person(house: LiveHouse, wechat: WeChatServer, openid: str = "openid-wang", **more: float) -> WeChatPerson:
    wechat.follow(openid)
    return WeChatPerson(openid, wechat, wechat_signer(wechat), house.door, **more)  # type: ignore[arg-type]


async def stuck(house: LiveHouse) -> int:
    return sum(row.status in ("ready", "leased") for row in await house.inbox())


async def confirmed(house: LiveHouse, resident: WeChatPerson) -> None:
    for _ in range(5):
        if await house.cases():
            return
        await resident.say("对")
    raise AssertionError("no case was made")


async def test_f5_every_webhook_four_times_at_once(house: LiveHouse, wechat: WeChatServer) -> None:
    resident, started = person(house, wechat), time.monotonic()
    async with house.working():
        for text in (LAMP, "对"):
            xml = resident._xml("text", {"Content": text})
            await asyncio.gather(*(resident.deliver(xml) for _ in range(4)))
        await confirmed(house, resident)
    await house.settle()
    rows, cases = await house.inbox(), await house.cases()
    replies = {row.dedupe_key for row in await house.notices() if row.milestone == "reply"}
    shown = {row.text for row in wechat.ledger.of("openid-wang") if row.route == "passive"}
    Outcome("F5 four times at once", 8, 2 - min(len(rows), 2), len(cases) - 1, await stuck(house),
            time.monotonic() - started,
            f"{len(rows)} inbox rows, {len(cases)} case, {len(shown)} answers").judged()  # fmt: skip
    assert len(replies) >= len(shown)


async def test_f6_nine_photos_and_a_text_within_a_moment(house: LiveHouse, wechat: WeChatServer) -> None:
    resident, started = person(house, wechat), time.monotonic()
    async with house.working():
        await asyncio.gather(*(resident.show(jpeg(90 + place)) for place in range(9)), resident.say(LAMP))
        await confirmed(house, resident)
    await house.settle()
    case = await house.case()
    photos = await house.all(Attachment, Attachment.case_id == case.id)
    Outcome("F6 nine photos and a text", 10, 9 - len(photos), len(await house.cases()) - 1, await stuck(house),
            time.monotonic() - started, f"{len(photos)} photos in one case").judged()  # fmt: skip


async def test_f7_shuffled_and_three_days_late(house: LiveHouse, wechat: WeChatServer) -> None:
    resident, started = person(house, wechat), time.monotonic()
    sent = [resident._xml("text", {"Content": text}) for text in ("你好", LAMP, "对")]
    gone = resident._xml("event", {"Event": "unsubscribe", "EventKey": ""}, numbered=False)
    house.clock.advance(days=3)
    back = resident._xml("event", {"Event": "subscribe", "EventKey": ""}, numbered=False)
    async with house.working():
        for xml in (back, sent[1], gone, sent[0], sent[2]):
            resident._sequence += 1  # every callback has a nonce of its own
            await resident.deliver(xml)
        await confirmed(house, resident)
    await house.settle()
    async with house.office.database.read() as session:
        identity = (await session.exec(select(ChannelIdentity))).one()
        window = (await session.exec(select(SendWindow).where(SendWindow.kind == "message"))).one()
    Outcome("F7 shuffled, three days late", 5, 5 - len(await house.inbox()) if len(await house.inbox()) < 5 else 0,
            len(await house.cases()) - 1, await stuck(house), time.monotonic() - started).judged()  # fmt: skip
    assert identity.unreachable is None, "a departure that was overtaken by a return changes nothing"
    assert window.closes_at <= house.clock() + timedelta(hours=48)


async def test_f8_the_same_id_with_another_body(house: LiveHouse, wechat: WeChatServer) -> None:
    resident = person(house, wechat)
    first = resident._xml("text", {"Content": LAMP})
    forged = first.replace("路灯坏了", "什么都好")
    async with house.working():
        await resident.deliver(first)
        resident._sequence += 1
        await resident.deliver(forged)
    rows = await house.inbox()
    async with house.office.database.read() as session:
        events = [one.kind for one in (await session.exec(select(SecurityEvent))).all()]
    Outcome(
        "F8 same id, other body", 2, 1 - len(rows), 0, await stuck(house), 0.0, f"security events: {events}"
    ).judged()
    assert "路灯坏了" in house.office.vault.open_office(rows[0].body_sealed).reveal()
    assert events == ["inbox_body_changed"]


@pytest.mark.slow
async def test_f9_a_step_takes_six_seconds(tmp_path: Path, wechat: WeChatServer, clock: TurnableClock) -> None:
    def slow(_text: str, _now: object) -> Understanding:
        time.sleep(6)
        raise AssertionError("nobody waits for this")

    house = await live_house(tmp_path, settings_for(wechat), clock, read=slow)  # type: ignore[arg-type]
    resident, started = person(house, wechat), time.monotonic()
    try:
        async with house.working():
            statuses = await resident.say(LAMP)
            answered = time.monotonic() - started
            await confirmed(house, resident)
        Outcome("F9 a step of six seconds", 1, 1 - len(await house.cases()), 0, await stuck(house), answered,
                "the platform had its answer after this long").judged()  # fmt: skip
        assert statuses == [200]
        assert answered < 5
    finally:
        await house.close()


@pytest.mark.slow
async def test_f14_another_process_holds_the_writer_for_ten_seconds(
    house: LiveHouse, wechat: WeChatServer, tmp_path: Path
) -> None:
    resident = person(house, wechat, patience=5.0)
    let_go = threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(tmp_path / "linli.db", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        let_go.wait(10)
        connection.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    started = time.monotonic()
    async with house.working():
        await asyncio.sleep(0.1)
        xml = resident._xml("text", {"Content": LAMP})
        answers = asyncio.create_task(resident.deliver(xml))
        statuses = await answers
        took = time.monotonic() - started
        holder.join()
        await resident.deliver(xml)
        await confirmed(house, resident)
    rows = [row for row in await house.inbox() if row.id == 1]
    Outcome("F14 the writer was held 10 s", 1, 1 - len(rows), len(await house.cases()) - 1, await stuck(house), took,
            f"the platform heard {statuses} while it was held").judged()  # fmt: skip
    assert set(statuses) <= {500, 503}, "the platform hears no before its five seconds, and asks again"


async def test_a_callback_about_nobody_we_know_leaves_no_trace_but_its_row(
    house: LiveHouse, wechat: WeChatServer
) -> None:
    resident = person(house, wechat)
    raw = element("MsgID", 1) + element("Status", "failed:user block")
    async with house.working():
        xml = resident._xml("event", {"Event": "TEMPLATESENDJOBFINISH"}, numbered=False, raw=raw)
        await resident.deliver(xml)
    for _ in range(4):
        await house.pass_time(minutes=1)
    assert [row.status for row in await house.inbox()] == ["done"]
    assert await house.cases() == []
