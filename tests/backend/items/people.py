"""Who comes to the item desk in tests: residents, window staff, couriers, and what was written to them."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.cases.models import Attachment
from backend.domain.case_view import Actor
from backend.domain.words import Role
from backend.items.desk import ItemDesk
from backend.items.models import Application
from backend.notices.letters import Outgoing
from backend.notices.models import Notice
from backend.office import Office
from backend.people.residents import remember, speaker_for
from tests.office_builder import DISTRICT

HOME = "99010100101"
CLERK = Actor("user:1", Role.OPERATOR, ("990101",))


async def desk_for(
    session: AsyncSession, office: Office, who: str, now: datetime, *, phone: str = "", home: str = HOME
) -> ItemDesk:
    """The item desk with this resident (a channel id) in front of it."""
    speaker = await speaker_for(session, office, "web", "", who, now)
    speaker.resident.home_area_code = home or None
    if phone:
        await remember(session, office, speaker.resident, phone=phone)
    return ItemDesk(session, office, speaker, now)


async def desk_of_staff(session: AsyncSession, office: Office, name: str, now: datetime) -> ItemDesk:
    """The item desk with a bound member of staff in front of it."""
    person = (await session.exec(select(Staff).where(Staff.name == name))).one()
    speaker = await speaker_for(session, office, "telegram", "bot", person.channel_id or name, now)
    speaker.identity.staff_id = person.id
    await session.flush()
    return ItemDesk(session, office, speaker, now)


async def row_of(session: AsyncSession, number: str) -> Application:
    """An application's row."""
    return (await session.exec(select(Application).where(Application.number == number))).one()


async def told(session: AsyncSession, office: Office, milestone: str) -> list[tuple[Notice, Outgoing]]:
    """The notices of one milestone, oldest first, with their letters."""
    rows = await session.exec(select(Notice).where(Notice.milestone == milestone).order_by(col(Notice.id)))
    return [(row, office.outbox.letter(row)) for row in rows.all()]


async def stored_photo(session: AsyncSession, kind: str, now: datetime) -> int:
    """A photo that was uploaded and belongs to nothing yet; its id."""
    row = Attachment(
        district_code=DISTRICT,
        kind=kind,
        path=f"{kind}.jpg",
        mime="image/jpeg",
        size=1,
        sha256="0" * 64,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    assert row.id is not None
    return row.id
