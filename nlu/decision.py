"""What the counter may do with an understanding, from two thresholds; and how urgent the matter is.

At or above `act` we act (the draft is still read back). Between the two we ask, offering the best three. Below
`ask` a person takes over. The curve behind the numbers is printed by `linli nlu evaluate`.
"""

import re
from dataclasses import dataclass

from nlu.contract import Category, Decision, Intent, Scored, Urgency
from nlu.taxonomy import Taxonomy, UnknownCategory

WITH_MATTER = frozenset({Intent.REPORT, Intent.APPLY, Intent.ASK, Intent.SUGGEST, Intent.PRAISE})
"""Intents that are about a matter of the taxonomy; the others have no category."""

OFFERED = 3
"""How many categories an asking-back offers as buttons."""

_PRESSING = re.compile(
    r"加急|紧急|十万火急|火烧眉毛|马上就要|随时(会|可能)?(倒|塌|掉|砸|出事|爆)|要出人命|很危险|太危险|非常危险|急急急"
    r"|爆管|水管爆|全楼停[水电]|还在(往外)?(喷|冒|漏)|砸(到|伤)了?人|摔(伤|倒)了|掉下来了"
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Calibrated confidences; `ask` ≤ `act`."""

    act: float = 0.60
    ask: float = 0.25


def decide(intent: Scored, category: Category | None, thresholds: Thresholds) -> Decision:
    """Act, ask back, or give to a person. A matter without a category weighs the intent alone."""
    if intent.name == Intent.HUMAN and intent.confidence >= thresholds.ask:
        return Decision.HUMAN
    if intent.name == Intent.OTHER:
        return Decision.ASK if intent.confidence >= thresholds.ask else Decision.HUMAN
    sure = intent.confidence if category is None else min(intent.confidence, category.confidence)
    if sure >= thresholds.act:
        return Decision.ACT
    return Decision.ASK if sure >= thresholds.ask else Decision.HUMAN


def urgency_of(text: str, intent: str, category: Category | None, taxonomy: Taxonomy, danger: bool) -> Urgency:
    """`emergency` when the guard saw danger; else the leaf's own urgency or the words of the cleaned text.

    Only problems reported or urged are ever urgent: a question about gas bills is not.
    """
    if danger:
        return Urgency.EMERGENCY
    if intent not in (Intent.REPORT, Intent.URGE):
        return Urgency.NORMAL
    if _PRESSING.search(text):
        return Urgency.URGENT
    if category is None:
        return Urgency.NORMAL
    try:
        return taxonomy.leaf(category.code).urgency
    except UnknownCategory:
        return Urgency.NORMAL
