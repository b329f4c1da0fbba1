"""How a notice goes out as an SMS: only by an approved template, cut to what a template's field may hold."""

from bot.channels.degrade import cut_chars
from bot.channels.ports import TemplateBook
from bot.channels.sms.client import SmsClient, SmsRefused
from bot.channels.vendor_http import VendorUnavailable
from bot.messages import Outcome, Outgoing, SendResult
from nlu.errors import LinliError

SMS_ROUTE = "sms"
FIELD_CHARS = 35
STOPPED_FOR = 1_800.0


class SmsSender:
    """The route to a telephone number; `chat` is the number."""

    def __init__(self, client: SmsClient, book: TemplateBook) -> None:
        self._client = client
        self._book = book

    async def send(self, chat: str, message: Outgoing) -> SendResult:
        """The milestone's template with its fields; free text is not permitted on this route."""
        spec = await self._book.find(SMS_ROUTE, message.template) if message.template else None
        if spec is None:
            return SendResult(Outcome.OTHER_ROUTE, reason=f"no approved template for {message.template!r}")
        params = {name: cut_chars(message.fields.get(ours, ""), FIELD_CHARS) for name, ours in spec.fields.items()}
        try:
            vendor_id = await self._client.send(chat, spec.template_id, params, key=message.idempotency_key)
        except LinliError as error:
            return _result_of(error)
        return SendResult(Outcome.SENT, vendor_id=vendor_id)


def _result_of(error: LinliError) -> SendResult:
    match error:
        case SmsRefused():
            wait = STOPPED_FOR if error.outcome is Outcome.CHANNEL_DOWN else 0.0
            return SendResult(error.outcome, retry_after=wait, reason=str(error))
        case VendorUnavailable():
            doubt = "uncertain: " if error.uncertain else ""
            return SendResult(Outcome.RETRY, retry_after=error.retry_after, reason=f"{doubt}{error}")
        case _:
            return SendResult(Outcome.BUG, reason=f"{error.code}: {error}")
