"""What Prometheus may ask: queues and ends of messages and notices, counted at most every five seconds."""

import time
from dataclasses import dataclass, field

from prometheus_client import Gauge
from sqlalchemy import func
from sqlmodel import col, select

from backend.cases.models import Case
from backend.domain.words import LIVE
from backend.intake.models import InboxMessage
from backend.notices.models import Notice
from backend.office import Office

FRESH_SECONDS = 5.0

INBOX = Gauge("linli_inbox_messages", "Messages in the inbox by status", ["status"])
NOTICES = Gauge("linli_notices", "Notices in the outbox by status", ["status"])
OPEN_CASES = Gauge("linli_open_cases", "Cases that have not ended, by state", ["state"])


@dataclass
class OfficeCollector:
    """Refreshes the gauges from one office's tables."""

    office: Office
    _at: float = field(default=0.0)

    async def refresh(self) -> None:
        """Counts again when the last count is older than five seconds."""
        if time.monotonic() - self._at < FRESH_SECONDS:
            return
        self._at = time.monotonic()
        async with self.office.database.read() as session:
            counts = (
                (INBOX, select(InboxMessage.status, func.count()).group_by(col(InboxMessage.status))),
                (NOTICES, select(Notice.status, func.count()).group_by(col(Notice.status))),
                (
                    OPEN_CASES,
                    select(Case.state, func.count())
                    .where(col(Case.state).in_([state.value for state in LIVE]))
                    .group_by(col(Case.state)),
                ),
            )
            for gauge, statement in counts:
                for name, count in (await session.exec(statement)).all():
                    gauge.labels(name).set(count)
