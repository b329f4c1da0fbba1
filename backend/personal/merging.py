"""Everything of one resident becomes another's: rows change their owner, sealed values their key, histories go on.

A case's history is not rewritten: the one who stays joins, the one who goes leaves. An application's applicant is the
row's; its history keeps who filed it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.history import view_of
from backend.cases.models import Case, CaseReporter, PageLink
from backend.cases.moving import record
from backend.conversations.models import Conversation, ConversationMessage
from backend.domain.case_view import SYSTEM, Event
from backend.items.models import Application, Appointment, VolunteerRequest
from backend.notices.models import CallBack, Notice
from backend.office import Office
from backend.people.models import ChannelIdentity, Resident
from backend.people.residents import drop_key, resident_key, wrapped_key

_OWNED = (ChannelIdentity, Appointment, VolunteerRequest, Notice, CallBack, PageLink)
_SEALED_OF_APPLICATION = ("proxy_sealed", "delivery_address_sealed", "door_code_sealed")


class _Keys:
    """The key that goes and the key that stays."""

    def __init__(self, office: Office, old: bytes, new: bytes) -> None:
        self._vault, self._old, self._new = office.vault, old, new

    def again(self, sealed: bytes | None) -> bytes | None:
        """A sealed value under the key that stays; nothing stays nothing."""
        if not sealed:
            return None
        return self._vault.seal(self._new, self._vault.open(self._old, sealed).reveal())


async def merge(
    session: AsyncSession, office: Office, kept: Resident, other: Resident, now: datetime
) -> dict[str, Any]:
    """Moves everything; afterwards `other` has no key. How many cases and applications, and which talks, came over."""
    assert kept.id is not None
    assert other.id is not None
    keys = _Keys(office, await wrapped_key(session, other.id), await wrapped_key(session, kept.id))
    talks = await _move_talks(session, keys, kept.id, other.id)
    cases = await _move_cases(session, office, keys, kept.id, other.id, now)
    applications = await _move_applications(session, keys, kept.id, other.id)
    for table in _OWNED:
        owner = table.resident_id
        await session.execute(update(table).where(col(owner) == other.id).values(resident_id=kept.id))
    _take_facts(keys, kept, other)
    session.add(kept)
    await drop_key(session, other, now)
    return {"cases": cases, "applications": applications, "talks": tuple(talks)}


async def _move_talks(session: AsyncSession, keys: _Keys, kept: int, other: int) -> list[int]:
    talks = (await session.exec(select(Conversation).where(Conversation.resident_id == other))).all()
    for talk in talks:
        talk.state_sealed, talk.resident_id = keys.again(talk.state_sealed), kept
        session.add(talk)
        lines = await session.exec(select(ConversationMessage).where(ConversationMessage.conversation_id == talk.id))
        for line in lines.all():
            line.text_sealed = keys.again(line.text_sealed)
            session.add(line)
    await session.flush()
    return [talk.id for talk in talks if talk.id is not None]


async def _move_cases(session: AsyncSession, office: Office, keys: _Keys, kept: int, other: int, now: datetime) -> int:
    first = (await session.exec(select(Case).where(Case.resident_id == other))).all()
    for case in first:
        case.resident_id, case.description_sealed = kept, keys.again(case.description_sealed)
        session.add(case)
    reported = await session.exec(
        select(Case)
        .join(CaseReporter, col(CaseReporter.case_id) == col(Case.id))
        .where(CaseReporter.resident_id == other)
        .order_by(col(Case.id))
    )
    cases = reported.all()
    for case in cases:
        await _change_reporter(session, office, case, resident_key(kept), resident_key(other), now)
    return len({case.id for case in (*first, *cases)})


async def _change_reporter(
    session: AsyncSession, office: Office, case: Case, kept: str, other: str, now: datetime
) -> None:
    before = await view_of(session, case)
    closed_at, updated_at = case.closed_at, case.updated_at
    names: Sequence[tuple[str, str]] = (("leave", other),) if kept in before.reporters else (
        ("join", kept), ("leave", other)
    )  # fmt: skip
    state = before.state.value
    events = [
        Event(case.number, name, now, SYSTEM.id, SYSTEM.role, state, None, {"person": person}) for name, person in names
    ]
    await record(session, office, case, before, events, "")
    case.closed_at, case.updated_at = closed_at, updated_at  # nothing was done about the matter itself
    session.add(case)


async def _move_applications(session: AsyncSession, keys: _Keys, kept: int, other: int) -> int:
    mine = (await session.exec(select(Application).where(Application.resident_id == other))).all()
    for application in mine:
        for name in _SEALED_OF_APPLICATION:
            setattr(application, name, keys.again(getattr(application, name)))
        application.resident_id = kept
        session.add(application)
    for_others = update(Application).where(col(Application.proxy_resident_id) == other)
    await session.execute(for_others.values(proxy_resident_id=kept))
    await session.flush()
    return len(mine)


def _take_facts(keys: _Keys, kept: Resident, other: Resident) -> None:
    """What the one who stays has not said themselves; a wish not to be contacted holds for both."""
    kept.name_sealed = kept.name_sealed or keys.again(other.name_sealed)
    kept.home_sealed = kept.home_sealed or keys.again(other.home_sealed)
    if kept.phone_sealed is None:
        kept.phone_sealed, kept.phone_index = keys.again(other.phone_sealed), other.phone_index
    kept.home_area_code = kept.home_area_code or other.home_area_code
    kept.preferred_channel = kept.preferred_channel or other.preferred_channel
    kept.large_text = kept.large_text or other.large_text
    kept.may_contact = kept.may_contact and other.may_contact
    kept.created_at = min(kept.created_at, other.created_at)
