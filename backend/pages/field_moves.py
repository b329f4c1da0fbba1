"""Which moves a worker's page offers, in which order, and which fields each asks for.

What is possible now is never decided here: `available` says it. A row only says how a possible move looks on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.lifecycle import CaseMove
from backend.domain.words import LimitUnit
from backend.pages.forms import Posted
from backend.pages.refusals import FieldWrong

MOST_DAYS = 30


@dataclass(frozen=True, slots=True)
class FormField:
    """One input. `kind`: text | photo | days."""

    name: str
    kind: str = "text"
    required: bool = True
    after: bool = False  # a photo of the finished work


@dataclass(frozen=True, slots=True)
class FieldMove:
    """One move on the page; `big` ones are buttons at once, the others open first."""

    name: str
    fields: tuple[FormField, ...] = ()
    big: bool = False


RESULT, REASON, TEXT = FormField("result"), FormField("reason"), FormField("text")
PHOTO_AFTER = FormField("photo", "photo", required=False, after=True)

FIELD_MOVES: tuple[FieldMove, ...] = (
    FieldMove("accept", big=True),
    FieldMove("claim", big=True),
    FieldMove("on_the_way", big=True),
    FieldMove("resume", big=True),
    FieldMove("done", (RESULT, PHOTO_AFTER), big=True),
    FieldMove("settle", (RESULT, FormField("photo", "photo", after=True)), big=True),
    FieldMove("close_part", (RESULT, PHOTO_AFTER), big=True),
    FieldMove("add_evidence", (FormField("photo", "photo"),)),
    FieldMove("wait_for_resident", (REASON,)),
    FieldMove("reply", (TEXT,)),
    FieldMove("request_extension", (FormField("amount", "days"), REASON)),
    FieldMove("request_pending", (REASON,)),
    FieldMove("return_", (REASON,)),
)
BY_NAME = {row.name: row for row in FIELD_MOVES}


def offered(moves: Sequence[CaseMove]) -> list[FieldMove]:
    """The page's rows among the moves that are possible now, in the page's order."""
    possible = {move.name for move in moves}
    return [row for row in FIELD_MOVES if row.name in possible]


def facts_from(row: FieldMove, form: Posted, photos: Sequence[int]) -> dict[str, Any]:
    """The facts of a move from its form; `photos` are attachment ids. What is missing the rules will refuse."""
    facts: dict[str, Any] = {}
    for field in row.fields:
        if field.kind == "photo":
            facts.update(_photo_facts(row, form, photos))
        elif field.kind == "days":
            facts.update(amount=_days(form.text("amount", 8)), limit_unit=LimitUnit.WORKING_DAYS.value)
        else:
            facts[field.name] = form.text(field.name)
    return facts


def is_after(row: FieldMove, form: Posted) -> bool:
    """Whether the photos show the finished work."""
    return any(field.after for field in row.fields) or form.text("when", 8) == "after"


def _photo_facts(row: FieldMove, form: Posted, photos: Sequence[int]) -> dict[str, Any]:
    if not photos:
        return {}
    evidence = ["photo", "photo_after"] if is_after(row, form) else ["photo"]
    return {"photo": [str(one) for one in photos], "evidence": evidence}


def _days(said: str) -> int:
    if not said.isascii() or not said.isdigit() or not 0 < int(said) <= MOST_DAYS:
        raise FieldWrong(field="amount")
    return int(said)
