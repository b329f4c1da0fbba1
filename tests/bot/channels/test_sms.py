"""What goes out by SMS: only approved templates, signed, each notice once."""

import pytest

from bot.channels.sms.client import SmsClient, SmsKeys
from bot.channels.sms.sender import SmsSender
from bot.channels.vendor_http import vendor_client
from bot.messages import Outcome, Outgoing
from tests.servers.running import Fault
from tests.servers.sms import PATH, SmsServer
from tests.servers.wired import BOOK, READY, sms_client

NUMBER = "13800001234"
NOTICE = Outgoing("x", template=READY, fields={"item": "独生子女证"}, idempotency_key="n-1")


@pytest.fixture
def sender(sms: SmsServer) -> SmsSender:
    return SmsSender(sms_client(sms), BOOK)


async def test_a_notice_arrives_by_its_template(sender: SmsSender, sms: SmsServer) -> None:
    result = await sender.send(NUMBER, NOTICE)
    assert (result.outcome, result.vendor_id) == (Outcome.SENT, "sms-1")
    assert sms.ledger.texts(NUMBER) == ["您的独生子女证已办好"]


async def test_a_repeated_notice_arrives_once(sender: SmsSender, sms: SmsServer) -> None:
    sms.faults.add(PATH, Fault(status=502, after=True))
    first = await sender.send(NUMBER, NOTICE)
    assert (first.outcome, first.reason) == (Outcome.RETRY, "uncertain: HTTP 502")
    assert (await sender.send(NUMBER, NOTICE)).outcome is Outcome.SENT
    assert len(sms.ledger.of(NUMBER)) == 1


async def test_free_text_has_no_way_here(sender: SmsSender, sms: SmsServer) -> None:
    assert (await sender.send(NUMBER, Outgoing("hello"))).outcome is Outcome.OTHER_ROUTE
    assert sms.calls[PATH] == 0


@pytest.mark.parametrize("number", ["", "abc", "12"])
async def test_an_impossible_number_is_unreachable(sender: SmsSender, number: str) -> None:
    assert (await sender.send(number, NOTICE)).outcome is Outcome.UNREACHABLE


async def test_each_refusal_has_its_outcome(sender: SmsSender, sms: SmsServer) -> None:
    sms.over_limit.add("13800000001")
    assert (await sender.send("13800000001", NOTICE)).outcome is Outcome.OTHER_ROUTE
    empty = Outgoing("x", template=READY, fields={}, idempotency_key="n-2")
    assert (await sender.send(NUMBER, empty)).outcome is Outcome.BUG
    sms.balance = 0
    assert (await sender.send(NUMBER, NOTICE)).outcome is Outcome.CHANNEL_DOWN


async def test_too_many_is_a_retry_at_the_named_second(sender: SmsSender, sms: SmsServer) -> None:
    sms.faults.add(PATH, Fault(status=429, body={"code": "rate_limit"}, headers={"retry-after": "17"}))
    result = await sender.send(NUMBER, NOTICE)
    assert (result.outcome, result.retry_after) == (Outcome.RETRY, 17.0)


async def test_a_wrong_signature_stops_the_channel(sms: SmsServer) -> None:
    client = SmsClient(vendor_client(), base=sms.base, keys=SmsKeys(sms.key_id, "wrong"), clock=sms.clock)
    assert (await SmsSender(client, BOOK).send(NUMBER, NOTICE)).outcome is Outcome.CHANNEL_DOWN
