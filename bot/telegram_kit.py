"""Telegram's parts, in a module of their own: importing aiogram costs 166 MB, so only a switched-on bot pays it."""

from dataclasses import dataclass

from aiogram import Bot

from backend.notices.letters import Channel
from bot.channel_parts import ChannelKit, Parts, plain
from bot.channels.telegram.app import TelegramDoor
from bot.channels.telegram.callback import require_secret
from bot.channels.telegram.client import build_bot
from bot.channels.telegram.media import TelegramMedia
from bot.channels.telegram.sender import TelegramSender
from bot.couriers import ChannelCourier
from bot.messages import Incoming
from bot.settings import TelegramSettings

NOTE_CHARACTERS = 60  # of our answer, shown for a moment over the chat


@dataclass(frozen=True, slots=True)
class PressedButtons:
    """Stops the spinner of a pressed button with the beginning of our answer."""

    sender: TelegramSender

    async def acknowledge(self, said: Incoming, answer: str) -> None:
        """Best effort: a press older than a minute cannot be answered any more."""
        await self.sender.acknowledge(said.reply_token, answer[:NOTE_CHARACTERS])


def add_telegram(kit: ChannelKit, parts: Parts, telegram: TelegramSettings, public_url: str) -> None:
    """Door or polling, courier, media and button presses of one bot."""
    bot: Bot = build_bot(plain(telegram.token), telegram.api_base)
    secret = require_secret(plain(telegram.webhook_secret)) if telegram.mode == "webhook" else ""
    door = TelegramDoor(bot, parts.reception.receive, parts.clock, secret)
    kit.routes += door.routes()
    if secret:
        kit.at_start.append(lambda: door.register(public_url))
    else:
        kit.background.append(door.poll)
    sender = TelegramSender(bot)
    kit.couriers[Channel.TELEGRAM] = ChannelCourier({"chat": sender})
    kit.sources[Channel.TELEGRAM] = TelegramMedia(bot)
    kit.acknowledgers[Channel.TELEGRAM] = PressedButtons(sender)
    kit.accounts[Channel.TELEGRAM] = str(bot.id)
    kit.at_close.append(bot.session.close)
