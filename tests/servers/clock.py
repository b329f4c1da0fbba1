"""A clock that tests can turn; shared by a stand-in server and the product, so that both see one time."""

from datetime import UTC, datetime, timedelta


class TurnableClock:
    """Stands still at `start` until advanced; without a start it follows the machine's clock plus the advances."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._offset = timedelta()

    def __call__(self) -> datetime:
        return (self._start or datetime.now(UTC)) + self._offset

    def advance(self, **span: float) -> None:
        """Turn forward: `advance(hours=48)`; negative spans turn back."""
        self._offset += timedelta(**span)

    def timestamp(self) -> int:
        """Seconds since 1970, as vendors write time."""
        return int(self().timestamp())
