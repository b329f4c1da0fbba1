"""How a worker gets a message through WeCom: a card when there are buttons, else a text.

A click's `response_code` (in `Outgoing.replaces`) changes the card; when it is spent or old, the news goes out as
a text instead, so the worker hears it either way.
"""

from bot.channels.degrade import cut_bytes, plain_text
from bot.channels.limits import WECOM_TEXT_BYTES
from bot.channels.ports import Clock, utc_now
from bot.channels.wechat.errors import ApiRefused, Handling, result_of
from bot.channels.wechat.render import inert
from bot.channels.wecom.cards import CardRefused, button_card
from bot.channels.wecom.client import Sent, WeComClient
from bot.messages import Outcome, Outgoing, SendResult
from nlu.errors import LinliError


class WeComSender:
    """The one route to a WeCom member."""

    def __init__(self, client: WeComClient, clock: Clock = utc_now) -> None:
        self._client = client
        self._clock = clock

    async def send(self, chat: str, message: Outgoing) -> SendResult:
        """Card or text, then pictures (whose failure is noted, never retried)."""
        try:
            updated = bool(message.replaces) and await self._update(chat, message)
            if updated:
                return SendResult(Outcome.SENT, reason="card updated")
            sent = await self._say(chat, message)
        except LinliError as error:
            return result_of(error, self._clock())
        result = _judge(chat, sent)
        if result.outcome is not Outcome.SENT:
            return result
        return SendResult(Outcome.SENT, vendor_id=sent.message_id, reason=await self._pictures(chat, message))

    async def _update(self, chat: str, message: Outgoing) -> bool:
        """Change the clicked card; False when its code no longer works."""
        try:
            await self._client.update_card(chat, message.replaces, message.text.partition("\n")[0])
        except ApiRefused as error:
            if error.handling is Handling.BUG:
                return False
            raise
        return True

    async def _say(self, chat: str, message: Outgoing) -> Sent:
        if message.choices:
            try:
                return await self._client.send_card(chat, button_card(message))
            except CardRefused:
                pass  # too many buttons: numbered lines below
        return await self._client.send_text(chat, cut_bytes(inert(plain_text(message)), WECOM_TEXT_BYTES))

    async def _pictures(self, chat: str, message: Outgoing) -> str:
        try:
            for media in message.media:
                if media.kind == "photo" and media.data:
                    media_id = await self._client.upload_image(media.data, media.name or "photo.jpg")
                    await self._client.send_image(chat, media_id)
        except LinliError as error:
            return f"a picture was not sent: {error}"
        return ""


def _judge(member: str, sent: Sent) -> SendResult:
    """errcode 0 with our member among the unreached is not a delivery. Names compare without case, as WeCom's do."""
    if member.lower() in {name.lower() for name in sent.invalid}:
        return SendResult(Outcome.UNREACHABLE, reason="invaliduser: not a member or not in the app's range")
    if member.lower() in {name.lower() for name in sent.unlicensed}:
        return SendResult(Outcome.UNREACHABLE, reason="unlicenseduser: the member has no interface licence")
    return SendResult(Outcome.SENT, vendor_id=sent.message_id)
