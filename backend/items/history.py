"""Between the rules and the tables: an application's rows as the rules see them, and the rules' events as rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.application_life import replay
from backend.domain.application_needs import ApplicationView
from backend.domain.case_view import Event
from backend.domain.words import ApplicationState, Role
from backend.items.models import Application, ApplicationEvent

SEPARATOR = ";"
OVER = (ApplicationState.CLOSED, ApplicationState.WITHDRAWN)


async def events_of(session: AsyncSession, application_id: int) -> list[ApplicationEvent]:
    """The whole history, oldest first."""
    found = await session.exec(
        select(ApplicationEvent)
        .where(ApplicationEvent.application_id == application_id)
        .order_by(col(ApplicationEvent.seq))
    )
    return list(found.all())


def as_event(number: str, row: ApplicationEvent) -> Event:
    """A row of history as the rules' event."""
    return Event(number, row.move, row.at, row.actor, Role(row.actor_role), row.from_state, row.to_state, row.facts)


async def history_of(session: AsyncSession, application: Application) -> list[Event]:
    """The rules' events of an application, oldest first."""
    assert application.id is not None
    return [as_event(application.number, row) for row in await events_of(session, application.id)]


async def view_of(session: AsyncSession, application: Application) -> ApplicationView:
    """The application as the rules see it, from its history; whose it is, the row says."""
    return view_from(application, await history_of(session, application))


def view_from(application: Application, history: Sequence[Event]) -> ApplicationView:
    """As `view_of`, from a history already read. Two residents may have turned out to be one person since the filing:
    applicant and proxy are the row's."""
    view = replay(history)
    if application.resident_id is not None:
        view = replace(view, applicant=f"resident:{application.resident_id}")
    if application.proxy_resident_id is not None and view.proxy is not None:
        view = replace(view, proxy=f"resident:{application.proxy_resident_id}")
    return view


async def append(
    session: AsyncSession, application: Application, events: Sequence[Event], actor_name: str
) -> list[ApplicationEvent]:
    """Appends events in order; the unique (application, seq) refuses two writers at the same place."""
    assert application.id is not None
    newest = select(func.max(ApplicationEvent.seq)).where(ApplicationEvent.application_id == application.id)
    last = (await session.exec(newest)).one() or 0
    rows = [
        ApplicationEvent(
            district_code=application.district_code,
            application_id=application.id,
            seq=last + step,
            at=event.at,
            move=event.name,
            from_state=event.from_state,
            to_state=event.to_state,
            actor_role=event.role.value,
            actor=event.actor_id,
            actor_name=actor_name[:60],
            reason=str(event.data.get("reason", "")),
            facts=dict(event.data),
        )
        for step, event in enumerate(events, start=1)
    ]
    session.add_all(rows)
    await session.flush()
    return rows


def project(application: Application, view: ApplicationView, events: Sequence[Event]) -> None:
    """Writes the present into the application's own row, which lists and filters read."""
    application.state = view.state.value
    application.level = view.level.value
    application.unit = (view.unit or "")[:60]
    application.missing = SEPARATOR.join(view.missing)[:400]
    application.delivery_slot = view.slot or ""
    application.delivery_staff_id = _number(view.courier, "staff:")
    application.delivery_tries = view.failed_visits
    application.proxy_resident_id = _number(view.proxy, "resident:") if view.proxy_consented else None
    application.updated_at = events[-1].at
    application.closed_at = events[-1].at if view.state in OVER else None
    application.version += len(events)
    for event in events:
        _keep(application, event)


def _keep(application: Application, event: Event) -> None:
    """What people ask about later and would otherwise have to be dug out of the history."""
    data: dict[str, Any] = dict(event.data)
    if event.name in ("refuse", "item_cancelled"):
        application.decision_reason = str(data.get("reason", ""))[:400]
        application.appeal = str(data.get("appeal", ""))[:200]
    if event.name == "make_ready":
        application.ready_at = event.at
        application.place = str(data.get("place") or application.place)[:120]
    if event.name in ("request_delivery", "visit_failed", "cancel_delivery", "hand_over_at_door"):
        application.door_tries = 0


def _number(key: str | None, prefix: str) -> int | None:
    return int(key.removeprefix(prefix)) if key and key.startswith(prefix) else None
