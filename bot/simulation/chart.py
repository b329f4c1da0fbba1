"""What came out, as text: where each case landed, and a line per case that shows its states over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from backend.cases.models import Case, CaseEvent, CaseWarning
from backend.domain.words import ENDS, CaseState
from bot.simulation.playing import Play

WIDTH = 64
SIGNS = {
    CaseState.RECEIVED: ".",
    CaseState.DISPATCHED: "d",
    CaseState.ACCEPTED: "a",
    CaseState.WAITING: "w",
    CaseState.SUSPENDED: "s",
    CaseState.DONE: "o",
    CaseState.VERIFIED: "v",
    **dict.fromkeys(ENDS, "#"),
}


LEGEND = ". received  d dispatched  a accepted  w waiting  s suspended  o done  v verified  # ended  ! warned"


@dataclass(frozen=True, slots=True)
class Landed:
    """Where a case stood at the end. `escalated` are the pushes that moved or watched it up."""

    label: str
    number: str
    state: str
    level: str
    owner: str
    due_at: datetime | None
    told: int
    warnings: tuple[str, ...]
    escalated: tuple[str, ...]
    line: str


async def landed(play: Play, start: datetime, end: datetime) -> list[Landed]:
    """One row per case, in the order of filing."""
    by_id = {case_id: label for label, case_id in play.labels.items()}
    rows = []
    async with play.office.database.read() as session:
        for case in (await session.exec(select(Case).order_by(col(Case.id)))).all():
            events = await session.exec(
                select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.seq))
            )
            warned = await session.exec(
                select(CaseWarning).where(CaseWarning.case_id == case.id).order_by(col(CaseWarning.id))
            )
            history, warnings = events.all(), [one for one in warned.all() if not one.covered]
            label = by_id.get(case.id or 0, case.number)
            owner = case.assignee or case.unit or case.queue
            rows.append(
                Landed(
                    label,
                    case.number,
                    case.state,
                    case.level,
                    play.names.get(owner, owner),
                    case.due_at,
                    sum(1 for one in play.happenings if one.kind == "told" and one.case == label),
                    tuple(f"{one.clock}:{one.level}" for one in warnings),
                    tuple(one.facts["trigger"] for one in history if one.facts.get("trigger")),
                    line_of(history, [one.at for one in warnings], start, end),
                )
            )
    return rows


def line_of(history: Sequence[CaseEvent], warned: Sequence[datetime], start: datetime, end: datetime) -> str:
    """The life of a case on a line of 64 signs from `start` to `end`."""
    step = (end - start) / WIDTH
    signs = []
    for place in range(WIDTH):
        begins, until = start + place * step, start + (place + 1) * step
        state = next((e.to_state for e in reversed(history) if e.to_state and e.at < until), None)
        sign = SIGNS[CaseState(state)] if state else " "
        signs.append("!" if any(begins <= at < until for at in warned) else sign)
    return "".join(signs)
