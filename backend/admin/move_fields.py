"""Which fields a move's form shows: exactly what the move's `needs` ask for, and the few facts it may also keep.

A need without fields is a check that the rules make by themselves (evidence, closed parts, the next rung …).
"""

from dataclasses import dataclass

from backend.domain.moves import CaseMove, Need


@dataclass(frozen=True, slots=True)
class Field:
    """One input. Its label is `panel.field.<label or name>`; `kind` names the template's macro."""

    name: str
    kind: str
    required: bool = True
    label: str = ""


FIELDS: dict[Need, tuple[Field, ...]] = {
    Need.REASON: (Field("reason", "long"),),
    Need.ASSIGNEE: (Field("owner", "owner"),),
    Need.UNIT: (Field("unit", "unit"),),
    Need.PHOTO: (Field("photo", "photo"),),
    Need.RESULT: (Field("result", "long"),),
    Need.WHERE_TO_GO: (Field("where_to_go", "text"),),
    Need.TARGET: (Field("target", "number"),),
    Need.AMOUNT: (Field("amount", "amount"), Field("limit_unit", "limit_unit")),
    Need.TEXT: (Field("text", "long"),),
    Need.QUEUE: (),
    Need.PERSON: (Field("person", "staff"),),
    Need.SCORE: (Field("score", "score"),),
    Need.CHANGE: (
        Field("category", "category", required=False),
        Field("kind", "kind", required=False),
        Field("urgency", "urgency", required=False),
        Field("area", "area", required=False),
    ),
    Need.EVIDENCE: (),
    Need.REAL_CATEGORY: (),
    Need.PARTS_CLOSED: (),
    Need.NO_LOOP: (),
    Need.NEXT_RUNG: (),
}
ALSO: dict[str, tuple[Field, ...]] = {
    "done": (Field("photo", "photo", required=False),),
    "verify": (Field("photo", "photo", required=False),),
    "close_part": (Field("photo", "photo", required=False),),
    "on_the_way": (Field("eta", "text", required=False),),
    "request_pending": (Field("until", "date", required=False),),
    "urge": (Field("text", "long", required=False),),
    "resume": (Field("text", "long", required=False),),
    "end_pending": (Field("reason", "long", required=False),),
}
# What is split off is a new case: its words, its category, and why.
SPLIT = (Field("part_text", "long"), Field("category", "category", required=False), Field("reason", "long"))
# The desk names a resident by telephone when it adds them to a case.
PERSON_IS_RESIDENT = frozenset({"join"})
# Shown at the top of the page: what an operator presses most.
FIRST = (
    *("claim", "dispatch", "accept", "done", "answer", "verify", "fail_verification", "close"),
    *(
        "approve_extension",
        "approve_pending",
        "reopen",
        "reply",
        "note",
        "reassign",
        "correct",
        "supervise",
        "hand_over",
    ),
)


def fields_of(move: CaseMove) -> tuple[Field, ...]:
    """The fields of a move's form, in order, each once."""
    if move.name == "split":
        return SPLIT
    wanted = [field for need in move.needs for field in FIELDS[need]] + list(ALSO.get(move.name, ()))
    if move.name in PERSON_IS_RESIDENT:
        wanted = [Field("phone", "phone") if field.name == "person" else field for field in wanted]
    return tuple({field.name: field for field in wanted}.values())


def in_order(moves: list[CaseMove]) -> list[CaseMove]:
    """Offered moves, the most used first, the rest as the table has them."""
    offered = [move for move in moves if move.offered]
    return sorted(offered, key=lambda move: FIRST.index(move.name) if move.name in FIRST else len(FIRST))
