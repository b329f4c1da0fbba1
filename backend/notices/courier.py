"""The port through which notices leave the house: one courier per channel, built by the composition root."""

from dataclasses import dataclass
from typing import Protocol

from backend.notices.letters import Channel, Outgoing, SendResult


@dataclass(frozen=True, slots=True)
class Route:
    """One way to one person. `kind`: reply | customer | template | subscribe | chat | card | sms | call_back."""

    channel: Channel
    account: str
    person: str
    kind: str
    chat: str = ""  # where it differs from the person: a group, a web session


class Courier(Protocol):
    """Delivers one letter on one route. Answers how it ended; raises only for faults of our own code."""

    async def deliver(self, route: Route, letter: Outgoing) -> SendResult:
        """One try, finished within 10 seconds."""
        ...
