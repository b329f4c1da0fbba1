"""What is said to a person and how the saying ended; the form every courier takes and answers.

These types sit in the backend because the outbox stores them; the counter re-exports them in its own vocabulary so
that there is one definition of a button in the house.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    """Where a person meets us. `phone` is an operator typing what a caller says."""

    WECHAT = "wechat"
    WECOM = "wecom"
    TELEGRAM = "telegram"
    WEB = "web"
    TERMINAL = "terminal"
    SMS = "sms"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Media:
    """A file as the channel names it; `data` is present once downloaded."""

    kind: str  # photo | voice | video | file
    vendor_id: str = ""
    url: str = ""
    mime: str = ""
    name: str = ""
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A point on the map. WeChat pins are `gcj02`, Telegram and browsers send `wgs84`."""

    lat: float
    lon: float
    system: str = "wgs84"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: `id` comes back in `Incoming.choice` (at most 64 bytes), `label` is read by people."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page to open: degraded to plain text where a channel has no buttons."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to a person; a channel degrades what it cannot show (buttons → numbered text, image → link)."""

    text: str
    choices: tuple[Choice, ...] = ()
    link: Link | None = None
    media: tuple[Media, ...] = ()
    pin: Pin | None = None
    template: str = ""  # the milestone's key, for channels that may only send templates
    fields: dict[str, str] = field(default_factory=dict)  # the template's own fields
    replaces: str = ""  # vendor id of an earlier message to edit, where the channel can
    idempotency_key: str = ""  # the notice id, for channels that de-duplicate


class Outcome(StrEnum):
    """How a send ended, sorted by what the sender may do next."""

    SENT = "sent"
    RETRY = "retry"  # try again at `retry_after` seconds
    OTHER_ROUTE = "other_route"  # this route is closed now (window, consent); another may be open
    UNREACHABLE = "unreachable"  # the person cannot be reached on this channel any more
    CHANNEL_DOWN = "channel_down"  # stop the channel and raise an alarm
    BUG = "bug"  # our message is wrong: dead letter


@dataclass(frozen=True, slots=True)
class SendResult:
    """The outcome of one try; `vendor_id` when sent, `retry_after` in seconds, `reason` for the ledger."""

    outcome: Outcome
    vendor_id: str = ""
    retry_after: float = 0.0
    reason: str = ""
