"""The server that is measured: Telegram's webhook door over a real inbox, and a no-op beside it. Run by `intake.py`."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.bench.load import SECRET
from bot.bench.offices import empty_office
from bot.channels.telegram.app import TelegramDoor
from bot.channels.telegram.client import build_bot
from bot.reception import Reception

TOKEN = "4200:bench"  # noqa: S105


def _now() -> datetime:
    return datetime.now(UTC)


async def _nothing(request: Request) -> Response:
    """What any server must do: read the body, answer 200."""
    await request.body()
    return PlainTextResponse("")


async def serve(folder: Path, port: int, url: str) -> None:
    """Serves until killed."""
    office = await empty_office(folder, url)
    bot = build_bot(TOKEN)
    door = TelegramDoor(bot, Reception(office, _now).receive, _now, SECRET)
    app = Starlette(routes=[Route("/noop", _nothing, methods=["POST"]), *door.routes()])
    config = uvicorn.Config(app, port=port, log_level="error", access_log=False, lifespan="off")
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""))
