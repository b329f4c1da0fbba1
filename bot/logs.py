"""Logs: one line per event, structured, without anything personal; JSON where a collector reads them.

Whatever reaches a log, from us or from a library, passes one scrubber: phones, id cards, tokens and secrets are
masked, line breaks and terminal commands are escaped. Only a traceback has several lines, each of them indented.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from backend.people.masked import mask_numbers
from bot.channels.vendor_http import hide_request_lines

_HIDDEN = "***"
_SECRETS = (
    (re.compile(r"(?i)((?:access_token|token|secret|corpsecret|appsecret|password|signature|api_key|key)=)[^&\s'\"]+"),
     rf"\g<1>{_HIDDEN}"),
    (re.compile(r"(?i)(bearer )[\w.~+/=-]+"), rf"\g<1>{_HIDDEN}"),
    (re.compile(r"\d{4,}:[\w-]{30,}"), _HIDDEN),  # a Telegram bot's token
    (re.compile(r"\bll_[\w-]{30,}"), f"ll_{_HIDDEN}"),
    (re.compile(r"(/[tc]/)[\w-]{20,}"), rf"\g<1>{_HIDDEN}"),
)  # fmt: skip
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")  # an error may quote what people wrote; our own errors speak English
_SECRET_NAMES = frozenset({"password", "token", "secret", "phone", "authorization", "cookie", "body", "text"})


def scrub(text: str) -> str:
    """The text without phones, id cards, tokens and secrets."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return mask_numbers(text)


def one_line(text: str) -> str:
    """The text with everything escaped that could begin a line of its own or speak to a terminal."""
    return _CONTROL.sub(lambda hit: f"\\x{ord(hit[0]):02x}" if ord(hit[0]) < 256 else f"\\u{ord(hit[0]):04x}", text)


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return mask_numbers(str(value)) if isinstance(value, int) and len(str(value)) >= 11 else value
    if isinstance(value, dict):
        return {str(_clean(key)): _named(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    return one_line(scrub(str(value)))


def _named(name: str, value: Any) -> Any:
    return _HIDDEN if name.lower() in _SECRET_NAMES else _clean(value)


def scrubbed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The last processor before rendering."""
    clean: EventDict = {}
    for name, value in event.items():
        if name == "exception":
            lines = _FOREIGN.sub("…", scrub(str(value))).splitlines()
            clean[name] = "\n".join("    " + one_line(line) for line in lines)
        else:
            clean[one_line(scrub(name))] = _named(name, value)
    return clean


def _processors() -> list[structlog.types.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,  # text only: never the variables of a frame
        scrubbed,
    ]


def _renderer(form: Literal["console", "json"]) -> structlog.types.Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


class _Formatter(logging.Formatter):
    """Lines of libraries in the same form, through the same scrubber."""

    def __init__(self, processors: Iterable[structlog.types.Processor], renderer: Callable[..., Any]) -> None:
        super().__init__()
        self._processors = list(processors)
        self._renderer = renderer

    def format(self, record: logging.LogRecord) -> str:
        event: Any = {"event": record.getMessage(), "logger": record.name}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        for processor in self._processors:
            event = processor(None, record.levelname.lower(), event)
        return str(self._renderer(None, record.levelname.lower(), event))


class _StandardError:
    """Whatever standard error is at the moment of writing: a test or a command may have put another in its place."""

    def write(self, text: str) -> int:
        """Writes to the standard error of this moment."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flushes it."""
        sys.stderr.flush()


def set_up_logs(form: Literal["console", "json"], *, quiet: bool = False) -> None:
    """Configures structlog and the libraries' logging, once per process. `quiet`: errors only."""
    renderer = _renderer(form)
    stderr = cast(TextIO, _StandardError())  # stdout belongs to what a command answers
    structlog.configure(
        processors=[*_processors(), renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stderr)
    handler.setFormatter(_Formatter(_processors(), renderer))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    hide_request_lines()
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
