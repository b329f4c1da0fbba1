"""How one message goes out through Telegram: the text (or an edit, or a photo with caption) first, extras after.

Telegram has no idempotency key: when an answer is lost the outcome is RETRY with `uncertain:`, which the ledger counts.
"""

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest, TelegramMigrateToChat
from aiogram.types import BufferedInputFile, LinkPreviewOptions, Message

from bot.channels.telegram.errors import cannot_be_edited, is_unchanged, result_of
from bot.channels.telegram.render import ButtonRefused, body, keyboard
from bot.messages import Media, Outcome, Outgoing, SendResult

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """The one route to a Telegram chat."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(self, chat: str, message: Outgoing) -> SendResult:
        """Send or edit; a chat that became a supergroup is followed once and named in `reason`."""
        if not chat.removeprefix("-").isdigit():
            return SendResult(Outcome.BUG, reason="a Telegram chat id is a number")
        try:
            return await self._try(int(chat), message)
        except ButtonRefused as error:
            return SendResult(Outcome.BUG, reason=str(error))
        except TelegramMigrateToChat as moved:
            return await self._follow(moved.migrate_to_chat_id, message)
        except AiogramError as error:
            return result_of(error)

    async def _follow(self, chat: int, message: Outgoing) -> SendResult:
        try:
            result = await self._try(chat, message)
        except AiogramError as error:
            return result_of(error)
        return SendResult(result.outcome, result.vendor_id, reason=f"migrated: {chat}")

    async def _try(self, chat: int, message: Outgoing) -> SendResult:
        if message.replaces and await self._edit(chat, message):
            return SendResult(Outcome.SENT, vendor_id=message.replaces)
        photos = [media for media in message.media if media.kind == "photo" and (media.data or media.vendor_id)]
        if len(photos) == 1 or (photos and not message.text):
            sent = await self._photo(chat, photos.pop(0), message)
        elif message.text or message.link:
            sent = await self._bot.send_message(
                chat, body(message), reply_markup=keyboard(message), link_preview_options=_NO_PREVIEW
            )
        elif message.pin:
            sent = await self._bot.send_location(chat, message.pin.lat, message.pin.lon)
            return SendResult(Outcome.SENT, vendor_id=str(sent.message_id))
        else:
            return SendResult(Outcome.BUG, reason="nothing to say")
        return SendResult(
            Outcome.SENT, vendor_id=str(sent.message_id), reason=await self._extras(chat, photos, message)
        )

    async def _edit(self, chat: int, message: Outgoing) -> bool:
        """Change an earlier message; False when it can no longer be changed."""
        if not message.replaces.isdigit():
            return False
        try:
            await self._bot.edit_message_text(
                text=body(message),
                chat_id=chat,
                message_id=int(message.replaces),
                reply_markup=keyboard(message),
                link_preview_options=_NO_PREVIEW,
            )
        except TelegramBadRequest as error:
            if is_unchanged(error):
                return True
            if cannot_be_edited(error):
                return False
            raise
        return True

    async def _photo(self, chat: int, photo: Media, message: Outgoing) -> Message:
        return await self._bot.send_photo(
            chat, _file(photo), caption=body(message, caption=True) or None, reply_markup=keyboard(message)
        )

    async def _extras(self, chat: int, photos: list[Media], message: Outgoing) -> str:
        """Further photos and the pin: repeating the text for their sake would be worse than missing them."""
        try:
            for photo in photos:
                await self._bot.send_photo(chat, _file(photo))
            if message.pin:
                await self._bot.send_location(chat, message.pin.lat, message.pin.lon)
        except AiogramError as error:
            return f"an extra was not sent: {result_of(error).reason}"
        return ""

    async def acknowledge(self, callback_id: str, text: str = "") -> bool:
        """Stop the button's spinner; False when it is too old, which does not matter."""
        try:
            await self._bot.answer_callback_query(callback_id, text=text[:200] or None)
        except AiogramError:
            return False
        return True


def _file(photo: Media) -> BufferedInputFile | str:
    return BufferedInputFile(photo.data, photo.name or "photo.jpg") if photo.data else photo.vendor_id
