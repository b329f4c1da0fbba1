"""What each person really received: the only judge of promises about delivery."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Received:
    """One message as it reached one person."""

    person: str
    route: str  # passive | customer | template | subscribe | text | card | message | edit | sms …
    text: str
    at: datetime
    detail: dict[str, Any] = field(default_factory=dict)


class Ledger:
    """Appended by the servers, read by the tests."""

    def __init__(self) -> None:
        self.rows: list[Received] = []

    def add(self, person: str, route: str, text: str, at: datetime, **detail: Any) -> Received:
        """One message arrived."""
        row = Received(person, route, text, at, detail)
        self.rows.append(row)
        return row

    def of(self, person: str) -> list[Received]:
        """Everything one person received, in order."""
        return [row for row in self.rows if row.person == person]

    def texts(self, person: str) -> list[str]:
        """The texts one person received, in order."""
        return [row.text for row in self.of(person)]

    def duplicates(self) -> dict[tuple[str, str], int]:
        """(person, text) received more than once, with the count."""
        counted = Counter((row.person, row.text) for row in self.rows)
        return {key: count for key, count in counted.items() if count > 1}

    def as_json(self) -> list[dict[str, Any]]:
        """For the control address of a stand-alone server."""
        return [{**asdict(row), "at": row.at.isoformat()} for row in self.rows]
