"""The complainant's identity: masked or hidden at first, each field shown on request with a reason, logged, counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from backend.admin.finding import NotHere, case_by_number
from backend.admin.panel import panel_of
from backend.admin.rendering import render
from backend.admin.who import Who, who_of
from backend.cases.history import view_of
from backend.cases.models import Case, CaseReporter
from backend.domain.case_view import CaseView
from backend.domain.visibility import IdentityField, Sight, check_reveal, may_reveal, sight_of
from backend.office import Office
from backend.people.masked import Masked
from backend.people.models import AuditEntry, ChannelIdentity, Resident
from backend.people.residents import name_of, phone_of, resident_key
from nlu.errors import LinliError

REVEALS_AN_HOUR = 30  # a busy operator calls back fewer people than this
OFFERED = (IdentityField.NAME, IdentityField.PHONE, IdentityField.CHANNEL)


class TooManyReveals(LinliError):
    """You have looked at many identities this hour; a security administrator has been told."""

    code: ClassVar[str] = "too_many_reveals"
    status: ClassVar[int] = 429


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of one reporter as this reader sees it. `value` is masked or empty."""

    resident_id: int
    field: str
    sight: str
    value: str
    can_reveal: bool


async def shown_identity(session: AsyncSession, office: Office, who: Who, case: Case, view: CaseView) -> list[Shown]:
    """The reporters' fields at first sight."""
    rows = await session.exec(
        select(Resident)
        .join(CaseReporter, col(CaseReporter.resident_id) == col(Resident.id))
        .where(CaseReporter.case_id == case.id)
        .order_by(col(Resident.id))
        .limit(20)
    )
    shown = []
    for resident in rows.all():
        assert resident.id is not None
        sight = sight_of(view, who.actor, resident_key(resident.id), case.anonymous)
        for field in OFFERED:
            value = await value_of(session, office, resident, field) if sight is Sight.MASKED else Masked("")
            reveal = bool(value) and may_reveal(view, who.actor, field, case.anonymous)
            shown.append(Shown(resident.id, field.value, sight.value, str(value), reveal))
    return shown


async def value_of(session: AsyncSession, office: Office, resident: Resident, field: IdentityField) -> Masked:
    """One field of a resident; empty when unknown."""
    if field is IdentityField.NAME:
        return await name_of(session, office, resident)
    if field is IdentityField.PHONE:
        return await phone_of(session, office, resident)
    found = await session.exec(select(ChannelIdentity.channel).where(ChannelIdentity.resident_id == resident.id))
    return Masked(" ".join(sorted(set(found.all()))))


async def reveal(request: Request) -> Response:
    """Shows one field in plain, after writing down who, what and why."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    now = panel.clock()
    field = _field(str(form.get("field", "")))
    reason = str(form.get("reason", "")).strip()[:200]
    async with panel.office.database.write() as session:
        case = await case_by_number(session, who, request.path_params["number"])
        view = await view_of(session, case)
        check_reveal(view, who.actor, field, reason, case.anonymous)
        resident = await _reporter(session, case, str(form.get("resident", "")))
        await check_pace(session, who, now)
        value = await value_of(session, panel.office, resident, field)
        await panel.office.auditor.record(
            session,
            at=now,
            actor=who.audit_key,
            action="reveal",
            subject=f"case:{case.number}",
            field=field.value,
            resident=resident.id,
            reason=reason,
        )
    return render(request, "revealed.html", value=value.reveal(), field=field.value)


async def check_pace(session: AsyncSession, who: Who, now: datetime) -> None:
    """Raises `TooManyReveals` past the limit of an hour."""
    recent = await session.exec(
        select(func.count())
        .select_from(AuditEntry)
        .where(
            AuditEntry.action == "reveal",
            AuditEntry.actor == who.audit_key,
            col(AuditEntry.at) > now - timedelta(hours=1),
        )
    )
    if recent.one() >= REVEALS_AN_HOUR:
        raise TooManyReveals


def _field(value: str) -> IdentityField:
    try:
        return IdentityField(value)
    except ValueError as unknown:
        raise NotHere from unknown


async def _reporter(session: AsyncSession, case: Case, wanted: str) -> Resident:
    """The resident, only if they reported this very case."""
    if not wanted.isdecimal():
        raise NotHere
    found = await session.exec(
        select(Resident)
        .join(CaseReporter, col(CaseReporter.resident_id) == col(Resident.id))
        .where(CaseReporter.case_id == case.id, col(Resident.id) == int(wanted))
    )
    resident = found.first()
    if resident is None:
        raise NotHere
    return resident
