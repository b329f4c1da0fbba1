"""One bot: built against any Bot API server, downloads within Telegram's own limit of 20 MB."""

import io

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramBadRequest, TelegramForbiddenError, TelegramNotFound
from aiogram.utils.token import TokenValidationError

from bot.channels.limits import TELEGRAM_FILE_BYTES
from bot.channels.refusals import ChannelMisconfigured, MediaTooLarge, MediaUnavailable
from bot.channels.vendor_http import VendorUnavailable

DEADLINE_SECONDS = 15.0


def build_bot(token: str, api_base: str = "https://api.telegram.org") -> Bot:
    """The aiogram bot for `token`. ChannelMisconfigured when the token has not Telegram's form."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_base), timeout=DEADLINE_SECONDS)
    try:
        return Bot(token, session=session)
    except TokenValidationError as error:
        raise ChannelMisconfigured("the Telegram token is malformed") from error


class _Capped(io.BytesIO):
    """A buffer that refuses to grow past its cap."""

    def __init__(self, cap: int) -> None:
        super().__init__()
        self._cap = cap

    def write(self, data: object) -> int:
        chunk = bytes(data)  # type: ignore[call-overload]  # aiogram writes bytes
        if self.tell() + len(chunk) > self._cap:
            raise MediaTooLarge
        return super().write(chunk)


async def download(bot: Bot, file_id: str, cap: int = TELEGRAM_FILE_BYTES) -> bytes:
    """A file that a person sent. MediaTooLarge, MediaUnavailable, or VendorUnavailable to try again.

    Errors carry no address, because a file's address holds the bot's token.
    """
    try:
        file = await bot.get_file(file_id)
        if (file.file_size or 0) > cap:
            raise MediaTooLarge
        if not file.file_path:
            raise MediaUnavailable
        buffer = _Capped(cap)
        await bot.download_file(file.file_path, destination=buffer)
    except TelegramBadRequest as error:
        raise (MediaTooLarge if "too big" in str(error).lower() else MediaUnavailable) from None
    except (TelegramNotFound, TelegramForbiddenError):
        raise MediaUnavailable from None
    except aiohttp.ClientResponseError as error:
        if error.status == 404:
            raise MediaUnavailable from None
        raise VendorUnavailable(f"HTTP {error.status}") from None
    except (AiogramError, aiohttp.ClientError, TimeoutError) as error:
        raise VendorUnavailable(type(error).__name__) from None
    return buffer.getvalue()
