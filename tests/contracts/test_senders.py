"""One suite for every sender of every channel: what each kind of answer must come to, and what people received.

A new channel adds one `Bench` below and obeys the same rules.
"""

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bot.channels.ports import Sender
from bot.channels.sms.sender import SmsSender
from bot.channels.telegram.client import build_bot
from bot.channels.telegram.sender import TelegramSender
from bot.channels.wechat.senders import CustomerSender, SubscribeSender, TemplateSender
from bot.channels.wecom.sender import WeComSender
from bot.messages import Choice, Outcome, Outgoing, SendResult
from tests.servers.clock import TurnableClock
from tests.servers.running import Fault, StandIn, running
from tests.servers.sms import SmsServer
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import TelegramPerson
from tests.servers.wechat import WeChatServer
from tests.servers.wecom import WeComServer
from tests.servers.wired import BOOK, READY, sms_client, wechat_client, wecom_client

NOW = datetime(2026, 11, 5, 2, 0, tzinfo=UTC)
NOTICE = Outgoing(
    "您的独生子女证已办好",
    template=READY,
    fields={"item": "独生子女证", "state": "已办好"},
    idempotency_key="notice-1",
)


@dataclass
class Bench:
    """One sender before its stand-in, and how to bring about what the rules speak of."""

    server: StandIn
    sender: Sender
    operation: str
    person: str
    stranger: str
    lose: Callable[[], None]  # the person leaves, blocks or unsubscribes
    busy: Fault
    busy_for: float  # seconds the sender must ask for; 0: the outbox's own back-off
    refuse_identity: Callable[[], None]
    accept_identity: Callable[[], None]
    most_calls_when_refused: int  # calls for a token during 20 sends
    token_operation: str = ""
    close_route: Callable[[], None] | None = None
    wrong: Outgoing = field(default_factory=lambda: Outgoing(""))
    once: bool = False  # the vendor de-duplicates by our key or content


def wechat_server(stack: ExitStack) -> WeChatServer:
    server = WeChatServer(clock=TurnableClock(NOW))
    stack.enter_context(running(server))
    server.follow("o-1")
    server.windows.wrote("o-1")
    server.long_term.add(("o-1", "sub-ready"))
    return server


def _wechat(server: WeChatServer, sender: Sender, operation: str, **more: object) -> Bench:
    return Bench(
        server=server,
        sender=sender,
        operation=f"/cgi-bin/message/{operation}",
        person="o-1",
        stranger="o-unknown",
        lose=lambda: server.unfollow("o-1"),
        busy=Fault(body={"errcode": 45011, "errmsg": "api minute-quota reach limit"}),
        busy_for=60.0,
        refuse_identity=lambda: setattr(server.tokens, "refuse_all", True),
        accept_identity=lambda: setattr(server.tokens, "refuse_all", False),
        token_operation="/cgi-bin/stable_token",
        most_calls_when_refused=3,
        **more,  # type: ignore[arg-type]
    )


def customer(stack: ExitStack) -> Bench:
    server = wechat_server(stack)
    sender = CustomerSender(wechat_client(server), server.clock)
    return _wechat(server, sender, "custom/send", close_route=lambda: server.clock.advance(hours=48))


def template(stack: ExitStack) -> Bench:
    server = wechat_server(stack)
    sender = TemplateSender(wechat_client(server), BOOK, server.clock)
    wrong = Outgoing("x", template=READY, fields={"item": "证", "state": ""})
    return _wechat(server, sender, "template/send", wrong=wrong, once=True)


def subscribe(stack: ExitStack) -> Bench:
    server = wechat_server(stack)
    sender = SubscribeSender(wechat_client(server), BOOK, server.clock)
    wrong = Outgoing("x", template=READY, fields={"item": ""})
    return _wechat(server, sender, "subscribe/bizsend", wrong=wrong, close_route=server.long_term.clear)


def wecom(stack: ExitStack) -> Bench:
    server = WeComServer(clock=TurnableClock(NOW))
    stack.enter_context(running(server))
    server.members.add("zhang")
    return Bench(
        server=server,
        sender=WeComSender(wecom_client(server), server.clock),
        operation="/cgi-bin/message/send",
        person="zhang",
        stranger="nobody",
        lose=lambda: server.members.discard("zhang"),
        busy=Fault(body={"errcode": -1, "errmsg": "system busy"}),
        busy_for=0.0,
        refuse_identity=lambda: setattr(server, "refuse_tokens", True),
        accept_identity=lambda: setattr(server, "refuse_tokens", False),
        token_operation="/cgi-bin/gettoken",
        most_calls_when_refused=2,
        once=True,
    )


def telegram(stack: ExitStack) -> Bench:
    server = TelegramServer(clock=TurnableClock(NOW))
    stack.enter_context(running(server))
    person = TelegramPerson(501, server)
    flood = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    unauthorized = Fault(status=401, body={"ok": False, "error_code": 401, "description": "Unauthorized"})
    return Bench(
        server=server,
        sender=TelegramSender(build_bot(server.token, server.base)),
        operation="sendMessage",
        person="501",
        stranger="999",
        lose=lambda: server.blocked.add(person.number),
        busy=Fault(status=429, body=flood),
        busy_for=7.0,
        refuse_identity=lambda: server.faults.always.update(sendMessage=unauthorized),
        accept_identity=server.faults.always.clear,
        most_calls_when_refused=0,
        wrong=Outgoing("x", choices=(Choice("字" * 22, "长"),)),
    )


def sms(stack: ExitStack) -> Bench:
    server = SmsServer(clock=TurnableClock(NOW))
    stack.enter_context(running(server))
    return Bench(
        server=server,
        sender=SmsSender(sms_client(server), BOOK),
        operation="/v1/messages",
        person="13800001234",
        stranger="12",
        lose=lambda: server.unsubscribed.add("13800001234"),
        busy=Fault(status=429, body={"code": "rate_limit"}, headers={"retry-after": "30"}),
        busy_for=30.0,
        refuse_identity=lambda: setattr(server, "secret", "changed"),
        accept_identity=lambda: setattr(server, "secret", "s3cret"),
        most_calls_when_refused=0,
        close_route=lambda: server.over_limit.add("13800001234"),
        wrong=Outgoing("x", template=READY, idempotency_key="w"),
        once=True,
    )


BENCHES = (customer, template, subscribe, wecom, telegram, sms)


@pytest.fixture(params=BENCHES, ids=lambda build: build.__name__)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield request.param(stack)


def received(bench: Bench) -> int:
    return len(bench.server.ledger.of(bench.person))


def test_a_sender_has_the_form_of_the_port(bench: Bench) -> None:
    ours = list(inspect.signature(bench.sender.send).parameters)
    assert ours == ["chat", "message"]


async def test_what_is_reported_sent_was_received_once(bench: Bench) -> None:
    result = await bench.sender.send(bench.person, NOTICE)
    assert result.outcome is Outcome.SENT
    assert received(bench) == 1
    assert "独生子女证" in bench.server.ledger.texts(bench.person)[0]


async def test_a_busy_vendor_is_a_retry_at_the_second_it_names(bench: Bench) -> None:
    bench.server.faults.add(bench.operation, bench.busy)
    result = await bench.sender.send(bench.person, NOTICE)
    assert (result.outcome, result.retry_after) == (Outcome.RETRY, bench.busy_for)
    assert received(bench) == 0
    bench.server.clock.advance(seconds=bench.busy_for)
    assert (await bench.sender.send(bench.person, NOTICE)).outcome is Outcome.SENT
    assert received(bench) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_broken_vendor_is_a_retry(bench: Bench, status: int) -> None:
    bench.server.faults.add(bench.operation, Fault(status=status))
    assert (await bench.sender.send(bench.person, NOTICE)).outcome is Outcome.RETRY


async def test_a_lost_answer_is_marked_uncertain_and_doubles_only_where_the_vendor_has_no_key(bench: Bench) -> None:
    bench.server.faults.add(bench.operation, Fault(status=502, after=True))
    first = await bench.sender.send(bench.person, NOTICE)
    assert first.outcome is Outcome.RETRY
    assert first.reason.startswith("uncertain:")
    assert (await bench.sender.send(bench.person, NOTICE)).outcome is Outcome.SENT
    assert received(bench) == (1 if bench.once else 2)


async def test_a_person_who_left_is_unreachable(bench: Bench) -> None:
    bench.lose()
    result = await bench.sender.send(bench.person, NOTICE)
    assert result.outcome is Outcome.UNREACHABLE
    assert result.reason
    assert received(bench) == 0


async def test_a_person_who_never_was_is_unreachable(bench: Bench) -> None:
    assert (await bench.sender.send(bench.stranger, NOTICE)).outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize("bench", [customer, subscribe, sms], indirect=True, ids=lambda build: build.__name__)
async def test_a_closed_route_asks_for_another(bench: Bench) -> None:
    """The other routes have no window and no consent that could close."""
    assert bench.close_route is not None
    bench.close_route()
    assert (await bench.sender.send(bench.person, NOTICE)).outcome is Outcome.OTHER_ROUTE
    assert received(bench) == 0


async def test_what_we_wrote_wrong_is_a_dead_letter_and_reaches_nobody(bench: Bench) -> None:
    result = await bench.sender.send(bench.person, bench.wrong)
    assert result.outcome is Outcome.BUG
    assert result.reason
    assert received(bench) == 0


async def test_an_identity_always_refused_stops_the_channel_with_bounded_calls(bench: Bench) -> None:
    bench.refuse_identity()
    results: list[SendResult] = [await bench.sender.send(bench.person, NOTICE) for _ in range(20)]
    assert {result.outcome for result in results} == {Outcome.CHANNEL_DOWN}
    assert all(result.retry_after > 0 for result in results)
    assert bench.server.calls[bench.token_operation] <= bench.most_calls_when_refused
    assert bench.server.calls[bench.operation] <= 2 * len(results)
    assert received(bench) == 0


async def test_a_recovered_identity_sends_again_without_an_operator(bench: Bench) -> None:
    bench.refuse_identity()
    down = await bench.sender.send(bench.person, NOTICE)
    bench.accept_identity()
    bench.server.clock.advance(seconds=down.retry_after)
    assert (await bench.sender.send(bench.person, NOTICE)).outcome is Outcome.SENT
