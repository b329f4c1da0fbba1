"""What the commands share: running a coroutine with settings, and refusals as one helpful sentence."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from rich.console import Console

from bot.logs import set_up_logs
from bot.settings import Settings
from nlu.errors import LinliError

out = Console()
err = Console(stderr=True)

Answer = TypeVar("Answer")


def run(task: Callable[[Settings], Coroutine[Any, Any, Answer]], *, on_interrupt: int = 130) -> Answer:
    """Runs `task(settings)` to its end. A `LinliError` becomes its sentence on stderr and exit code 1.

    `on_interrupt`: the exit code after Ctrl-C; 0 where that is the usual way to end (`serve`).
    """
    settings = Settings()
    set_up_logs(settings.log_format)
    try:
        return asyncio.run(task(settings))
    except LinliError as refusal:
        err.print(f"[red]{refusal.code}[/red]: {refusal}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(on_interrupt)
