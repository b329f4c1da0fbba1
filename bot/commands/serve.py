"""`linli serve`: the house in one process, or one role of it."""

import asyncio
import contextlib
import gc
from typing import Annotated

import typer
import uvicorn

from backend.db.database import Database
from backend.db.migrate import upgrade
from bot.commands.terminal import out, run
from bot.loops import Role
from bot.main import open_house
from bot.settings import Settings
from bot.web import build_app
from nlu.errors import LinliError


class OneProcessOnly(LinliError):
    """SQLite serves one process: use `--role all`, or set LINLI_DATABASE__URL to PostgreSQL."""

    code = "one_process_only"
    status = 500


def serve(
    role: Annotated[str, typer.Option(help="all | web | worker | scheduler")] = "all",
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 8000,
) -> None:
    """Serve residents, workers and operators. Ctrl-C ends cleanly."""
    if role not in ("all", "web", "worker", "scheduler"):
        raise typer.BadParameter("all, web, worker or scheduler", param_hint="--role")
    run(
        lambda settings: _serve(settings, role, host, port),  # type: ignore[arg-type]  # checked two lines above
        on_interrupt=0,
    )


async def _serve(settings: Settings, role: Role, host: str, port: int) -> None:
    database = Database(settings.database.url)
    if database.is_sqlite and role != "all":
        raise OneProcessOnly
    await upgrade(database)
    await database.close()
    if "public_url" not in settings.model_fields_set:
        settings.public_url = f"http://{host}:{port}"  # links in notices must open where we listen
    house = await open_house(settings)
    config = uvicorn.Config(
        build_app(house, role),
        host=host,
        port=port,
        log_config=None,  # libraries log through our scrubber
        log_level="warning",
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=5,
    )
    out.print(f"linli 邻里 ({role})  {settings.public_url}  聊天 /chat  后台 /admin")
    gc.freeze()  # what lives as long as the process is not looked at again by every collection
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await uvicorn.Server(config).serve()
    finally:
        gc.freeze()  # all is closed by now: the interpreter's last collection would take seconds to find nothing
