"""Photos and voices of a Telegram chat, fetched by their file id."""

from dataclasses import dataclass

from aiogram import Bot

from bot.channels.telegram.client import download
from bot.messages import Media


@dataclass(frozen=True, slots=True)
class TelegramMedia:
    """Downloads through one bot."""

    bot: Bot

    async def fetch(self, medium: Media) -> bytes:
        """The file's bytes, at most 20 MB."""
        return await download(self.bot, medium.vendor_id)
