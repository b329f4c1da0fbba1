"""What every webhook's door has in common: a bounded body, one reception, refusals as bare HTTP answers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.channels.limits import WEBHOOK_BODY_BYTES
from bot.channels.refusals import BodyTooLarge
from bot.messages import Incoming, Outgoing
from nlu.errors import LinliError

log = structlog.get_logger()

BODY_SECONDS = 10  # a vendor sends a few kilobytes at once

Clock = Callable[[], datetime]
Receive = Callable[[Incoming], Awaitable[int | None]]
"""Stores a message durably; its inbox id, or None for a repeat."""


class QuickAnswers(Protocol):
    """Hands over the first answer to a message, for channels that can answer in the webhook's own reply."""

    async def wait_for(self, message_id: int, seconds: float) -> tuple[int, Outgoing] | None:
        """The answer's notice id and letter, taken out of the outbox; None when it is not there in time."""
        ...

    async def known(self, said: Incoming) -> int | None:
        """The inbox id of a message that a platform repeats; None when it is too old to be answered in the reply."""
        ...

    async def settle(self, notice_id: int, *, sent: bool) -> None:
        """The answer went into the reply, or (`sent=False`) it must go the usual way."""
        ...


async def read_bounded(request: Request, most: int = WEBHOOK_BODY_BYTES) -> bytes:
    """The body, refused with 413 as soon as it grows past `most` bytes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most:
        raise BodyTooLarge
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise BodyTooLarge
                parts.append(chunk)
    except TimeoutError as endless:
        raise BodyTooLarge from endless
    return b"".join(parts)


def refused(channel: str, refusal: LinliError) -> Response:
    """The bare answer to a webhook we do not accept; the true reason goes to the log only."""
    log.warning("webhook_refused", channel=channel, code=refusal.code, why=str(refusal.facts.get("why", "")))
    return PlainTextResponse(refusal.code, status_code=refusal.status)
