"""F15, F16, F18, F19, F20: vendors that refuse, limit, time out, answer late, or are gone for hours."""

import time
from datetime import timedelta

import pytest

import backend.notices.sender
from backend.notices.health import channel_banners
from backend.notices.letters import Outgoing
from backend.notices.models import CallBack, Notice
from backend.notices.outbox import BULK, URGENT, ToTell
from backend.people.models import ChannelIdentity
from backend.people.residents import remember, speaker_for
from tests.faults.experiment import Outcome
from tests.live_house import LiveHouse
from tests.servers.running import Fault
from tests.servers.sms import SmsServer
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import TelegramPerson
from tests.servers.wechat import WeChatServer

TEMPLATE = "/cgi-bin/message/template/send"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timeout of a quarter of a second stands for the real twelve."""
    monkeypatch.setattr(backend.notices.sender, "SEND_TIMEOUT", 0.25)


async def told(
    house: LiveHouse, channel: str, account: str, people: list[str], *, lane: int = URGENT, phone: str = "",
    milestone: str = "done",
) -> None:  # fmt: skip
    """One notice for each of these people, who once spoke to us on this channel."""
    async with house.office.database.write() as session:
        for place, who in enumerate(people):
            speaker = await speaker_for(session, house.office, channel, account, who, house.clock())
            if phone:
                await remember(session, house.office, speaker.resident, phone=f"{phone}{place:03d}")
            number = f"20261123-{place:05d}"
            letter = Outgoing(f"news for {who}", template=f"resident.{milestone}", fields={"number": number})
            await house.office.outbox.write(
                session,
                ToTell(
                    milestone,
                    "resident",
                    letter,
                    f"{channel}:{who}:{milestone}",
                    f"{channel}:{who}",
                    lane=lane,
                    resident_id=speaker.resident_id,
                ),
                house.clock(),
            )


async def unfinished(house: LiveHouse) -> int:
    return len(await house.notices(Notice.status.in_(("ready", "leased"))))  # type: ignore[attr-defined]


async def test_f15_the_daily_quota_is_used_up(house: LiveHouse, wechat: WeChatServer, sms: SmsServer) -> None:
    await house.approve("wechat.template", "resident.done", "tpl", {"character_string1": "number"})
    await house.approve("sms", "resident.done", "SMS_9", {"number": "number"})
    wechat.templates["tpl"] = ("character_string1",)
    sms.templates["SMS_9"] = "{number} 办好了"
    wechat.quota_of_day[TEMPLATE] = 3
    people = [f"o{number}" for number in range(10)]
    wechat.follow(*people)
    await told(house, "wechat", wechat.app_id, people, phone="13800000")
    started = time.monotonic()
    await house.settle()
    for _ in range(6):
        await house.pass_time(seconds=20)
    async with house.office.database.read() as session:
        banners = await channel_banners(session, house.clock())
    by_sms = len(sms.ledger.rows)
    Outcome("F15 45009 all day", 10, 10 - len(wechat.ledger.rows) - by_sms, 0, await unfinished(house),
            time.monotonic() - started,
            f"{len(wechat.ledger.rows)} by template, {by_sms} by SMS, {wechat.calls[TEMPLATE]} calls, "
            f"banner: {[(one.kind, one.account) for one in banners]}").judged()  # fmt: skip
    assert [one.kind for one in banners] == ["quota"]
    assert wechat.calls[TEMPLATE] <= 3 + 10, "the breaker stops asking after the first refusals in flight"
    house.clock.advance(days=1)
    async with house.office.database.read() as session:
        assert await channel_banners(session, house.clock()) == []


async def test_f16_the_token_is_always_refused(house: LiveHouse, wechat: WeChatServer) -> None:
    await house.approve("wechat.template", "resident.done", "tpl", {"character_string1": "number"})
    wechat.tokens.refuse_all = True
    people = [f"o{number}" for number in range(30)]
    wechat.follow(*people)
    await told(house, "wechat", wechat.app_id, people, phone="13800000")
    started = time.monotonic()
    await house.settle()
    for _ in range(10):
        await house.pass_time(minutes=1)
    calls = await house.all(CallBack)
    Outcome("F16 token always refused", 30, 30 - len(calls), 0, await unfinished(house), time.monotonic() - started,
            f"{wechat.tokens.fetched} token fetches ({wechat.tokens.forced_in_all} forced), "
            f"{len(calls)} on the operators' call list").judged()  # fmt: skip
    assert wechat.tokens.fetched <= 12
    assert wechat.tokens.forced_in_all <= 3


async def test_f18_a_vendor_that_fails_every_second_time(house: LiveHouse, telegram: TelegramServer) -> None:
    people = [str(5000 + number) for number in range(40)]
    for number in people:
        TelegramPerson(int(number), telegram)
    broken, late = (
        Fault({"ok": False, "error_code": 502, "description": "Bad Gateway"}, 502),
        Fault(status=502, after=True),
    )
    slow = Fault({"ok": False, "error_code": 500, "description": "late"}, 500, delay=0.4)
    pattern = [broken, None, broken, None, None, slow, None, broken, None, late,
               None, broken, None, slow, None, broken, None, None, broken, None]  # fmt: skip
    telegram.faults.add("sendMessage", *(pattern * 3))
    await told(house, "telegram", "4200", people)
    started = time.monotonic()
    for _ in range(80):
        await house.settle()
        if not await unfinished(house):
            break
        house.clock.advance(seconds=10)
    received = {row.person for row in telegram.ledger.rows}
    doubts = sum(row.reason.startswith("uncertain") for row in await house.tries())
    Outcome("F18 30 % 5xx, 10 % timeouts, 5 % late success", 40, 40 - len(received),
            len(telegram.ledger.rows) - len(received), await unfinished(house), time.monotonic() - started,
            f"{doubts} uncertain tries in the ledger").judged(allowed=3)  # fmt: skip


@pytest.mark.slow
async def test_f19_one_channel_is_gone_for_six_hours(house: LiveHouse, telegram: TelegramServer) -> None:
    gone, fine = [str(5000 + number) for number in range(30)], [f"page-{number}" for number in range(30)]
    for number in gone:
        TelegramPerson(int(number), telegram)
    telegram.faults.always["sendMessage"] = Fault(status=504, delay=0.4)
    await told(house, "telegram", "4200", gone, lane=BULK)
    await told(house, "web", "web", fine)
    started = time.monotonic()
    for _ in range(100):
        await house.sender.stream()
        delivered = await house.notices(Notice.status == "delivered")
        if len(delivered) == 30:
            break
        house.clock.advance(seconds=1)
    others = time.monotonic() - started
    assert {one.dedupe_key.partition(":")[0] for one in delivered} == {"web"}
    for _ in range(12):
        await house.pass_time(minutes=30)
    telegram.faults.always.clear()
    for _ in range(12):
        await house.pass_time(minutes=10)
    received = {row.person for row in telegram.ledger.rows}
    dead = await house.notices(Notice.status.in_(("dead", "suppressed")))  # type: ignore[attr-defined]
    Outcome("F19 one channel gone for 6 h", 60, 30 - len(received) - len(dead),
            len(telegram.ledger.rows) - len(received), await unfinished(house), others,
            f"others were told within this time; {len(received)} told after it came back, {len(dead)} visibly dead, "
            f"{telegram.calls['sendMessage']} calls").judged()  # fmt: skip
    assert others < 5


async def test_f20_retry_after_is_obeyed_and_a_blocked_bot_is_suppressed(
    house: LiveHouse, telegram: TelegramServer
) -> None:
    telegram.flood_per_minute = 2
    TelegramPerson(5001, telegram)
    TelegramPerson(5002, telegram)
    telegram.blocked.add(5002)
    await told(house, "telegram", "4200", ["5002"])
    for milestone in ("done", "accepted", "closed", "extended"):
        await told(house, "telegram", "4200", ["5001"], milestone=milestone)
    started = time.monotonic()
    for _ in range(40):
        await house.pass_time(seconds=10)
    received = telegram.ledger.texts("5001")
    refused = [row for row in await house.tries() if row.reason.startswith("429")]
    suppressed = await house.notices(Notice.status == "suppressed")
    identities = {one.external_id: one.unreachable for one in await house.all(ChannelIdentity)}
    Outcome("F20 429 and a blocked bot", 5, 4 - len(received), 0, await unfinished(house),
            time.monotonic() - started,
            f"{len(refused)} refusals obeyed, {len(suppressed)} suppressed").judged()  # fmt: skip
    assert len(suppressed) == 1
    assert "blocked" in (identities["5002"] or "")
    assert len(refused) <= 2
    assert suppressed[0].ended_at is not None
    assert suppressed[0].ended_at < house.clock() - timedelta(minutes=1)
