"""The last resort: a telephone call for an operator. One open task per notice; what to say lies sealed beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.courier import Route
from backend.notices.letters import Outcome, Outgoing, SendResult
from backend.notices.models import CallBack, Notice
from backend.office import Office

CALL_WITHIN = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class CallBackCourier:
    """The courier of `Channel.PHONE`: delivered means that the task lies durably on the operators' list."""

    office: Office
    clock: Callable[[], datetime]

    async def deliver(self, route: Route, letter: Outgoing) -> SendResult:
        """Puts one call on the list; the same notice twice lies there once."""
        notice_id = int(letter.idempotency_key.removeprefix("n"))
        now = self.clock()
        async with self.office.database.write() as session:
            known = (await session.exec(select(CallBack).where(CallBack.notice_id == notice_id))).first()
            notice = await session.get(Notice, notice_id)
            if known is None and notice is not None:
                known = CallBack(
                    district_code=self.office.district_code,
                    notice_id=notice_id,
                    resident_id=notice.resident_id,
                    staff_id=notice.staff_id,
                    case_id=notice.case_id,
                    application_id=notice.application_id,
                    why=(notice.reason or notice.routes_tried or "no other way")[:300],
                    text_sealed=self.office.vault.seal_office(letter.text),
                    due_at=now + CALL_WITHIN,
                    created_at=now,
                )
                session.add(known)
                await session.flush()
        return SendResult(Outcome.SENT, vendor_id=str(known.id if known else ""), reason="on the operators' call list")


async def open_callbacks(session: AsyncSession, limit: int = 100) -> list[CallBack]:
    """Calls still to be made, the most pressing first."""
    found = await session.exec(
        select(CallBack).where(col(CallBack.done_at).is_(None)).order_by(col(CallBack.due_at)).limit(limit)
    )
    return list(found.all())


def callback_text(office: Office, row: CallBack) -> str:
    """What to say in the call."""
    return office.vault.open_office(row.text_sealed).reveal()


async def finish_callback(session: AsyncSession, callback_id: int, user_id: int, outcome: str, now: datetime) -> bool:
    """The call was made (or given up, with the reason in `outcome`); False when it is not open any more."""
    row = await session.get(CallBack, callback_id, with_for_update=True)
    if row is None or row.done_at is not None:
        return False
    row.done_at, row.done_by_id, row.outcome = now, user_id, outcome[:200]
    notice = await session.get(Notice, row.notice_id)
    if notice is not None and outcome == "reached":
        notice.seen_at = now
        session.add(notice)
    session.add(row)
    await session.flush()
    return True
