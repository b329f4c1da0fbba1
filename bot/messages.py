"""The one vocabulary of all channels: what comes in, what goes out, and how a send ended.

A channel translates between its vendor's form and these; the dialogue sees nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime
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
class ChatRef:
    """One chat on one channel: `account` is our own account there (app id, bot id), `chat` the person's id.

    `person` differs from `chat` only in groups (the sender inside the group).
    """

    channel: Channel
    account: str
    chat: str
    person: str = ""
    is_group: bool = False

    @property
    def sender(self) -> str:
        """The id of the person who speaks, also inside a group."""
        return self.person or self.chat


class Said(StrEnum):
    """The kinds of message a channel can bring."""

    TEXT = "text"
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    CONTACT = "contact"
    CHOICE = "choice"  # a button or menu item was pressed: `choice` holds its id
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    SCAN = "scan"  # a QR scene: `choice` holds the scene
    CONSENT = "consent"  # the answer to a subscribe request: `extra` holds template id -> accept/reject
    RECEIPT = "receipt"  # the vendor reports how a send ended: `extra` has vendor_id, status
    EDITED = "edited"
    UNKNOWN = "unknown"


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
class Incoming:
    """One message from a person. `external_id` is unique per (channel, account): the inbox key."""

    ref: ChatRef
    external_id: str
    kind: Said
    at: datetime
    text: str = ""
    media: tuple[Media, ...] = ()
    pin: Pin | None = None
    choice: str = ""
    album: str = ""  # messages of one photo album share it
    contact_phone: str = ""
    reply_token: str = ""  # vendor token to answer this very event (callback query id, response_code)
    extra: dict[str, str] = field(default_factory=dict)


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
