"""How an item gets into the catalogue and out of it: 申请、审核、准入、调整 (propose, review, admit, adjust), cancel.

| step    | who                  | what happens                                                               |
|---------|----------------------|----------------------------------------------------------------------------|
| propose | a unit               | a draft (or a changed form of an item) goes to every unit that must agree  |
| review  | each unit asked      | an opinion, yes or no, with a note; the last word before the decision stands |
| admit   | the catalogue office | only when all agreed: the proposed form becomes the item on its first day  |
| decline | the catalogue office | with a reason; an item already offered stays as it was                     |
| cancel  | the catalogue office | with a reason people are told; undecided applications end, nothing is lost |

While a change is in review the item stays offered in its old form. Every form stays readable (`forms_of`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.domain.case_view import SYSTEM
from backend.items.applying import move_application
from backend.items.models import Application, ItemRevision, ServiceItem
from backend.items.refusals import (
    CancelNeedsReason,
    ItemUnknown,
    NotAReviewer,
    ReviewersMissing,
    RevisionNotOpen,
)
from backend.office import Office

CONTENT = (
    "name", "aliases", "level", "unit", "materials", "limit_working_days", "fee", "place", "hours", "phone",
    "desk_days", "deliverable", "appeal", "area_code", "window_a", "window_b",
)  # fmt: skip
UNDECIDED = ("received", "incomplete", "reviewing")


def content_of(item: ServiceItem) -> dict[str, Any]:
    """The fields of an item that a proposal may change."""
    return {name: getattr(item, name) for name in CONTENT}


async def propose(
    session: AsyncSession,
    office: Office,
    code: str,
    content: Mapping[str, Any],
    reviewers: Sequence[str],
    by: str,
    now: datetime,
    *,
    valid_from: date | None = None,
    reason: str = "",
) -> ItemRevision:
    """Proposes a new item, or a changed form of one. `content`: any of `CONTENT`; `reviewers`: the units to agree."""
    item = await _by_code(session, office, code)
    if item is None:
        item = _draft(office, code, content)
        session.add(item)
        await session.flush()
    elif item.state == "draft":
        item.state = "review"
        session.add(item)
    assert item.id is not None
    changed = {name: value for name, value in content.items() if name in CONTENT}
    revision = ItemRevision(
        district_code=office.district_code,
        item_id=item.id,
        version=item.version + 1,
        state="review",
        content={**content_of(item), **changed, "valid_from": valid_from.isoformat() if valid_from else ""},
        reviews={unit: {"agrees": None, "note": ""} for unit in reviewers},
        reason=reason,
        by=by,
        at=now,
    )
    session.add(revision)
    await session.flush()
    return revision


def _draft(office: Office, code: str, content: Mapping[str, Any]) -> ServiceItem:
    return ServiceItem(
        district_code=office.district_code,
        code=code,
        name=str(content.get("name", code)),
        level=str(content.get("level", "community")),
        unit=str(content.get("unit", "")),
        state="review",
        version=0,
        is_demo=office.is_demo,
    )


async def review(
    session: AsyncSession, revision: ItemRevision, unit: str, *, agrees: bool, note: str, by: str, now: datetime
) -> None:
    """One unit's opinion; it may be changed until the decision. Raises RevisionNotOpen and NotAReviewer."""
    if revision.state != "review":
        raise RevisionNotOpen
    if unit not in revision.reviews:
        raise NotAReviewer(name=unit)
    opinion = {"agrees": agrees, "note": note, "by": by, "at": now.isoformat()}
    revision.reviews = {**revision.reviews, unit: opinion}
    session.add(revision)
    await session.flush()


async def admit(session: AsyncSession, office: Office, revision: ItemRevision, by: str, now: datetime) -> ServiceItem:
    """All agreed: the form is in force from its `valid_from` on, at once when there is none.

    Raises RevisionNotOpen and ReviewersMissing.
    """
    if revision.state != "review":
        raise RevisionNotOpen
    waiting = [unit for unit, opinion in revision.reviews.items() if opinion["agrees"] is not True]
    if waiting:
        raise ReviewersMissing(units=waiting)
    item = await session.get(ServiceItem, revision.item_id)
    if item is None:
        raise ItemUnknown
    revision.state, revision.decided_at = "admitted", now
    session.add(revision)
    await office.auditor.record(
        session, at=now, actor=by, action="item_admit", subject=item.code, version=revision.version
    )
    if _starts(revision) <= office.local(now).date():
        await _put_in_force(session, item, revision, by, now)
    return item


async def start_new_forms(session: AsyncSession, office: Office, now: datetime) -> int:
    """Puts admitted forms whose first day has come into force; how many. For the scheduled jobs."""
    found = await session.exec(
        select(ItemRevision).where(ItemRevision.state == "admitted").order_by(col(ItemRevision.id))
    )
    started = 0
    for revision in found.all():
        item = await session.get(ServiceItem, revision.item_id)
        if item is not None and item.version < revision.version and _starts(revision) <= office.local(now).date():
            await _put_in_force(session, item, revision, "system", now)
            started += 1
    return started


def _starts(revision: ItemRevision) -> date:
    starts = revision.content.get("valid_from")
    return date.fromisoformat(starts) if starts else date.min


async def _put_in_force(
    session: AsyncSession, item: ServiceItem, revision: ItemRevision, by: str, now: datetime
) -> None:
    was_offered = item.state != "review"
    if was_offered:
        await _keep_form(session, item, by, now)
    for name in CONTENT:
        setattr(item, name, revision.content[name])
    item.version = revision.version
    item.valid_from = _starts(revision) if revision.content.get("valid_from") else None
    item.state = "adjusted" if was_offered else "admitted"
    item.cancelled_reason = ""
    session.add(item)
    await session.flush()


async def decline(
    session: AsyncSession, office: Office, revision: ItemRevision, reason: str, by: str, now: datetime
) -> None:
    """Ends a proposal; a new item goes back to draft. Raises RevisionNotOpen."""
    if revision.state != "review":
        raise RevisionNotOpen
    item = await session.get(ServiceItem, revision.item_id)
    if item is not None and item.state == "review":
        item.state = "draft"
        session.add(item)
    revision.state, revision.reason, revision.decided_at = "declined", reason[:200], now
    session.add(revision)
    subject = item.code if item is not None else str(revision.item_id)
    await office.auditor.record(session, at=now, actor=by, action="item_decline", subject=subject, reason=reason)


async def cancel(
    session: AsyncSession, office: Office, item: ServiceItem, reason: str, by: str, now: datetime
) -> list[str]:
    """Abolishes an item: nobody needs it any more. Numbers of the undecided applications that ended with it.

    What was approved already is still made and handed out.
    """
    if not reason.strip():
        raise CancelNeedsReason
    await _keep_form(session, item, by, now)
    item.state, item.cancelled_reason, item.version = "cancelled", reason[:200], item.version + 1
    session.add(item)
    await session.flush()
    await office.auditor.record(session, at=now, actor=by, action="item_cancel", subject=item.code, reason=reason)
    found = await session.exec(
        select(Application)
        .where(Application.item_id == item.id, col(Application.state).in_(UNDECIDED))
        .order_by(col(Application.id))
    )
    ended = []
    for application in found.all():
        await move_application(session, office, application, SYSTEM, "item_cancelled", {"reason": reason}, now)
        ended.append(application.number)
    return ended


async def forms_of(session: AsyncSession, item_id: int) -> list[ItemRevision]:
    """Every earlier and proposed form of an item, newest first."""
    found = await session.exec(
        select(ItemRevision).where(ItemRevision.item_id == item_id).order_by(col(ItemRevision.id).desc())
    )
    return list(found.all())


async def _keep_form(session: AsyncSession, item: ServiceItem, by: str, now: datetime) -> None:
    assert item.id is not None
    content = {**content_of(item), "valid_from": item.valid_from.isoformat() if item.valid_from else ""}
    session.add(
        ItemRevision(
            district_code=item.district_code,
            item_id=item.id,
            version=item.version,
            state="past",
            content=content,
            reviews={},
            by=by,
            at=now,
            decided_at=now,
        )
    )


async def _by_code(session: AsyncSession, office: Office, code: str) -> ServiceItem | None:
    found = await session.exec(
        select(ServiceItem).where(ServiceItem.code == code, ServiceItem.district_code == office.district_code)
    )
    return found.first()
