"""Who serves an area now: the staff of a place in the order A, B, responsible person, with who is away struck out."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import DutyShift, Staff


def staff_key(staff_id: int | None) -> str:
    """The actor key of a member of staff."""
    return f"staff:{staff_id}"


@dataclass(frozen=True, slots=True)
class OnRoster:
    """A member of staff and whether they are on duty at the moment asked for."""

    staff: Staff
    on_duty: bool


async def roster_of(session: AsyncSession, area_code: str, now: datetime) -> list[OnRoster]:
    """Workers and responsible persons of an area, A before B before the responsible person, then by id."""
    found = await session.exec(
        select(Staff)
        .where(
            Staff.area_code == area_code,
            col(Staff.is_active),
            col(Staff.role).in_(("worker", "responsible")),
        )
        .order_by(col(Staff.id))
    )
    people = list(found.all())
    away = await _away(session, [person.id for person in people if person.id is not None], now)
    rows = [OnRoster(person, person.on_duty and person.id not in away) for person in people]
    return sorted(rows, key=lambda row: (row.staff.role == "responsible", row.staff.duty, row.staff.id or 0))


async def _away(session: AsyncSession, staff_ids: list[int], now: datetime) -> set[int]:
    """Who has a row "away" that covers this moment."""
    if not staff_ids:
        return set()
    found = await session.exec(
        select(DutyShift.staff_id).where(
            col(DutyShift.staff_id).in_(staff_ids),
            DutyShift.kind == "away",
            DutyShift.starts_at <= now,
            DutyShift.ends_at > now,
        )
    )
    return set(found.all())
