"""The platform's rules that the WeChat stand-in enforces: tokens, windows, template fields, consents."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.servers.clock import TurnableClock

TOKEN_LIFE = 7_200
FORCED_PER_DAY = 20
FORCED_GAP = timedelta(seconds=30)
MESSAGE_WINDOW = (5, timedelta(hours=48))
TOUCH_WINDOW = (3, timedelta(minutes=1))


class Tokens:
    """Stable tokens: repeated calls give the same one, a forced call ends the old one."""

    def __init__(self, clock: TurnableClock) -> None:
        self._clock = clock
        self._number = 0
        self.value = ""
        self.ends = clock()
        self.refuse_all = False
        self.fetched = 0
        self.forced_in_all = 0
        self._forced: list[datetime] = []

    def fetch(self, force: bool) -> int:
        """Make `value` valid; the platform's error code or 0."""
        self.fetched += 1
        now = self._clock()
        if force:
            recent = [at for at in self._forced if at > now - timedelta(days=1)]
            if recent and now - recent[-1] < FORCED_GAP:
                return 45011
            if len(recent) >= FORCED_PER_DAY:
                return 45009
            self._forced = [*recent, now]
            self.forced_in_all += 1
        if force or not self.value or now >= self.ends:
            self._number += 1
            self.value = f"token-{self._number}"
            self.ends = now + timedelta(seconds=TOKEN_LIFE)
        return 0

    def revoke(self) -> None:
        """Somebody else forced a new token: ours is dead."""
        self.value = ""

    def fault_of(self, given: str | None) -> int:
        """The error code that a call with this token gets, 0 when it is good."""
        if not given:
            return 41001
        if self.refuse_all or given != self.value:
            return 40001
        return 42001 if self._clock() >= self.ends else 0


@dataclass
class _Open:
    left: int = 0
    ends: datetime | None = None


@dataclass
class Windows:
    """How many customer messages each person may still get."""

    clock: TurnableClock
    _touch: dict[str, _Open] = field(default_factory=lambda: defaultdict(_Open))
    _message: dict[str, _Open] = field(default_factory=lambda: defaultdict(_Open))

    def wrote(self, openid: str) -> None:
        """The person sent a message: 5 in 48 h."""
        self._message[openid] = _Open(MESSAGE_WINDOW[0], self.clock() + MESSAGE_WINDOW[1])

    def touched(self, openid: str) -> None:
        """Menu click, follow or scan: 3 in 1 minute."""
        self._touch[openid] = _Open(TOUCH_WINDOW[0], self.clock() + TOUCH_WINDOW[1])

    def spend(self, openid: str) -> int:
        """Take one message; 45015 when no window is open, 45047 when all open ones are used up."""
        now = self.clock()
        live = [
            window
            for window in (self._touch[openid], self._message[openid])
            if window.ends is not None and now < window.ends
        ]
        for window in live:
            if window.left:
                window.left -= 1
                return 0
        return 45047 if live else 45015


_TIME = re.compile(r"(\d{4}(年\d{1,2}月\d{1,2}日|[-/]\d{1,2}[-/]\d{1,2}))?\s?(\d{2}:\d{2}(:\d{2})?)?")


def field_fault(name: str, value: object) -> str:
    """Why the platform refuses this value for this template field, "" when it does not."""
    if not isinstance(value, str) or not value:
        return f"data.{name}.value is empty"
    kind = name.rstrip("0123456789")
    fits = {
        "thing": len(value) <= 20 and "\n" not in value,
        "character_string": len(value) <= 32 and value.isascii(),
        "phrase": len(value) <= 5 and all("一" <= letter <= "鿿" for letter in value),
        "time": bool(value.strip()) and bool(_TIME.fullmatch(value)),
        "number": bool(re.fullmatch(r"\d+(\.\d+)?", value)),
    }.get(kind, len(value) <= 200)
    return "" if fits else f"data.{name}.value invalid"


@dataclass
class Media:
    """An uploaded or received file; lives three days."""

    data: bytes
    mime: str
    ends: datetime
