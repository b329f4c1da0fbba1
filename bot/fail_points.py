"""Fail points for the fault experiments: the step named by `LINLI_FAIL_POINT` kills this process like a power switch.

`send` dies the first time the step is reached, `send:3` the third time. Empty (the default) means: nowhere.
"""

import os
import signal
from collections.abc import Callable
from typing import ClassVar

from nlu.errors import LinliError

STEPS = ("insert", "classify", "case", "outbox", "send", "receipt")


class UnknownFailPoint(LinliError):
    """LINLI_FAIL_POINT names no step: insert, classify, case, outbox, send or receipt, perhaps with `:N`."""

    code: ClassVar[str] = "unknown_fail_point"
    status: ClassVar[int] = 500


def nowhere(_step: str) -> None:
    """No fail point is armed."""


def armed(setting: str) -> Callable[[str], None]:
    """The function to call at every named step; raises `UnknownFailPoint` for a step that does not exist."""
    if not setting:
        return nowhere
    step, _, nth = setting.partition(":")
    if step not in STEPS or (nth and not nth.isdigit()):
        raise UnknownFailPoint
    left = int(nth or 1)

    def reached(name: str) -> None:
        nonlocal left
        if name == step:
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached
