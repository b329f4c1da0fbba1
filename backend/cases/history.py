"""Between the rules and the tables: a case's rows as the rules see them, and the rules' events as rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area
from backend.cases.models import Case, CaseChange, CaseEvent
from backend.cases.search import keep_searchable
from backend.db.upserting import insert_of
from backend.domain.case_view import CaseView, Event
from backend.domain.history import replay
from backend.domain.words import ENDS, Role

PRIVATE_MOVES = frozenset({"note", "instruct", "supervise", "inform", "queue", "assist", "joint", "close_part"})


async def events_of(session: AsyncSession, case_id: int) -> list[CaseEvent]:
    """The whole history, oldest first."""
    return list(
        (await session.exec(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(col(CaseEvent.seq)))).all()
    )


def as_event(number: str, row: CaseEvent) -> Event:
    """A row of history as the rules' event."""
    return Event(number, row.move, row.at, row.actor, Role(row.actor_role), row.from_state, row.to_state, row.facts)


async def view_of(session: AsyncSession, case: Case) -> CaseView:
    """The case as the rules see it, from its history alone."""
    assert case.id is not None
    return replay([as_event(case.number, row) for row in await events_of(session, case.id)])


async def append(session: AsyncSession, case: Case, events: list[Event], actor_name: str) -> list[CaseEvent]:
    """Appends events in order; the unique (case, seq) refuses two writers at the same place."""
    assert case.id is not None
    last = (await session.exec(select(func.max(CaseEvent.seq)).where(CaseEvent.case_id == case.id))).one() or 0
    rows = [
        CaseEvent(district_code=case.district_code, case_id=case.id, **event_values(event, last + step, actor_name))
        for step, event in enumerate(events, start=1)
    ]
    session.add_all(rows)
    await session.flush()
    return rows


def event_values(event: Event, seq: int, actor_name: str) -> dict[str, Any]:
    """An event as a row of history says it."""
    return {
        "seq": seq,
        "at": event.at,
        "move": event.name,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "actor_role": event.role.value,
        "actor": event.actor_id,
        "actor_name": actor_name[:60],
        "reason": str(event.data.get("reason", "")),
        "facts": dict(event.data),
        "is_public": event.name not in PRIVATE_MOVES,
    }


def present_values(view: CaseView, last: datetime) -> dict[str, Any]:
    """What a case's own row says of its present; `last` is when something last happened."""
    return {
        "state": view.state.value,
        "kind": view.kind.value,
        "category_code": view.category if "." in view.category else "",
        "urgency": view.urgency.value,
        "level": view.level.value,
        "assignee": view.assignee,
        "unit": view.unit,
        "queue": "" if view.assignee or view.unit or view.ended else (view.queue or ""),
        "doer": view.doer,
        "redo_count": view.redo_count,
        "transfer_count": view.transfer_count,
        "area_code": view.holding_area,
        "area_path": "".join(f"{code}/" for code in view.area_path),
        "updated_at": last,
        "closed_at": last if view.state in ENDS else None,
    }


async def project(session: AsyncSession, case: Case, view: CaseView, events: list[Event]) -> None:
    """Writes the present into the case's own row, which lists and filters read."""
    for name, value in present_values(view, events[-1].at).items():
        if name not in ("area_code", "area_path") or value:
            setattr(case, name, value)
    case.version += len(events)
    session.add(case)
    await session.flush()
    await keep_searchable(session, case)
    await mark_changed(session, case)


async def mark_changed(session: AsyncSession, case: Case) -> None:
    """So that the reports look at this case again; see `CaseChange`."""
    insert = insert_of(session)
    mark = insert(CaseChange).values(case_id=case.id, district_code=case.district_code, count=1)
    seen_again = {"count": CaseChange.__table__.c["count"] + 1}  # type: ignore[attr-defined]  # SQLModel hides it
    await session.execute(mark.on_conflict_do_update(index_elements=["case_id"], set_=seen_again))


async def path_codes(session: AsyncSession, area_code: str) -> tuple[str, ...]:
    """An area's codes from the district down, e.g. ("990100", "990101", "99010101")."""
    area = await session.get(Area, area_code)
    return tuple(area.path.strip("/").split("/")) if area is not None else (area_code,)


def facts_for(**facts: Any) -> dict[str, Any]:
    """Facts of a move without the ones that were not given."""
    return {name: value for name, value in facts.items() if value not in (None, "", ())}
