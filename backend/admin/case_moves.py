"""Making a move from the panel: one transaction, a version check, and what the move draws after itself.

Two people on one case: the second is told who changed what meanwhile, keeps the text they typed, and decides again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.admin.choices import choices_for
from backend.admin.finding import NotHere, case_by_number
from backend.admin.move_facts import Filing, facts_of
from backend.admin.spoken import masked
from backend.admin.who import Who
from backend.cases.combining import PartOfCase, merge, split, unmerge
from backend.cases.dispatching import find_owner
from backend.cases.history import view_of
from backend.cases.models import Case, CaseEvent, Correction
from backend.cases.moving import move
from backend.cases.photos import StoredFile
from backend.domain.case_view import CaseView
from backend.domain.lifecycle import MOVES
from backend.domain.refusals import ReasonRequired, TargetCaseRequired, TextRequired, UnknownMove
from backend.domain.visibility import in_conflict
from backend.domain.words import CaseState
from backend.notices.letters import Outgoing
from backend.notices.models import Notice
from backend.office import Office
from nlu.errors import LinliError


class Stale(LinliError):
    """Somebody has changed this case since you opened it."""

    code: ClassVar[str] = "stale"
    status: ClassVar[int] = 409

    def __init__(self, changes: list[CaseEvent]) -> None:
        super().__init__()
        self.changes = changes


OVER_SEVERAL = frozenset({"merge", "unmerge", "split"})


class OnlyLooking(Exception):
    """Ends a preview: everything done for it is rolled back."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A move as the form sent it. `version` is the one its page showed; None skips the check (a preview)."""

    number: str
    name: str
    values: Mapping[str, str]
    photos: list[StoredFile]
    version: int | None


async def make_move(session: AsyncSession, office: Office, who: Who, posted: Posted, now: datetime) -> Case:
    """Makes the move in the caller's transaction. Raises `NotHere`, `Stale`, `FormRefused` or the rules' refusals."""
    case = await case_by_number(session, who, posted.number)
    if posted.version is not None and posted.version != case.version:
        raise Stale(await _since(session, case, posted.version))
    row = MOVES.get(posted.name)
    if row is None or not row.offered or not row.from_states:
        raise UnknownMove(move=posted.name)
    before = await view_of(session, case)
    if in_conflict(before, who.actor):
        raise NotHere
    filing = Filing(session, office, who, case, await choices_for(session, office, who, case, now), now)
    facts = await facts_of(filing, row, posted.values, posted.photos)
    if posted.name in OVER_SEVERAL:
        await _over_several(filing, posted.name, facts)
        return case
    after = await move(session, office, case, who.actor, posted.name, facts, now, who.name)
    await _draw_after(filing, posted.name, facts, before, after)
    return case


async def _since(session: AsyncSession, case: Case, version: int) -> list[CaseEvent]:
    found = await session.exec(
        select(CaseEvent).where(CaseEvent.case_id == case.id, col(CaseEvent.seq) > version).order_by(col(CaseEvent.seq))
    )
    changes = list(found.all())
    for change in changes:
        session.expunge(change)  # they are shown after this transaction was rolled back
    return changes


async def _draw_after(filing: Filing, name: str, facts: Mapping[str, Any], before: CaseView, after: CaseView) -> None:
    """A correction teaches the model and sends an unowned case on its way."""
    case = filing.case
    if name == "correct":
        _learn(filing, before, after)
        case.category_sure = True
        case.grid_code = after.area_path[-1] if len(after.area_path) == 4 else case.grid_code
        filing.session.add(case)
        if "area_path" in facts and after.state is CaseState.RECEIVED:
            await find_owner(filing.session, filing.office, case, after, filing.now)
    elif name in ("dispatch", "reassign", "claim"):
        case.category_sure = case.category_sure or bool(case.category_code)
        filing.session.add(case)


async def _over_several(filing: Filing, name: str, facts: Mapping[str, Any]) -> None:
    """Merging, taking apart and splitting touch more than one history."""
    session, office, case, who = filing.session, filing.office, filing.case, filing.who
    reason = str(facts.get("reason", ""))
    if not reason.strip():
        raise ReasonRequired
    if name == "unmerge":
        await unmerge(session, office, case, who.actor, reason, filing.now, who.name)
    elif name == "split":
        text = str(facts.get("part_text", "")).strip()
        if not text:
            raise TextRequired
        part = PartOfCase(masked(text), str(facts.get("category", "")) or case.category_code)
        await split(session, office, case, [part], who.actor, reason, filing.now, who.name)
    else:
        if not facts.get("target"):
            raise TargetCaseRequired
        kept = await case_by_number(session, who, str(facts["target"]))
        await merge(session, office, kept, case, who.actor, reason, filing.now, who.name)


def _learn(filing: Filing, before: CaseView, after: CaseView) -> None:
    if before.category == after.category:
        return
    filing.session.add(
        Correction(
            district_code=filing.office.district_code,
            text=filing.case.description,
            old_category=before.category,
            new_category=after.category,
            model_version="",
            by_user_id=filing.who.user_id,
            at=filing.now,
        )
    )


async def preview(office: Office, who: Who, posted: Posted, now: datetime) -> tuple[list[Outgoing], LinliError | None]:
    """Exactly what residents would receive: the move is made, its notices are read, and all of it is rolled back."""
    letters: list[Outgoing] = []
    try:
        async with office.database.write() as session:
            last = (await session.exec(select(func.max(Notice.id)))).one() or 0
            case = await make_move(session, office, who, posted, now)
            rows = await session.exec(
                select(Notice)
                .where(Notice.case_id == case.id, Notice.audience == "resident", col(Notice.id) > last)
                .order_by(col(Notice.id))
            )
            seen: set[str] = set()
            for row in rows.all():
                letter = office.outbox.letter(row)
                if letter.text not in seen:
                    seen.add(letter.text)
                    letters.append(letter)
            raise OnlyLooking
    except OnlyLooking:
        return letters, None
    except NotHere:
        raise  # not a refusal of this move: there is no such case for this reader
    except LinliError as refused:
        return [], refused
