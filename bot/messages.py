"""The one vocabulary of all channels: what comes in, what goes out, and how a send ended.

A channel translates between its vendor's form and these; the dialogue sees nothing else. What goes out is defined
where the outbox stores it and re-exported here, so that there is one definition of a button in the house.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.notices.letters import Channel, Choice, Link, Media, Outcome, Outgoing, Pin, SendResult

__all__ = [
    "Channel",
    "ChatRef",
    "Choice",
    "Incoming",
    "Link",
    "Media",
    "Outcome",
    "Outgoing",
    "Pin",
    "Said",
    "SendResult",
]


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
