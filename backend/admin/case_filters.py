"""What the reader of a case list asked for, each value one of a closed list or a bound parameter; and the tabs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, or_, text
from sqlmodel import col

from backend.admin.who import Who
from backend.cases.models import Case
from backend.domain.words import CaseState, Kind, Urgency

TABS = ("open", "queue", "unsure", "overdue", "boundary", "verify", "mine", "ended", "all")
LIVE_TABS = frozenset(TABS) - {"ended", "all"}
WAITING_TABS = frozenset({"queue", "boundary"})
ORDERS = ("new", "due")
IS_WAITING = text("queue <> ''")  # literally the condition of the index of those that wait


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; every value is one of a closed list or a bound parameter."""

    tab: str = "open"
    state: str = ""
    kind: str = ""
    urgency: str = ""
    area: str = ""
    category: str = ""
    text: str = ""
    order: str = "new"
    after: str = ""

    @classmethod
    def read(cls, params: Any) -> "Filters":
        """From the query string; unknown values fall back to "any"."""
        return cls(
            tab=_one_of(params.get("tab", ""), TABS, "open"),
            state=_one_of(params.get("state", ""), tuple(CaseState), ""),
            kind=_one_of(params.get("kind", ""), tuple(Kind), ""),
            urgency=_one_of(params.get("urgency", ""), tuple(Urgency), ""),
            area=params.get("area", "")[:20],
            category=params.get("category", "")[:60],
            text=params.get("q", "").strip()[:60],
            order=_one_of(params.get("order", ""), ORDERS, "new"),
            after=params.get("after", "")[:60],
        )

    def query(self, **changes: str) -> str:
        """The same filters as a query string, with some changed."""
        names = ("tab", "state", "kind", "urgency", "area", "category", "order", "after")
        values = {name: getattr(self, name) for name in names} | {"q": self.text} | changes
        return urlencode({name: value for name, value in values.items() if value})


def _one_of(value: str, allowed: tuple[str, ...], otherwise: str) -> str:
    return str(value) if value in allowed else otherwise


def tab_condition(tab: str, who: Who, now: datetime) -> ColumnElement[bool]:
    """What a tab holds. "Not closed" is said so that the narrow indexes of open cases can answer."""
    live = col(Case.closed_at).is_(None)
    conditions: dict[str, ColumnElement[bool]] = {
        "open": live,
        "queue": and_(live, IS_WAITING),
        "unsure": and_(live, or_(col(Case.category_sure).is_(False), col(Case.category_code) == "")),
        "overdue": and_(live, col(Case.due_at) < now),
        "boundary": and_(live, IS_WAITING, col(Case.queue).startswith("boundary:")),
        "verify": and_(live, col(Case.state).in_(("done", "verified"))),
        "mine": and_(live, or_(col(Case.assignee) == who.actor.id, col(Case.claimed_by_id) == who.user_id)),
        "ended": col(Case.closed_at).is_not(None),
        "all": col(Case.id).is_not(None),
    }
    return conditions[tab]
