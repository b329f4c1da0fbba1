"""How fast one person or address may send: a token bucket per key, kept in this process, bounded in number."""

from collections import OrderedDict
from datetime import datetime

from backend.pages.refusals import TooFast

MOST_KEYS = 20_000


class Throttle:
    """`burst` at once, then `per_second`. The least recently seen keys are forgotten first."""

    def __init__(self, per_second: float, burst: int, most_keys: int = MOST_KEYS) -> None:
        self._rate = per_second
        self._burst = float(burst)
        self._most = most_keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, key: str, now: datetime) -> None:
        """Takes one token. Raises `TooFast` with `seconds` to wait when there is none."""
        moment = now.timestamp()
        tokens, last = self._buckets.pop(key, (self._burst, moment))
        tokens = min(self._burst, tokens + max(0.0, moment - last) * self._rate)
        allowed = tokens >= 1.0
        self._buckets[key] = (tokens - 1.0 if allowed else tokens, moment)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        if not allowed:
            raise TooFast(seconds=max(1, round((1.0 - tokens) / self._rate)))
