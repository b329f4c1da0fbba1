"""The outbox: a notice is a row written with the change it tells of, claimed by a sender, and ends visibly.

Urgent lane first; the notices of one order key leave one after the other; a lease outlives every try, so that a
killed sender's notices return by themselves. Only the holder of the lease may acknowledge.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.upserting import insert_of
from backend.db.waking import wake
from backend.notices.letters import Channel, Choice, Link, Media, Outgoing, Pin, SendResult
from backend.notices.models import Notice, NoticeTry
from backend.people.vault import Vault

LEASE = timedelta(seconds=50)  # recovery is promised within 60 s; every send times out well before
URGENT, NORMAL, BULK = 0, 1, 2
UNFINISHED = ("ready", "leased")


def letter_to_json(letter: Outgoing) -> str:
    """An `Outgoing` as the outbox stores it; media are named by vendor id or url, never by content."""
    return json.dumps(asdict(letter), ensure_ascii=False)


def letter_from_json(stored: str) -> Outgoing:
    """The inverse of `letter_to_json`."""
    raw: dict[str, Any] = json.loads(stored)
    raw["choices"] = tuple(Choice(**one) for one in raw["choices"])
    raw["media"] = tuple(Media(**one) for one in raw["media"])
    raw["link"] = Link(**raw["link"]) if raw["link"] else None
    raw["pin"] = Pin(**raw["pin"]) if raw["pin"] else None
    return Outgoing(**raw)


@dataclass(frozen=True, slots=True)
class ToTell:
    """A notice to be written. Exactly one of resident, staff or conversation says to whom."""

    milestone: str
    audience: str  # resident | worker | staff
    letter: Outgoing
    dedupe_key: str
    order_key: str
    lane: int = NORMAL
    case_id: int | None = None
    application_id: int | None = None
    resident_id: int | None = None
    staff_id: int | None = None
    conversation_id: int | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person at their own terminal, who may be a resident and a member of staff at once."""

    resident_id: int
    staff_id: int | None = None


class Outbox:
    """The outbox of one district."""

    def __init__(self, vault: Vault, district_code: str) -> None:
        self._vault = vault
        self._district = district_code

    async def write(self, session: AsyncSession, tell: ToTell, now: datetime) -> int | None:
        """Writes the notice in the caller's transaction; None when this milestone was written before."""
        values = {
            "district_code": self._district,
            "dedupe_key": tell.dedupe_key[:160],
            "milestone": tell.milestone,
            "audience": tell.audience,
            "lane": tell.lane,
            "case_id": tell.case_id,
            "application_id": tell.application_id,
            "resident_id": tell.resident_id,
            "staff_id": tell.staff_id,
            "conversation_id": tell.conversation_id,
            "order_key": tell.order_key[:80],
            "body_sealed": self._vault.seal_office(letter_to_json(tell.letter)),
            "status": "ready",
            "waits_for": "",
            "due_at": tell.not_before or now,
            "expires_at": tell.expires_at,
            "tries": 0,
            "routes_tried": "",
            "plan": {},
            "created_at": now,
        }
        insert = insert_of(session)(Notice)
        statement = insert.values(**values).on_conflict_do_nothing().returning(col(Notice.id))
        written: int | None = (await session.execute(statement)).scalar_one_or_none()
        if written is not None:
            await wake(session)
        return written

    async def claim(
        self,
        session: AsyncSession,
        owner: str,
        now: datetime,
        limit: int = 20,
        *,
        rooms: Mapping[str, int] | None = None,
        only: "Recipient | None" = None,
    ) -> list[Notice]:
        """Leases notices that are due, urgent lane first, none ahead of an unfinished one with the same order key.

        `rooms`: how many messages each account may still send; notices that wait for an account without room stay
        where they are and cost nothing.
        """
        await self._return_expired(session, now)
        taken: list[Notice] = []
        for account, room in {**(rooms or {}), "": limit}.items():
            if min(room, limit) > 0:
                taken += await self._claim_group(session, owner, now, min(room, limit), account, only)
        return sorted(taken, key=lambda row: (row.lane, row.due_at, row.id or 0))

    async def _return_expired(self, session: AsyncSession, now: datetime) -> None:
        """What a dead sender has left leased comes back by itself."""
        await session.execute(
            update(Notice)
            .where(col(Notice.status) == "leased", col(Notice.lease_until) < now)
            .values(status="ready", lease_owner=None, lease_until=None, waits_for="")
            .execution_options(synchronize_session=False)
        )

    async def _claim_group(
        self, session: AsyncSession, owner: str, now: datetime, limit: int, account: str, only: "Recipient | None"
    ) -> list[Notice]:
        earlier = aliased(Notice)
        blocked = exists().where(
            col(earlier.order_key) == col(Notice.order_key),
            col(earlier.id) < col(Notice.id),
            col(earlier.status).in_(UNFINISHED),
        )
        due = (
            select(col(Notice.id))
            .where(
                col(Notice.status) == "ready",
                col(Notice.waits_for) == account,
                col(Notice.due_at) <= now,
                ~blocked,
            )
            .order_by(col(Notice.lane), col(Notice.due_at), col(Notice.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        if only is not None:
            mine = [col(Notice.resident_id) == only.resident_id]
            mine += [col(Notice.staff_id) == only.staff_id] if only.staff_id is not None else []
            due = due.where(or_(*mine))
        picked = due.cte("picked").prefix_with("MATERIALIZED")
        return await self._lease(session, col(Notice.id).in_(select(picked.c.id)), owner, now)

    async def claim_companions(
        self, session: AsyncSession, owner: str, now: datetime, residents: Sequence[int], limit: int = 100
    ) -> list[Notice]:
        """Further bulk news that is due for these residents, so that one message carries it together."""
        due = (
            select(col(Notice.id))
            .where(
                col(Notice.resident_id).in_(residents),
                col(Notice.status) == "ready",
                col(Notice.lane) == BULK,
                col(Notice.due_at) <= now,
                col(Notice.conversation_id).is_(None),
            )
            .order_by(col(Notice.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        picked = due.cte("picked").prefix_with("MATERIALIZED")
        found = await self._lease(session, col(Notice.id).in_(select(picked.c.id)), owner, now)
        return sorted(found, key=lambda row: row.id or 0)

    async def _lease(
        self, session: AsyncSession, wanted: ColumnElement[bool], owner: str, now: datetime
    ) -> list[Notice]:
        statement = (
            update(Notice)
            .where(wanted)
            .values(status="leased", lease_owner=owner, lease_until=now + LEASE, tries=Notice.tries + 1, waits_for="")
            .returning(Notice)
            .execution_options(synchronize_session=False)
        )
        return list((await session.execute(statement)).scalars().all())

    async def park(self, session: AsyncSession, notices: Sequence[Notice], owner: str, account: str) -> None:
        """Back to `ready` until the account has room; the try is not counted."""
        await session.execute(
            update(Notice)
            .where(
                col(Notice.id).in_([one.id for one in notices]),
                col(Notice.status) == "leased",
                col(Notice.lease_owner) == owner,
            )
            .values(
                status="ready", waits_for=account, tries=Notice.tries - 1, reason="pace", lease_owner=None,
                lease_until=None,
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip

    async def has_reply(self, session: AsyncSession, message_id: int) -> bool:
        """Whether the dialogue has answered an inbox message yet."""
        found = await session.exec(select(Notice.id).where(Notice.dedupe_key == f"reply:{message_id}:0"))
        return found.first() is not None

    async def take_reply(self, session: AsyncSession, message_id: int, owner: str, now: datetime) -> Notice | None:
        """Leases the first answer to an inbox message for whoever can hand it over at once (a passive reply)."""
        statement = (
            update(Notice)
            .where(col(Notice.dedupe_key) == f"reply:{message_id}:0", col(Notice.status) == "ready")
            .values(status="leased", lease_owner=owner, lease_until=now + LEASE, tries=Notice.tries + 1)
            .returning(Notice)
            .execution_options(synchronize_session=False)
        )
        return (await session.execute(statement)).scalars().one_or_none()

    def letter(self, notice: Notice) -> Outgoing:
        """The letter of a notice."""
        return letter_from_json(self._vault.open_office(notice.body_sealed).reveal())

    async def log_try(
        self,
        session: AsyncSession,
        notice_id: int,
        channel: Channel | str,
        route: str,
        result: SendResult,
        now: datetime,
    ) -> None:
        """One line in the ledger."""
        session.add(
            NoticeTry(
                district_code=self._district,
                notice_id=notice_id,
                at=now,
                channel=str(channel),
                route=route,
                outcome=result.outcome.value,
                vendor_id=result.vendor_id[:120],
                reason=result.reason[:300],
            )
        )

    async def end(
        self, session: AsyncSession, notice: Notice, owner: str, status: str, now: datetime, reason: str | None = None
    ) -> bool:
        """`delivered`, `dead` or `suppressed`; False when the lease was lost meanwhile."""
        return await self._release(session, notice, owner, status=status, ended_at=now, reason=reason)

    async def later(
        self, session: AsyncSession, notice: Notice, owner: str, at: datetime, reason: str, *, counts: bool = True
    ) -> bool:
        """Back to `ready` for `at`; with `counts=False` the try is not counted (quiet hours, a full bucket)."""
        tries = notice.tries if counts else notice.tries - 1
        return await self._release(
            session,
            notice,
            owner,
            status="ready",
            due_at=at,
            reason=reason,
            tries=tries,
            routes_tried=notice.routes_tried,
        )

    async def _release(self, session: AsyncSession, notice: Notice, owner: str, **values: Any) -> bool:
        reason = values.pop("reason", None)
        statement = (
            update(Notice)
            .where(col(Notice.id) == notice.id, col(Notice.status) == "leased", col(Notice.lease_owner) == owner)
            .values(
                lease_owner=None, lease_until=None, plan=notice.plan, reason=reason[:300] if reason else None, **values
            )
            .returning(col(Notice.id))
        )
        return (await session.execute(statement)).scalar_one_or_none() is not None

    async def replay(self, session: AsyncSession, notice_id: int, now: datetime) -> bool:
        """Brings a dead or suppressed notice back to `ready`; False when it is neither."""
        statement = (
            update(Notice)
            .where(col(Notice.id) == notice_id, col(Notice.status).in_(("dead", "suppressed")))
            .values(
                status="ready",
                waits_for="",
                due_at=now,
                tries=0,
                routes_tried="",
                expires_at=None,
                ended_at=None,
                reason="replayed",
            )
            .returning(col(Notice.id))
        )
        return (await session.execute(statement)).scalar_one_or_none() is not None
