"""One clock of a case: what it was given, where it stands, when it warns."""

from dataclasses import dataclass
from datetime import datetime

from backend.domain.limits import Limit
from backend.domain.reasons import Reason
from backend.domain.words import ClockName, WarnLevel

Span = tuple[datetime, datetime | None]  # None: still paused


@dataclass(frozen=True, slots=True)
class Clock:
    """One round of one clock. While paused, `due_at` moves on as if it were resumed now."""

    name: ClockName
    limit: Limit
    started_at: datetime
    due_at: datetime
    round: int = 1
    stopped_at: datetime | None = None
    pauses: tuple[Span, ...] = ()
    extensions: tuple[tuple[datetime, Limit], ...] = ()
    reasons: tuple[Reason, ...] = ()
    warn_at: tuple[tuple[WarnLevel, datetime], ...] = ()

    @property
    def paused(self) -> bool:
        """Standing still because we wait for the resident or the case is pending."""
        return bool(self.pauses) and self.pauses[-1][1] is None

    @property
    def running(self) -> bool:
        """Neither stopped nor paused."""
        return self.stopped_at is None and not self.paused

    def is_overdue(self, now: datetime) -> bool:
        """Whether the limit is broken now, or was when the clock stopped."""
        return not self.paused and (self.stopped_at or now) > self.due_at
