"""Receipts: what the platform reports about a notice after it had taken it. A failure sends the notice on.

A receipt may overtake the note of our own send; then `ReceiptTooEarly` asks for it to be looked at again.
"""

from datetime import datetime
from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.models import Notice, NoticeTry
from backend.people.models import ChannelIdentity
from nlu.errors import LinliError

ARRIVED = ("success", "0", "")


class ReceiptTooEarly(LinliError):
    """A receipt for a send that is not written down yet."""

    code: ClassVar[str] = "receipt_too_early"
    status: ClassVar[int] = 409


async def note_receipt(
    session: AsyncSession, identity: ChannelIdentity | None, channel: str, vendor_id: str, status: str, now: datetime
) -> None:
    """Writes the receipt into the ledger. Raises `ReceiptTooEarly` when no try has this vendor id."""
    found = await session.exec(
        select(NoticeTry)
        .where(NoticeTry.channel == channel, NoticeTry.vendor_id == vendor_id, NoticeTry.outcome == "sent")
        .order_by(col(NoticeTry.id).desc())
    )
    sent = found.first()
    if sent is None:
        raise ReceiptTooEarly
    arrived = status in ARRIVED
    session.add(
        NoticeTry(
            district_code=sent.district_code,
            notice_id=sent.notice_id,
            at=now,
            channel=channel,
            route=sent.route,
            outcome="arrived" if arrived else "not_arrived",
            vendor_id=vendor_id,
            reason=status[:300],
        )
    )
    if not arrived:
        await _send_on(session, identity, sent, status, now)


async def _send_on(
    session: AsyncSession, identity: ChannelIdentity | None, sent: NoticeTry, status: str, now: datetime
) -> None:
    """Taken but not delivered: the notice tries its next route; a person who blocks us is marked."""
    if identity is not None and "block" in status:
        identity.unreachable = status[:120]
        session.add(identity)
    notice = await session.get(Notice, sent.notice_id)
    if notice is not None and notice.status == "delivered" and notice.seen_at is None:
        closed = f"{sent.channel}.{sent.route}"
        notice.routes_tried = ",".join(filter(None, (notice.routes_tried, closed)))
        notice.status, notice.due_at, notice.ended_at, notice.reason = "ready", now, None, status[:300]
        session.add(notice)
    await session.flush()
