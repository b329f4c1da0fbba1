"""The audit log: append-only, each line chained to the one before by an HMAC, so that tampering can be named.

Keyed by a subkey of the master secret: who can write the database but does not hold the secret cannot forge a line.
Kept at least 180 days (setting `audit_days`, default 400).
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.people.models import AuditEntry

FIRST_MAC = "0" * 64
_AUDIT_LOCK = 7_041_977  # PostgreSQL advisory lock: two writers must not chain to the same line


def entry_mac(key: bytes, entry: AuditEntry) -> str:
    """The MAC of a line: over every field and the MAC of the line before."""
    covered = [
        entry.previous_mac,
        entry.at.isoformat(timespec="microseconds"),
        entry.district_code,
        entry.actor,
        entry.action,
        entry.subject,
        json.dumps(entry.detail, sort_keys=True, ensure_ascii=False),
    ]
    return hmac.new(key, "\x1f".join(covered).encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Auditor:
    """Writes lines under one key for one district."""

    key: bytes
    district_code: str

    async def record(
        self, session: AsyncSession, *, at: datetime, actor: str, action: str, subject: str, **detail: Any
    ) -> None:
        """Appends one line in the caller's transaction. `detail` must hold no plain personal data."""
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(text(f"SELECT pg_advisory_xact_lock({_AUDIT_LOCK})"))
        last = (await session.exec(select(AuditEntry.mac).order_by(col(AuditEntry.id).desc()).limit(1))).first()
        entry = AuditEntry(
            district_code=self.district_code,
            at=at,
            actor=actor[:80],
            action=action[:60],
            subject=subject[:120],
            detail=detail,
            previous_mac=last or FIRST_MAC,
            mac="",
        )
        entry.mac = entry_mac(self.key, entry)
        session.add(entry)
        await session.flush()


async def first_broken_line(session: AsyncSession, key: bytes) -> tuple[int, str] | None:
    """The id of the first line that was altered, removed before, or moved, and what is wrong; None when whole."""
    previous = None
    for entry in await session.exec(select(AuditEntry).order_by(col(AuditEntry.id))):
        assert entry.id is not None
        if not hmac.compare_digest(entry.mac, entry_mac(key, entry)):
            return entry.id, "altered"
        if previous is not None and entry.previous_mac != previous:
            return entry.id, "a line before it was removed or moved"
        previous = entry.mac
    return None
