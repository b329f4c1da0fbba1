"""What is kept only as long as it is needed: raw webhooks, nonces, read letters, ended sessions, lapsed links."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from sqlalchemy import CursorResult, delete
from sqlmodel import col

from backend.cases.models import PageLink
from backend.intake.models import InboxMessage, SeenNonce
from backend.notices.mailbox import MailboxLetter
from backend.notices.models import DayQuota, SendBucket
from backend.office import Office
from backend.people.models import PanelSession

RAW_MESSAGE_DAYS = 7  # vendors repeat and arrive late for up to three days; a week covers them twice
NONCE_MINUTES = 15  # three times the freshness window of webhooks
LETTER_DAYS = 30
UPLOAD_KEPT = timedelta(days=1)


async def refresh_atlas(office: Office, now: datetime) -> int:
    """Reloads the map when the lists changed; 1 when it did."""
    before = office.atlas.version
    async with office.database.read() as session:
        await office.atlas.reload(session)
    return office.atlas.version - before


async def forget_old(office: Office, now: datetime) -> int:
    """Deletes what has passed its time; how many rows went."""
    deletions = (
        delete(InboxMessage).where(
            col(InboxMessage.status) == "done", col(InboxMessage.done_at) < now - timedelta(days=RAW_MESSAGE_DAYS)
        ),
        delete(SeenNonce).where(col(SeenNonce.at) < now - timedelta(minutes=NONCE_MINUTES)),
        delete(MailboxLetter).where(col(MailboxLetter.at) < now - timedelta(days=LETTER_DAYS)),
        delete(SendBucket).where(  # of persons; those of accounts stay
            col(SendBucket.key).contains(":p:"), col(SendBucket.next_at) < now - timedelta(days=2)
        ),
        delete(DayQuota).where(col(DayQuota.updated_at) < now - timedelta(days=7)),
        delete(PanelSession).where(col(PanelSession.expires_at) < now),
        delete(PageLink).where(col(PageLink.expires_at) < now - timedelta(days=LETTER_DAYS)),
    )
    gone = 0
    async with office.database.write() as session:
        for statement in deletions:
            gone += cast(CursorResult[tuple[()]], await session.execute(statement)).rowcount or 0
    return gone


async def prune_audit(office: Office, now: datetime) -> int:
    """Removes audit lines past their time, at least 180 days; how many went."""
    async with office.database.write() as session:
        return await office.auditor.prune(session, now)


async def forget_uploads(office: Office, now: datetime) -> int:
    """Deletes raw uploads of the web chat past a day: by then they are re-encoded, and the originals know where they
    were taken. How many went."""
    return await asyncio.to_thread(_forget_uploads, office.media_folder / "incoming", now - UPLOAD_KEPT)


def _forget_uploads(folder: Path, before: datetime) -> int:
    old = [path for path in folder.glob("*") if path.is_file() and path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
