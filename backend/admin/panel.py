"""What every page of the panel shares: the office, the clock, the reader of messages, and the page templates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from jinja2 import Environment
from starlette.requests import Request

from backend.admin.model_room import ModelRoom
from backend.office import Office
from backend.people.passwords import Passwords
from nlu.contract import Understanding
from nlu.engines.linear import LinearEngine

BASE = "/admin"  # where the composition root mounts the panel
Clock = Callable[[], datetime]
Read = Callable[[str, datetime], Understanding]


@dataclass(frozen=True, slots=True)
class Panel:
    """The long-lived parts of the panel. `read` is None where no model is loaded."""

    office: Office
    clock: Clock
    read: Read | None
    passwords: Passwords
    pages: Environment
    models: ModelRoom | None = None  # where versions are trained; None: nowhere to keep them
    model: LinearEngine | None = None  # the built-in engine, for "why this category" and its figures


def panel_of(request: Request) -> Panel:
    """The panel this request came to."""
    return cast(Panel, request.scope["linli.panel"])
