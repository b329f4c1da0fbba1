"""How Telegram's updates come in: by webhook with a secret, or by polling; stored first, acknowledged after."""

import asyncio
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.doors import Clock, Receive, read_bounded, refused
from bot.channels.telegram.callback import SECRET_HEADER, check_secret
from bot.channels.telegram.parse import parse_update, read_webhook
from nlu.errors import LinliError

log = structlog.get_logger()

LONG_POLL_SECONDS = 25
PAUSE_AFTER_FAILURE = 3.0  # seconds
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]


@dataclass(frozen=True, slots=True)
class TelegramDoor:
    """One bot. `secret` is empty in polling mode."""

    bot: Bot
    receive: Receive
    clock: Clock
    secret: str = ""

    def routes(self) -> list[Route]:
        """`POST /telegram`, only in webhook mode."""
        return [Route("/telegram", self.webhook, methods=["POST"])] if self.secret else []

    async def webhook(self, request: Request) -> Response:
        """One update; answered 200 once it is durable."""
        try:
            check_secret(request.headers.get(SECRET_HEADER), self.secret)
            update = read_webhook(await read_bounded(request))
            said = parse_update(update, str(self.bot.id), self.clock())
        except LinliError as refusal:
            return refused("telegram", refusal)
        await self.receive(said)
        return PlainTextResponse("")

    async def register(self, public_url: str) -> None:
        """Tells Telegram where to call. Raises aiogram's errors."""
        await self.bot.set_webhook(f"{public_url}/telegram", secret_token=self.secret, allowed_updates=ALLOWED)

    async def poll(self) -> None:
        """Fetches updates until cancelled. The offset moves only past updates that are stored."""
        offset: int | None = None
        await self._leave_webhook_mode()
        while True:
            try:
                updates = await self.bot.get_updates(
                    offset=offset,
                    timeout=LONG_POLL_SECONDS,
                    allowed_updates=ALLOWED,
                    request_timeout=LONG_POLL_SECONDS + 10,
                )
                for update in updates:
                    await self._store(update.model_dump(mode="json", by_alias=True, exclude_none=True))
                    offset = update.update_id + 1
            except (AiogramError, LinliError) as failure:
                log.warning("telegram_poll_failed", error=type(failure).__name__)
                await asyncio.sleep(PAUSE_AFTER_FAILURE)

    async def _leave_webhook_mode(self) -> None:
        try:
            await self.bot.delete_webhook(drop_pending_updates=False)
        except AiogramError as failure:
            log.warning("telegram_webhook_not_deleted", error=type(failure).__name__)

    async def _store(self, update: dict[str, object]) -> None:
        try:
            said = parse_update(update, str(self.bot.id), self.clock())
        except LinliError as refusal:
            log.warning("telegram_update_refused", code=refusal.code)
            return
        await self.receive(said)
