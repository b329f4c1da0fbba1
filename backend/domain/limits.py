"""How long each step may take, by kind and urgency. Typical figures of practice; each is a setting.

| clock         | normal            | urgent (same day)  | emergency (now) |
|---------------|-------------------|--------------------|-----------------|
| accept        | 24 hours          | 2 hours            | 15 minutes      |
| first contact | 8 working hours   | 4 hours            | 30 minutes      |
| resolve       | by kind, below    | the same day       | 4 hours         |
| verify        | 2 working days    | 1 working day      | 1 working day   |
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.domain.words import ClockName, Kind, LimitUnit, Urgency


@dataclass(frozen=True, slots=True)
class Limit:
    """So much of a unit; 0 days is "the same day"."""

    amount: float
    unit: LimitUnit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("a limit is never negative")


Limits = Mapping[ClockName, Limit]
WH, WD, H, D = LimitUnit.WORKING_HOURS, LimitUnit.WORKING_DAYS, LimitUnit.HOURS, LimitUnit.DAYS

RESOLVE_BY_KIND: dict[Kind, Limit] = {
    Kind.CONSULTATION: Limit(3, WD),
    Kind.HELP: Limit(3, WD),
    Kind.COMPLAINT: Limit(13, WD),
    Kind.SUGGESTION: Limit(13, WD),
    Kind.PRAISE: Limit(13, WD),
    Kind.REPORT: Limit(7, D),
    Kind.REPAIR: Limit(7, D),
}
BY_URGENCY: dict[Urgency, dict[ClockName, Limit]] = {
    Urgency.NORMAL: {
        ClockName.ACCEPT: Limit(24, H),
        ClockName.FIRST_CONTACT: Limit(8, WH),
        ClockName.VERIFY: Limit(2, WD),
    },
    Urgency.URGENT: {
        ClockName.ACCEPT: Limit(2, H),
        ClockName.FIRST_CONTACT: Limit(4, H),
        ClockName.RESOLVE: Limit(0, D),
        ClockName.VERIFY: Limit(1, WD),
    },
    Urgency.EMERGENCY: {
        ClockName.ACCEPT: Limit(0.25, H),
        ClockName.FIRST_CONTACT: Limit(0.5, H),
        ClockName.RESOLVE: Limit(4, H),
        ClockName.VERIFY: Limit(1, WD),
    },
}


def limits_for(kind: Kind, urgency: Urgency, own: Limits | None = None) -> dict[ClockName, Limit]:
    """All four limits. `own` are the category's (or district's) limits: they replace the normal ones,
    while urgency still goes before them."""
    normal = {**BY_URGENCY[Urgency.NORMAL], ClockName.RESOLVE: RESOLVE_BY_KIND[kind], **(own or {})}
    return normal if urgency is Urgency.NORMAL else {**normal, **BY_URGENCY[urgency]}
