"""The audit log: append-only, each line chained to the one before by an HMAC, so that tampering can be named.

Keyed by a subkey of the master secret: who can write the database but does not hold the secret cannot forge a line.
A sealed head record holds both ends of the chain, so that lines cut off at the beginning or the end are missed too.
Kept at least 180 days whatever is asked (setting `audit_days`, default 400).
"""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.people.models import AuditEntry, AuditHead

FIRST_MAC = "0" * 64
FEWEST_DAYS = 180  # the Cybersecurity Law asks for six months of network logs
_HEAD = "log"
_AUDIT_LOCK = 7_041_977  # PostgreSQL advisory lock: two writers must not chain to the same line
_AT_ONCE = 1000


def _mac(key: bytes, *covered: str) -> str:
    return hmac.new(key, "\x1f".join(covered).encode(), hashlib.sha256).hexdigest()


def entry_mac(key: bytes, entry: AuditEntry) -> str:
    """The MAC of a line: over every field and the MAC of the line before."""
    return _mac(
        key,
        entry.previous_mac,
        entry.at.isoformat(timespec="microseconds"),
        entry.district_code,
        entry.actor,
        entry.action,
        entry.subject,
        json.dumps(entry.detail, sort_keys=True, ensure_ascii=False),
    )


def head_seal(key: bytes, head: AuditHead) -> str:
    """The MAC over both ends of the log."""
    return _mac(key, "head", str(head.first_id), head.first_previous_mac, str(head.last_id), head.last_mac)


@dataclass(frozen=True, slots=True)
class Auditor:
    """Writes lines under one key for one district; `days`: how long a line is kept."""

    key: bytes
    district_code: str
    days: int = 400

    async def record(
        self, session: AsyncSession, *, at: datetime, actor: str, action: str, subject: str, **detail: Any
    ) -> None:
        """Appends one line in the caller's transaction. `detail` must hold no plain personal data."""
        head = await self._head(session)
        entry = AuditEntry(
            district_code=self.district_code,
            at=at,
            actor=actor[:80],
            action=action[:60],
            subject=subject[:120],
            detail=detail,
            previous_mac=head.last_mac,  # not the table's last line: a log that was cut short must not heal
            mac="",
        )
        entry.mac = entry_mac(self.key, entry)
        session.add(entry)
        await session.flush()
        assert entry.id is not None
        head.last_id, head.last_mac = entry.id, entry.mac
        await self._keep(session, head)

    async def prune(self, session: AsyncSession, now: datetime) -> int:
        """Removes the lines that are older than the retention time, oldest first; how many went.

        The chain stays verifiable: the head remembers what the oldest kept line is chained to.
        """
        head = await self._head(session)
        limit = now - timedelta(days=max(self.days, FEWEST_DAYS))
        kept = select(AuditEntry.id).where(col(AuditEntry.at) >= limit).order_by(col(AuditEntry.id)).limit(1)
        first_kept = (await session.exec(kept)).first() or head.last_id + 1
        old = select(AuditEntry).where(col(AuditEntry.id) < first_kept)
        last_gone = (await session.exec(old.order_by(col(AuditEntry.id).desc()).limit(1))).first()
        if last_gone is None or last_gone.id is None:
            return 0
        up_to, mac = last_gone.id, last_gone.mac
        session.expunge(last_gone)
        gone = await session.execute(
            delete(AuditEntry).where(col(AuditEntry.id) <= up_to).returning(col(AuditEntry.id))
        )
        lines = len(gone.all())
        head.first_id, head.first_previous_mac = up_to, mac
        await self._keep(session, head)
        await self.record(session, at=now, actor="system", action="prune_audit", subject=f"line:{up_to}", lines=lines)
        return lines

    async def _head(self, session: AsyncSession) -> AuditHead:
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(text(f"SELECT pg_advisory_xact_lock({_AUDIT_LOCK})"))
        return await session.get(AuditHead, _HEAD) or AuditHead(
            district_code=self.district_code,
            name=_HEAD,
            first_id=0,
            first_previous_mac=FIRST_MAC,
            last_id=0,
            last_mac=FIRST_MAC,
            seal="",
        )

    async def _keep(self, session: AsyncSession, head: AuditHead) -> None:
        head.seal = head_seal(self.key, head)
        session.add(head)
        await session.flush()


async def log_mark(session: AsyncSession) -> str:
    """The end of the log as `ID:MAC`, to be kept outside the database; "" while the log is empty."""
    head = await session.get(AuditHead, _HEAD)
    return f"{head.last_id}:{head.last_mac}" if head is not None else ""


async def first_broken_line(session: AsyncSession, key: bytes, mark: str = "") -> tuple[int, str] | None:
    """The id of the first line that was altered, removed or moved, and what is wrong; None when the log is whole.

    `mark` is an earlier `log_mark` from outside: it finds even a whole database put back to an older state.
    """
    head = await session.get(AuditHead, _HEAD)
    previous = head.first_previous_mac if head is not None else FIRST_MAC
    first, last = (head.first_id, head.first_id) if head is not None else (0, 0)
    marked_id, _, marked_mac = mark.partition(":")
    wanted = int(marked_id) if marked_id.isdecimal() else 0
    found = not wanted or wanted <= first
    if head is not None and not hmac.compare_digest(head.seal, head_seal(key, head)):
        return head.last_id, "the seal over both ends of the log was altered"
    async for entry in _lines(session):
        assert entry.id is not None
        if head is None:
            return entry.id, "the seal over both ends of the log is missing"
        if not hmac.compare_digest(entry.mac, entry_mac(key, entry)):
            return entry.id, "altered"
        if entry.previous_mac != previous:
            return entry.id, "a line before it was removed or moved"
        previous, last = entry.mac, entry.id
        found = found or (entry.id == wanted and entry.mac == marked_mac)
    if head is not None and (last, previous) != (head.last_id, head.last_mac):
        return head.last_id, "lines at the end were removed"
    return None if found else (wanted, "the line of this mark is not in the log")


async def _lines(session: AsyncSession) -> AsyncIterator[AuditEntry]:
    """All lines in order, a thousand at a time."""
    after = 0
    while True:
        page = select(AuditEntry).where(col(AuditEntry.id) > after).order_by(col(AuditEntry.id)).limit(_AT_ONCE)
        rows = (await session.exec(page)).all()
        for row in rows:
            yield row
            session.expunge(row)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].id or after
