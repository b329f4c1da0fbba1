"""Two cases that are one, one case that is two, and several units on one case.

| verb           | what happens                                                                          |
|----------------|---------------------------------------------------------------------------------------|
| `merge_cases`  | the source ends as merged, the target takes over its reporters: all keep hearing        |
| `unmerge_case` | the source comes back to its queue, its own reporters leave the target                  |
| `split_case`   | new cases with the same reporters, subjects, place and source; the first stays as it is |
| moves `joint`, `assist`, `close_part` | one main unit, several assisting; each closes its part, then the
main one is done |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.domain.case_view import Actor, CaseView, Event
from backend.domain.lifecycle import apply, file_case
from backend.domain.refusals import ConflictOfInterest, MoveRefused, TargetCaseRequired


class TargetNotOpen(MoveRefused):
    """The case to merge into has already ended."""

    code, status = "target_not_open", 409


@dataclass(frozen=True, slots=True)
class TwoHistories:
    """Events to append to each of the two cases, in one transaction."""

    target: list[Event]
    source: list[Event]


def merge_cases(target: CaseView, source: CaseView, actor: Actor, reason: str, now: datetime) -> TwoHistories:
    """Merge `source` into `target`. The actor must be allowed on both; a merged or ended target is refused.

    A case about somebody never disappears into a case that this somebody handles.
    """
    if target.ended:
        raise TargetNotOpen(target=target.id)
    if target.id == source.id:
        raise TargetCaseRequired
    if {target.assignee, target.unit} & set(source.subjects):
        raise ConflictOfInterest
    gone = apply(source, actor, "merge", {"target": target.id, "reason": reason}, now)
    new = [r for r in source.reporters if r not in target.reporters]
    taken = apply(target, actor, "absorb", {"target": source.id, "reporters": new}, now)
    return TwoHistories(taken, gone)


def unmerge_case(
    target: CaseView, source: CaseView, brought: Sequence[str], actor: Actor, reason: str, now: datetime
) -> TwoHistories:
    """Take a merged case out again. `brought` are the reporters that the `absorb` event had added."""
    if source.merged_into != target.id:
        raise TargetCaseRequired
    back = apply(source, actor, "unmerge", {"reason": reason}, now)
    freed = apply(target, actor, "release", {"target": source.id, "reporters": list(brought)}, now)
    return TwoHistories(freed, back)


def split_case(
    case: CaseView, children: Mapping[str, Mapping[str, Any]], actor: Actor, reason: str, now: datetime
) -> tuple[list[Event], dict[str, list[Event]]]:
    """Split off new cases: `children` maps each new case's id to what differs (`category`, `text`, …).

    Returns the events of the case itself and those of every new one. Nobody who reported is forgotten.
    """
    parent = apply(case, actor, "split", {"target": list(children), "reason": reason}, now)
    same: dict[str, Any] = {
        "kind": case.kind,
        "category": case.category,
        "urgency": case.urgency,
        "source": case.source,
        "area_path": case.area_path,
        "reporters": case.reporters,
        "subjects": case.subjects,
    }
    new = {i: file_case(i, actor, {**same, **facts, "split_from": case.id}, now) for i, facts in children.items()}
    return parent, new
