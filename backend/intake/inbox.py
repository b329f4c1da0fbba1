"""The inbox: stored before we acknowledge, claimed one person at a time, handled once, quarantined after three tries.

The same (channel, account, external id) again has no effect; the same key with another body keeps the first and is a
security event. Nothing in here knows what a message means.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, exists, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.upserting import insert_of
from backend.intake.models import InboxMessage
from backend.people.models import SecurityEvent
from backend.people.vault import Vault

LEASE = timedelta(seconds=45)  # longer than any handling may take; a dead worker's messages return after it
MAX_TRIES = 3  # a message that fails three times is put aside, visible to operators
_TABLE: Table = SQLModel.metadata.tables[str(InboxMessage.__tablename__)]
RETRY_AFTER = (timedelta(seconds=1), timedelta(seconds=10))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A translated message on its way in. `person_key` orders the messages of one person."""

    channel: str
    account: str
    external_id: str
    person_key: str
    body: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message this worker may handle until `lease_until`."""

    id: int
    channel: str
    account: str
    body: str
    tries: int
    received_at: datetime


class Inbox:
    """The inbox of one district."""

    def __init__(self, vault: Vault, district_code: str) -> None:
        self._vault = vault
        self._district = district_code

    async def store(self, session: AsyncSession, arrival: Arrival, now: datetime) -> int | None:
        """Stores a message; its row id, or None when it was here before (a repeat has no effect)."""
        return (await self.store_many(session, [arrival], now))[0]

    async def store_many(self, session: AsyncSession, arrivals: Sequence[Arrival], now: datetime) -> list[int | None]:
        """Stores messages in one statement; for each its row id, or None when it was here before."""
        insert = insert_of(session)
        table = _TABLE  # the bare table: mapping every row to an object would cost half of the time
        statement = (
            insert(table)
            .on_conflict_do_nothing()
            .returning(table.c.id, table.c.channel, table.c.account, table.c.external_id)
        )
        rows = await session.execute(statement, [self._values(arrival, now) for arrival in arrivals])
        new = {(channel, account, key): row_id for row_id, channel, account, key in rows.all()}
        ids = [new.pop((one.channel, one.account, one.external_id[:160]), None) for one in arrivals]
        for arrival, row_id in zip(arrivals, ids, strict=True):
            if row_id is None:
                await self._note_changed_body(session, arrival, _digest(arrival), now)
        return ids

    def _values(self, arrival: Arrival, now: datetime) -> dict[str, object]:
        return {
            "district_code": self._district,
            "channel": arrival.channel,
            "account": arrival.account,
            "external_id": arrival.external_id[:160],
            "person_key": arrival.person_key[:200],
            "body_sealed": self._vault.seal_office(arrival.body),
            "body_digest": _digest(arrival),
            "status": "ready",
            "tries": 0,
            "due_at": now,
            "received_at": now,
        }

    async def _note_changed_body(self, session: AsyncSession, arrival: Arrival, digest: str, now: datetime) -> None:
        first = await session.exec(
            select(InboxMessage.body_digest).where(
                InboxMessage.channel == arrival.channel,
                InboxMessage.account == arrival.account,
                InboxMessage.external_id == arrival.external_id[:160],
            )
        )
        if first.one() != digest:
            session.add(
                SecurityEvent(
                    district_code=self._district,
                    at=now,
                    kind="inbox_body_changed",
                    detail={"channel": arrival.channel, "external_id": arrival.external_id[:160]},
                )
            )

    async def claim(self, session: AsyncSession, owner: str, now: datetime, limit: int = 8) -> list[Claimed]:
        """Leases messages that are due, oldest first, at most one per person and none behind an unfinished one."""
        earlier = aliased(InboxMessage)
        blocked = exists().where(
            col(earlier.person_key) == col(InboxMessage.person_key),
            col(earlier.id) < col(InboxMessage.id),
            col(earlier.status).in_(("ready", "leased")),
        )
        due = (
            select(col(InboxMessage.id))
            .where(
                or_(
                    (col(InboxMessage.status) == "ready") & (col(InboxMessage.due_at) <= now),
                    (col(InboxMessage.status) == "leased") & (col(InboxMessage.lease_until) < now),
                ),
                ~blocked,
            )
            .order_by(col(InboxMessage.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        picked = due.cte("picked").prefix_with("MATERIALIZED")
        statement = (
            update(InboxMessage)
            .where(col(InboxMessage.id).in_(select(picked.c.id)))
            .values(status="leased", lease_owner=owner, lease_until=now + LEASE, tries=InboxMessage.tries + 1)
            .returning(InboxMessage)
            .execution_options(synchronize_session=False)
        )
        rows = (await session.execute(statement)).scalars().all()
        return [self._claimed(row) for row in sorted(rows, key=lambda row: row.id or 0)]

    def _claimed(self, row: InboxMessage) -> Claimed:
        assert row.id is not None
        body = self._vault.open_office(row.body_sealed).reveal()
        return Claimed(row.id, row.channel, row.account, body, row.tries, row.received_at)

    async def finish(self, session: AsyncSession, message_id: int, owner: str, now: datetime) -> bool:
        """Marks a message handled, in the transaction of its effects. False: the lease was lost, roll back."""
        statement = (
            update(InboxMessage)
            .where(
                col(InboxMessage.id) == message_id,
                col(InboxMessage.status) == "leased",
                col(InboxMessage.lease_owner) == owner,
            )
            .values(status="done", done_at=now, lease_owner=None, lease_until=None)
            .returning(col(InboxMessage.id))
        )
        return (await session.execute(statement)).scalar_one_or_none() is not None

    async def fail(self, session: AsyncSession, message: Claimed, owner: str, error: str, now: datetime) -> bool:
        """Gives a message back for another try; True when it was put into quarantine instead."""
        quarantined = message.tries >= MAX_TRIES
        again = now if quarantined else now + RETRY_AFTER[min(message.tries - 1, len(RETRY_AFTER) - 1)]
        await session.execute(
            update(InboxMessage)
            .where(col(InboxMessage.id) == message.id, col(InboxMessage.lease_owner) == owner)
            .values(
                status="quarantined" if quarantined else "ready",
                due_at=again,
                error=error[:300],
                lease_owner=None,
                lease_until=None,
            )
        )
        return quarantined

    async def is_handled(self, session: AsyncSession, message_id: int) -> bool:
        """Whether a message is done or put aside."""
        found = await session.exec(select(InboxMessage.status).where(InboxMessage.id == message_id))
        return found.first() in ("done", "quarantined")

    async def find_recent(
        self, session: AsyncSession, channel: str, account: str, external_id: str, since: datetime
    ) -> int | None:
        """The row id of a message that came in after `since`."""
        found = await session.exec(
            select(InboxMessage.id).where(
                InboxMessage.channel == channel,
                InboxMessage.account == account,
                InboxMessage.external_id == external_id[:160],
                col(InboxMessage.received_at) >= since,
            )
        )
        return found.first()

    async def waiting(self, session: AsyncSession) -> int:
        """How many messages are not handled yet."""
        statement = select(func.count()).where(col(InboxMessage.status).in_(("ready", "leased")))
        return (await session.exec(statement)).one()


def _digest(arrival: Arrival) -> str:
    return hashlib.sha256(arrival.body.encode()).hexdigest()
