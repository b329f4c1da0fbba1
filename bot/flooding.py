"""How much one person may say: what comes beyond it is acknowledged and dropped, so that it hurts nobody else.

Acknowledged, because a platform that is refused calls again and holds back everybody behind it. No person and no photo
album comes near the limit; each flood leaves one security event a minute.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.office import Office
from backend.pages.refusals import TooFast
from backend.pages.throttle import Throttle
from backend.people.models import SecurityEvent

PER_SECOND, AT_ONCE = 5.0, 60  # nine photos with words, five times over
EVENT_EVERY = timedelta(minutes=1)
MOST_NOTED = 1000


@dataclass
class FloodGate:
    """One per process."""

    office: Office
    _people: Throttle = field(default_factory=lambda: Throttle(PER_SECOND, AT_ONCE))
    _noted: OrderedDict[str, datetime] = field(default_factory=OrderedDict)

    async def admits(self, channel: str, person_key: str, now: datetime) -> bool:
        """Whether this person's message is taken; the first one refused in a minute is written down."""
        try:
            self._people.check(person_key, now)
        except TooFast:
            await self._note(channel, person_key, now)
            return False
        return True

    async def _note(self, channel: str, person_key: str, now: datetime) -> None:
        last = self._noted.get(person_key)
        if last is not None and now - last < EVENT_EVERY:
            return
        self._noted[person_key] = now
        while len(self._noted) > MOST_NOTED:
            self._noted.popitem(last=False)
        async with self.office.database.write() as session:
            session.add(
                SecurityEvent(
                    district_code=self.office.district_code,
                    at=now,
                    kind="flood",
                    detail={"channel": channel, "person": self.office.vault.blind_index(person_key)},
                )
            )
