"""What each vendor permits, as data for the push planner and the renderers. Nothing here enforces anything.

Sources: the vendors' own documentation, late 2026.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.messages import Channel


class Scope(StrEnum):
    """Whom a limit counts."""

    PERSON = "person"
    GROUP = "group"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` messages per `seconds`. `silent`: the vendor drops the excess without an error."""

    scope: Scope
    count: int
    seconds: int
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """A person's act opens `messages` customer messages for `seconds`."""

    messages: int
    seconds: int


RATES: dict[Channel, tuple[RateLimit, ...]] = {
    Channel.WECHAT: (RateLimit(Scope.ACCOUNT, 100_000, 86_400),),  # template messages
    Channel.WECOM: (
        RateLimit(Scope.PERSON, 30, 60, silent=True),
        RateLimit(Scope.PERSON, 1_000, 3_600, silent=True),
    ),
    Channel.TELEGRAM: (
        RateLimit(Scope.PERSON, 1, 1),
        RateLimit(Scope.GROUP, 20, 60),
        RateLimit(Scope.ACCOUNT, 30, 1),
    ),
    Channel.SMS: (RateLimit(Scope.PERSON, 1, 30), RateLimit(Scope.PERSON, 15, 86_400)),
}

WECHAT_MESSAGE_WINDOW = Window(messages=5, seconds=48 * 3_600)  # the resident wrote to us
WECHAT_TOUCH_WINDOW = Window(messages=3, seconds=60)  # menu click, follow or scan

WEBHOOK_BODY_BYTES = 64 * 1024
XML_DEPTH = 16
FRESH_SECONDS = 300

WECHAT_TEXT_BYTES = 2_048
WECOM_TEXT_BYTES = 2_048
TELEGRAM_TEXT_UNITS = 4_096  # UTF-16 code units
TELEGRAM_CAPTION_UNITS = 1_024
TELEGRAM_CALLBACK_BYTES = 64
TELEGRAM_FILE_BYTES = 20 * 1024 * 1024
WECHAT_MEDIA_BYTES = 20 * 1024 * 1024
WECOM_CARD_BUTTONS = 6
