"""What a move must bring, what must stand, and who is barred: one small check per word of the table.

Facts are plain values by name: `reason`, `assignee` (id), `assignee_unit`, `unit`, `units`, `photo` (one id
or
several), `evidence` (names), `result`, `where_to_go`, `target` (case id), `amount` + `limit_unit`, `text`,
`queue`,
`person` (id), `score` (1–5), `level`, `skip_rule` (name of the rule that allows a jump), `category`, `kind`,
….
"""

from collections.abc import Callable, Mapping
from typing import Any

from backend.domain import refusals as no
from backend.domain.case_view import Actor, CaseView
from backend.domain.moves import Bar, CaseMove, Need, Standing
from backend.domain.words import Kind, Level, LimitUnit, Role, Source

Facts = Mapping[str, Any]
MAX_PASSES = 2  # a third pass without an owner is refused: it goes up, not on
QUESTIONS = (Kind.CONSULTATION, Kind.SUGGESTION, Kind.PRAISE)

ASKED_BY: dict[str, str] = {  # decision → the field that says who asked
    "approve_extension": "extension_asked_by",
    "approve_pending": "pending_asked_by",
}


def names(value: object) -> tuple[str, ...]:
    """One name or several → tuple; None → ()."""
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value)  # type: ignore[attr-defined]


def _words(name: str, refusal: type[no.MoveRefused]) -> Callable[[CaseView, Actor, Facts], None]:
    """The fact must be there and not blank."""

    def check(_case: CaseView, _actor: Actor, facts: Facts) -> None:
        value = facts.get(name)
        if not (value.strip() if isinstance(value, str) else value):
            raise refusal(need=name)

    return check


def _assignee(case: CaseView, _actor: Actor, facts: Facts) -> None:
    """Somebody, and never the one complained about or their team."""
    wanted = (*names(facts.get("assignee")), *names(facts.get("unit")))
    if not wanted:
        raise no.AssigneeRequired
    touched = {*wanted, *names(facts.get("assignee_unit"))}
    if touched & set(case.subjects):
        raise no.ConflictOfInterest


def _unit(case: CaseView, _actor: Actor, facts: Facts) -> None:
    wanted = (*names(facts.get("unit")), *names(facts.get("units")))
    if not wanted:
        raise no.UnitRequired
    if set(wanted) & set(case.subjects):
        raise no.ConflictOfInterest


def _amount(_case: CaseView, _actor: Actor, facts: Facts) -> None:
    amount = facts.get("amount")
    if not isinstance(amount, int | float) or isinstance(amount, bool) or not 0 < amount <= 400:
        raise no.AmountRequired
    if facts.get("limit_unit", LimitUnit.WORKING_DAYS) not in set(LimitUnit):
        raise no.AmountRequired


def _target(case: CaseView, _actor: Actor, facts: Facts) -> None:
    target = facts.get("target")
    if not names(target) or target == case.id:
        raise no.TargetCaseRequired


def _person(case: CaseView, _actor: Actor, facts: Facts) -> None:
    person = facts.get("person")
    if not person:
        raise no.ReporterRequired
    if person in case.reporters:
        raise no.AlreadyReporter


def _score(_case: CaseView, _actor: Actor, facts: Facts) -> None:
    score = facts.get("score")
    if not isinstance(score, int) or isinstance(score, bool) or not 1 <= score <= 5:
        raise no.ScoreRequired


def _change(case: CaseView, _actor: Actor, facts: Facts) -> None:
    fields = ("category", "kind", "urgency", "area_path", "level", "subjects", "demands")
    if all(f not in facts or _same(getattr(case, f), facts[f]) for f in fields):
        raise no.ChangeRequired


def _same(old: object, new: object) -> bool:
    return old == (tuple(new) if isinstance(new, list) else new)


def _evidence(case: CaseView, _actor: Actor, _facts: Facts) -> None:
    missing = [d for d in case.demands if d not in case.evidence]
    if missing:
        raise no.EvidenceMissing(missing=missing)


def _real_category(case: CaseView, _actor: Actor, _facts: Facts) -> None:
    """A leaf such as `urban.lighting`; "other" or `urban.other` is not one."""
    if case.category.rpartition(".")[2] in ("", "other") or "." not in case.category:
        raise no.CategoryNotReal(category=case.category)


def _parts_closed(case: CaseView, _actor: Actor, _facts: Facts) -> None:
    """The main unit's part is closed by `done` itself; the assisting units must have closed theirs."""
    still = [p.unit for p in case.parts if not p.closed and not p.main]
    if still:
        raise no.PartsStillOpen(units=still)


def _no_loop(case: CaseView, actor: Actor, _facts: Facts) -> None:
    if case.transfer_count >= MAX_PASSES and actor.role is not Role.LEADER:
        raise no.TransferLoop(passes=case.transfer_count)


def _next_rung(case: CaseView, _actor: Actor, facts: Facts) -> None:
    """Only used with `level`: downwards for dispatch, upwards for hand_over."""
    if facts.get("level") is None or facts.get("skip_rule"):
        return
    if abs(Level(facts["level"]).rank - case.level.rank) > 1:
        raise no.NotTheNextRung(held_by=case.level.value)


NEEDS: dict[Need, Callable[[CaseView, Actor, Facts], None]] = {
    Need.REASON: _words("reason", no.ReasonRequired),
    Need.ASSIGNEE: _assignee,
    Need.UNIT: _unit,
    Need.PHOTO: _words("photo", no.PhotoRequired),
    Need.RESULT: _words("result", no.ResultRequired),
    Need.WHERE_TO_GO: _words("where_to_go", no.WhereToGoRequired),
    Need.TARGET: _target,
    Need.AMOUNT: _amount,
    Need.TEXT: _words("text", no.TextRequired),
    Need.QUEUE: _words("queue", no.QueueRequired),
    Need.PERSON: _person,
    Need.SCORE: _score,
    Need.CHANGE: _change,
    Need.EVIDENCE: _evidence,
    Need.REAL_CATEGORY: _real_category,
    Need.PARTS_CLOSED: _parts_closed,
    Need.NO_LOOP: _no_loop,
    Need.NEXT_RUNG: _next_rung,
}

STANDINGS: dict[Standing, tuple[Callable[[CaseView], bool], type[no.MoveRefused]]] = {
    Standing.EXTENSION_ASKED: (lambda c: c.extension_asked_by is not None, no.NothingAsked),
    Standing.NO_EXTENSION_ASKED: (lambda c: c.extension_asked_by is None, no.AlreadyAsked),
    Standing.PENDING_ASKED: (lambda c: c.pending_asked_by is not None, no.NothingAsked),
    Standing.NO_PENDING_ASKED: (lambda c: c.pending_asked_by is None, no.AlreadyAsked),
    Standing.REOPEN_ASKED: (lambda c: c.reopen_asked_by is not None, no.NothingAsked),
    Standing.NO_REOPEN_ASKED: (lambda c: c.reopen_asked_by is None, no.AlreadyAsked),
    Standing.NOT_RATED: (lambda c: not c.rated, no.AlreadyRated),
    Standing.PATROL: (lambda c: c.source is Source.PATROL, no.NotAPatrolCase),
    Standing.QUESTION: (lambda c: c.kind in QUESTIONS, no.NotAQuestion),
}


def check_bars(case: CaseView, actor: Actor, move: CaseMove) -> None:
    """Raise when this person may not, whatever their role."""
    if Bar.DOER in move.bars and actor.id == case.doer:
        raise no.DoerMayNotVerify
    if Bar.FOLLOWER in move.bars and actor.id in case.reporters:
        raise no.AlreadyReporter
    if Bar.ASKER in move.bars and actor.id == getattr(case, ASKED_BY[move.name]):
        raise no.AskerMayNotApprove
