"""What holders of an appointment are told: the evening before, when they moved up, when the desk does not sit."""

from datetime import datetime, time, timedelta

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.items.models import Appointment, AppointmentSlot
from backend.items.slots import day_label
from backend.notices.letters import Choice, Outgoing
from backend.notices.models import Notice
from backend.notices.outbox import ToTell
from backend.office import Office
from backend.people.models import Resident

REMINDER_AT = time(18, 0)  # the evening before: late enough to be remembered, before the quiet hours


def slot_words(office: Office, slot: AppointmentSlot, language: str) -> str:
    """A span as people say it."""
    start, end = office.local(slot.starts_at), office.local(slot.ends_at)
    part = office.texts.say("items.part.morning" if start.hour < 12 else "items.part.afternoon", language)
    day = day_label(start.date(), office.texts, language)
    return office.texts.say("items.part.slot", language, day=day, part=part, start=f"{start:%H:%M}", end=f"{end:%H:%M}")


async def write_reminder(
    session: AsyncSession, office: Office, slot: AppointmentSlot, row: Appointment, now: datetime
) -> None:
    """The reminder, written with the booking. Who books within the last evening is not reminded: they know."""
    eve = office.local(slot.starts_at).date() - timedelta(days=1)
    at = datetime.combine(eve, REMINDER_AT, office.zone)
    if at > now:
        await tell_holder(session, office, slot, row, "appointment_reminder", now, not_before=at)


async def tell_holder(
    session: AsyncSession,
    office: Office,
    slot: AppointmentSlot,
    row: Appointment,
    milestone: str,
    now: datetime,
    *,
    not_before: datetime | None = None,
    reason: str = "",
) -> None:
    """Writes one notice to the holder, at most once per milestone; it expires when the span begins."""
    resident = await session.get(Resident, row.resident_id)
    if resident is None or resident.erased_at is not None:
        return
    language, say = resident.language, office.texts.say
    facts = {"title": slot.title, "place": slot.place, "slot": slot_words(office, slot, language), "reason": reason}
    keeps = milestone != "appointment_closed"
    letter = Outgoing(
        text=say(f"items.resident.{milestone}", language, **facts),
        choices=(Choice(f"p:cancel:{row.id}", say("items.button.cancel_appointment", language)),) if keeps else (),
        template=milestone,
        fields={name: value[:20] for name, value in facts.items()},
    )
    notice = ToTell(
        milestone=milestone,
        audience="resident",
        letter=letter,
        dedupe_key=f"appointment:{row.id}:{milestone}",
        order_key=f"{milestone}:{row.id}",  # a reminder that waits holds nothing else up
        resident_id=row.resident_id,
        not_before=not_before,
        expires_at=slot.starts_at,
    )
    await office.outbox.write(session, notice, now)


async def suppress_reminder(session: AsyncSession, row: Appointment, now: datetime) -> None:
    """The appointment is off: its reminder stays silent, visibly."""
    await session.execute(
        update(Notice)
        .where(col(Notice.dedupe_key) == f"appointment:{row.id}:appointment_reminder", col(Notice.status) == "ready")
        .values(status="suppressed", ended_at=now, reason="the appointment was cancelled")
    )
