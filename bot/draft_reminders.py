"""One reminder of an unfinished draft, when its time has come; kept as a due time on the conversation's row."""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.conversations.models import Conversation
from backend.conversations.talk import load_state, save_state
from backend.jobs.table import Job
from backend.notices.outbox import NORMAL, ToTell
from backend.notices.planner import quiet_until
from backend.office import Office
from backend.people.models import Resident
from backend.people.residents import wrapped_key
from bot.dialogue.reminders import remind_at, reminder

MOST_PER_TICK = 50
WORTH = timedelta(hours=12)


async def remind_of_drafts(office: Office, now: datetime) -> int:
    """Writes the reminders that are due; at night they wait for the morning. How many conversations were looked at."""
    if quiet_until(now, office.zone) is not None:
        return 0
    async with office.database.write() as session:
        due = await session.exec(
            select(Conversation)
            .where(col(Conversation.remind_at) <= now, Conversation.mode == "bot")
            .order_by(col(Conversation.remind_at))
            .limit(MOST_PER_TICK)
            .with_for_update(skip_locked=True)
        )
        conversations = list(due.all())
        for conversation in conversations:
            await _remind(session, office, conversation, now)
    return len(conversations)


async def _remind(session: AsyncSession, office: Office, conversation: Conversation, now: datetime) -> None:
    resident = await session.get(Resident, conversation.resident_id)
    key = await wrapped_key(session, conversation.resident_id)
    conversation.remind_at = None
    session.add(conversation)
    if resident is None or resident.erased_at is not None or not key:
        return
    state = load_state(office, conversation, key)
    said = reminder(state, now, office.texts, resident.language)
    if said is None:
        conversation.remind_at = remind_at(state)
        return
    letter, after = said
    save_state(office, conversation, key, after)
    await office.outbox.write(
        session,
        ToTell(
            milestone="draft_reminder",
            audience="resident",
            letter=letter,
            dedupe_key=f"draft:{conversation.id}:{now:%Y%m%d%H%M}",
            order_key=f"conversation:{conversation.id}",
            lane=NORMAL,
            conversation_id=conversation.id,
            resident_id=conversation.resident_id,
            expires_at=now + WORTH,
        ),
        now,
    )


BOT_JOBS = (Job("draft_reminders", 60, remind_of_drafts),)
