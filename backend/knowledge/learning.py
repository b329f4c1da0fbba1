"""What readers tell us back: was this the answer, and which questions had none."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.items.wording import wording
from backend.knowledge.models import Article, UnansweredQuestion
from backend.office import Office


async def was_it_helpful(session: AsyncSession, article_id: int, yes: bool) -> None:
    """Counts one reader's word on an article."""
    counted = {"helpful": Article.helpful + 1} if yes else {"unhelpful": Article.unhelpful + 1}
    await session.execute(
        update(Article)
        .where(col(Article.id) == article_id)
        .values(**counted, updated_at=col(Article.updated_at))  # a vote is no change of the text: nothing is re-read
    )


async def note_unanswered(session: AsyncSession, office: Office, text: str, now: datetime) -> None:
    """Keeps a question without a good answer for the staff; the same one again is counted. `text` is already masked."""
    core = wording().core(text)[:200]
    if not core:
        return
    found = await session.exec(
        select(UnansweredQuestion).where(UnansweredQuestion.core == core, col(UnansweredQuestion.resolved_at).is_(None))
    )
    row = found.first()
    if row is None:
        row = UnansweredQuestion(
            district_code=office.district_code, text=text[:1000], core=core, asked=0, first_at=now, last_at=now
        )
    row.asked += 1
    row.last_at = now
    session.add(row)
    await session.flush()


async def resolve_question(session: AsyncSession, question_id: int, article_id: int | None, now: datetime) -> bool:
    """Takes a question off the list: answered by an article, or (None) not worth one. False when there is none."""
    row = await session.get(UnansweredQuestion, question_id)
    if row is None or row.resolved_at is not None:
        return False
    row.article_id, row.resolved_at = article_id, now
    session.add(row)
    await session.flush()
    return True
