"""How a message of ours is written for Telegram: plain text (never a markup of theirs), inline buttons by id."""

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.degrade import cut_utf16, plain_text
from bot.channels.limits import TELEGRAM_CALLBACK_BYTES, TELEGRAM_CAPTION_UNITS, TELEGRAM_TEXT_UNITS
from bot.messages import Outgoing
from nlu.errors import LinliError

_SHORT_LABEL = 8  # characters up to which two buttons share a row


class ButtonRefused(LinliError):
    """A button's id is empty or longer than 64 bytes."""

    code = "button_refused"
    status = 422


def keyboard(message: Outgoing) -> InlineKeyboardMarkup | None:
    """Inline buttons, two a row when short; a link on a public address becomes a button of its own."""
    rows: list[list[InlineKeyboardButton]] = []
    for choice in message.choices:
        if not 1 <= len(choice.id.encode()) <= TELEGRAM_CALLBACK_BYTES:
            raise ButtonRefused
        button = InlineKeyboardButton(text=choice.label, callback_data=choice.id)
        short = len(choice.label) <= _SHORT_LABEL
        if short and rows and len(rows[-1]) == 1 and len(rows[-1][0].text) <= _SHORT_LABEL:
            rows[-1].append(button)
        else:
            rows.append([button])
    if message.link and message.link.url.startswith("https://"):
        rows.append([InlineKeyboardButton(text=message.link.label, url=message.link.url)])
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def body(message: Outgoing, *, caption: bool = False) -> str:
    """The text, with the link in it only when it cannot be a button; cut to Telegram's length."""
    as_button = message.link is not None and message.link.url.startswith("https://")
    shown = Outgoing(text=message.text, link=None if as_button else message.link, media=message.media)
    text = plain_text(shown, with_choices=False, with_pin=False)
    return cut_utf16(text, TELEGRAM_CAPTION_UNITS if caption else TELEGRAM_TEXT_UNITS)
