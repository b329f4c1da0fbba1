"""The three routes to a WeChat resident, each a Sender: customer message, template, subscribe notice.

Which one to take is the planner's choice; a route only says how it ended.
"""

from collections.abc import Awaitable, Callable

from bot.channels.limits import TELEGRAM_CALLBACK_BYTES
from bot.channels.ports import Clock, TemplateBook, TemplateSpec, utc_now
from bot.channels.wechat.client import WeChatClient
from bot.channels.wechat.errors import result_of
from bot.channels.wechat.render import customer_text, inert
from bot.channels.wechat.templates import fill
from bot.messages import Media, Outcome, Outgoing, SendResult
from nlu.errors import LinliError

TEMPLATE_ROUTE = "wechat.template"
SUBSCRIBE_ROUTE = "wechat.subscribe"
CHOICE_BYTES = TELEGRAM_CALLBACK_BYTES  # one length for button ids in the house


class CustomerSender:
    """Customer messages (客服消息): need an open window, spend one of its messages each."""

    def __init__(self, client: WeChatClient, clock: Clock = utc_now) -> None:
        self._client = client
        self._clock = clock

    async def send(self, chat: str, message: Outgoing) -> SendResult:
        """The text (with its buttons as lines to tap) first; pictures follow and may fail without a retry."""
        if any(len(choice.id.encode()) > CHOICE_BYTES for choice in message.choices):
            return SendResult(Outcome.BUG, reason="a button id is longer than 64 bytes")
        text = customer_text(message)
        pictures = [media for media in message.media if media.kind == "photo" and media.data]
        try:
            if text or message.choices:
                await self._say(chat, text, message)
            elif pictures:
                await self._show(chat, pictures.pop(0))
            else:
                return SendResult(Outcome.BUG, reason="nothing to say")
        except LinliError as error:
            return result_of(error, self._clock())
        return SendResult(Outcome.SENT, reason=await self._extras(chat, pictures))

    async def _say(self, chat: str, text: str, message: Outgoing) -> None:
        if message.choices:
            choices = [(choice.id, inert(choice.label)) for choice in message.choices]
            await self._client.send_menu(chat, text, choices)
        else:
            await self._client.send_text(chat, text)

    async def _show(self, chat: str, picture: Media) -> None:
        media_id = await self._client.upload_image(picture.data or b"", picture.name or "photo.jpg")
        await self._client.send_image(chat, media_id)

    async def _extras(self, chat: str, pictures: list[Media]) -> str:
        """Pictures are extras: repeating the text for their sake would be worse than missing them."""
        try:
            for picture in pictures:
                await self._show(chat, picture)
        except LinliError as error:
            return f"a picture was not sent: {error}"
        return ""


class _TemplateSender:
    """What both template routes share: find the approved template, fill it, call, sort the outcome."""

    def __init__(self, client: WeChatClient, book: TemplateBook, route: str, clock: Clock) -> None:
        self._client = client
        self._book = book
        self._route = route
        self._clock = clock

    async def _send(
        self, message: Outgoing, call: Callable[[TemplateSpec, dict[str, str]], Awaitable[str]]
    ) -> SendResult:
        spec = await self._book.find(self._route, message.template) if message.template else None
        if spec is None:
            return SendResult(Outcome.OTHER_ROUTE, reason=f"no approved template for {message.template!r}")
        try:
            vendor_id = await call(spec, fill(spec, message.fields))
        except LinliError as error:
            return result_of(error, self._clock())
        return SendResult(Outcome.SENT, vendor_id=vendor_id)


class TemplateSender(_TemplateSender):
    """Template messages (模板消息): need no window, de-duplicated by the notice id for 10 minutes."""

    def __init__(self, client: WeChatClient, book: TemplateBook, clock: Clock = utc_now) -> None:
        super().__init__(client, book, TEMPLATE_ROUTE, clock)

    async def send(self, chat: str, message: Outgoing) -> SendResult:
        """The milestone's template with its fields; the link opens when the card is tapped."""
        url = message.link.url if message.link else ""

        async def call(spec: TemplateSpec, data: dict[str, str]) -> str:
            return await self._client.send_template(chat, spec.template_id, data, url=url, once=message.idempotency_key)

        return await self._send(message, call)


class SubscribeSender(_TemplateSender):
    """Subscribe notices (订阅通知): need the person's consent, long-term or one per message."""

    def __init__(self, client: WeChatClient, book: TemplateBook, clock: Clock = utc_now) -> None:
        super().__init__(client, book, SUBSCRIBE_ROUTE, clock)

    async def send(self, chat: str, message: Outgoing) -> SendResult:
        """The milestone's notice with its fields; the link opens when it is tapped."""
        page = message.link.url if message.link else ""

        async def call(spec: TemplateSpec, data: dict[str, str]) -> str:
            return await self._client.send_subscribe(chat, spec.template_id, data, page=page)

        return await self._send(message, call)
