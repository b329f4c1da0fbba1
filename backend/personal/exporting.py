"""Everything we know of a person, as plain data they can take away: opened with their own key, audited."""

from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import Case, CaseEvent, CaseReporter
from backend.conversations.models import Conversation, ConversationMessage
from backend.items.models import Application, Appointment, VolunteerRequest
from backend.notices.models import Notice
from backend.office import Office
from backend.people.models import ChannelIdentity, Resident
from backend.people.residents import resident_key, wrapped_key

FORM = "linli person export, version 1"


async def export_person(
    session: AsyncSession, office: Office, resident: Resident, by: str, reason: str, now: datetime
) -> dict[str, Any]:
    """One resident's data as JSON-ready facts; times are ISO with their zone. Writes a line into the audit log."""
    assert resident.id is not None
    key = await wrapped_key(session, resident.id)
    exported = {
        "form": FORM,
        "at": now.isoformat(),
        "person": _person(office, resident, key),
        "channels": await _channels(session, resident.id),
        "cases": await _cases(session, office, resident.id, key),
        "applications": await _applications(session, office, resident.id, key),
        "appointments": await _rows(session, Appointment, resident.id, "slot_id", "state", "created_at"),
        "volunteer_requests": await _rows(session, VolunteerRequest, resident.id, "number", "kind", "text", "state"),
        "conversations": await _conversations(session, office, resident.id, key),
        "notices": await _notices(session, office, resident.id),
    }
    await office.auditor.record(
        session,
        at=now,
        actor=by,
        action="export_resident",
        subject=resident_key(resident.id),
        reason=reason.strip()[:200],
    )
    return exported


def _plain(office: Office, key: bytes, sealed: bytes | None) -> str:
    return office.vault.open(key, sealed).reveal() if key else ""


def _said(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _person(office: Office, resident: Resident, key: bytes) -> dict[str, Any]:
    return {
        "name": _plain(office, key, resident.name_sealed),
        "phone": _plain(office, key, resident.phone_sealed),
        "home": _plain(office, key, resident.home_sealed),
        "home_area": resident.home_area_code,
        "language": resident.language,
        "large_text": resident.large_text,
        "may_contact": resident.may_contact,
        "consented_at": _said(resident.consent_at),
        "known_since": _said(resident.created_at),
    }


async def _channels(session: AsyncSession, resident_id: int) -> list[dict[str, Any]]:
    rows = await session.exec(select(ChannelIdentity).where(ChannelIdentity.resident_id == resident_id))
    return [
        {
            "channel": row.channel,
            "id": row.external_id,
            "consents": row.consents,
            "since": _said(row.created_at),
            "last_seen": _said(row.last_seen_at),
        }
        for row in rows.all()
    ]


async def _cases(session: AsyncSession, office: Office, resident_id: int, key: bytes) -> list[dict[str, Any]]:
    reported = select(CaseReporter.case_id).where(CaseReporter.resident_id == resident_id)
    rows = await session.exec(
        select(Case).where((col(Case.resident_id) == resident_id) | col(Case.id).in_(reported)).order_by(col(Case.id))
    )
    return [await _case(session, office, row, resident_id, key) for row in rows.all()]


async def _case(session: AsyncSession, office: Office, row: Case, resident_id: int, key: bytes) -> dict[str, Any]:
    own = row.resident_id == resident_id
    public = await session.exec(
        select(CaseEvent).where(CaseEvent.case_id == row.id, col(CaseEvent.is_public)).order_by(col(CaseEvent.seq))
    )
    return {
        "number": row.number,
        "state": row.state,
        "category": office.taxonomy.name_of(row.category_code),
        "area": office.atlas.full_name(row.area_code),
        "own_words": _plain(office, key, row.description_sealed) if own else "",
        "place": row.place if own else "",
        "pin": [row.lat, row.lon] if own and row.lat is not None else None,
        "anonymous": row.anonymous,
        "created_at": _said(row.created_at),
        "closed_at": _said(row.closed_at),
        "history": [{"at": _said(event.at), "move": event.move, "state": event.to_state} for event in public.all()],
    }


async def _applications(session: AsyncSession, office: Office, resident_id: int, key: bytes) -> list[dict[str, Any]]:
    rows = await session.exec(
        select(Application).where(Application.resident_id == resident_id).order_by(col(Application.id))
    )
    return [
        {
            "number": row.number,
            "item": row.item_name,
            "state": row.state,
            "missing": row.missing,
            "decision": row.decision_reason,
            "proxy": _plain(office, key, row.proxy_sealed),
            "delivery_address": _plain(office, key, row.delivery_address_sealed),
            "created_at": _said(row.created_at),
        }
        for row in rows.all()
    ]


async def _rows(
    session: AsyncSession, table: type[Appointment] | type[VolunteerRequest], resident_id: int, *names: str
) -> list[dict[str, Any]]:
    rows = await session.exec(select(table).where(col(table.resident_id) == resident_id).order_by(col(table.id)))
    shown = [{name: getattr(row, name) for name in names} for row in rows.all()]
    return [
        {name: _said(value) if isinstance(value, datetime) else value for name, value in one.items()} for one in shown
    ]


async def _conversations(session: AsyncSession, office: Office, resident_id: int, key: bytes) -> list[dict[str, Any]]:
    talks = (await session.exec(select(Conversation).where(Conversation.resident_id == resident_id))).all()
    found = []
    for talk in talks:
        lines = await session.exec(
            select(ConversationMessage)
            .where(ConversationMessage.conversation_id == talk.id)
            .order_by(col(ConversationMessage.id))
        )
        said = [
            {"at": _said(line.at), "side": line.direction, "kind": line.kind,
             "text": _plain(office, key, line.text_sealed)}
            for line in lines.all()
        ]  # fmt: skip
        found.append({"channel": talk.channel, "since": _said(talk.created_at), "messages": said})
    return found


async def _notices(session: AsyncSession, office: Office, resident_id: int) -> list[dict[str, Any]]:
    rows = await session.exec(
        select(Notice).where(Notice.resident_id == resident_id, Notice.milestone != "reply").order_by(col(Notice.id))
    )
    return [
        {
            "at": _said(row.created_at),
            "milestone": row.milestone,
            "status": row.status,
            "text": office.outbox.letter(row).text,
        }
        for row in rows.all()
    ]
