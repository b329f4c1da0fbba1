"""Two cases that are one, and one case that is two: verbs over several cases, in one transaction.

Nobody who reported is forgotten: the kept case takes over the reporters of a merged one, split-off cases have them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.dispatching import find_owner
from backend.cases.history import events_of, view_of
from backend.cases.models import Case, CaseEvent
from backend.cases.moving import record
from backend.db.counters import next_number
from backend.domain.case_view import Actor
from backend.domain.history import begin
from backend.domain.joint import merge_cases, split_case, unmerge_case
from backend.domain.refusals import TargetCaseRequired
from backend.domain.words import Kind
from backend.office import Office


@dataclass(frozen=True, slots=True)
class PartOfCase:
    """What a split-off case is about; `text` is already masked."""

    text: str
    category: str
    kind: Kind | None = None


async def merge(
    session: AsyncSession,
    office: Office,
    target: Case,
    source: Case,
    actor: Actor,
    reason: str,
    now: datetime,
    actor_name: str = "",
) -> None:
    """Merges `source` into `target`: one task is left, all reporters keep hearing. Raises the rules' refusals."""
    kept, gone = await view_of(session, target), await view_of(session, source)
    both = merge_cases(kept, gone, actor, reason, now)
    await record(session, office, source, gone, both.source, actor_name)
    await record(session, office, target, kept, both.target, actor_name)
    source.merged_into_id = target.id
    session.add(source)


async def unmerge(
    session: AsyncSession, office: Office, source: Case, actor: Actor, reason: str, now: datetime, actor_name: str = ""
) -> None:
    """Takes a merged case out again: it returns to its queue, and its own reporters to it."""
    target = await session.get(Case, source.merged_into_id) if source.merged_into_id is not None else None
    if target is None or target.id is None:
        raise TargetCaseRequired
    brought = _brought(await events_of(session, target.id), source.number)
    kept, back = await view_of(session, target), await view_of(session, source)
    both = unmerge_case(kept, back, brought, actor, reason, now)
    await record(session, office, target, kept, both.target, actor_name)
    source.merged_into_id = None
    await record(session, office, source, back, both.source, actor_name)


def _brought(history: Sequence[CaseEvent], number: str) -> tuple[str, ...]:
    """The reporters that the last merging of case `number` added."""
    found = [row.facts for row in history if row.move == "absorb" and row.facts.get("target") == number]
    return tuple(found[-1].get("reporters", ())) if found else ()


async def split(
    session: AsyncSession,
    office: Office,
    case: Case,
    parts: Sequence[PartOfCase],
    actor: Actor,
    reason: str,
    now: datetime,
    actor_name: str = "",
) -> list[Case]:
    """Splits off one new case per part, each with all reporters and an owner of its own; the first stays as it is."""
    view = await view_of(session, case)
    day = office.local(now).date()
    numbers = [await next_number(session, office.district_code, day) for _ in parts]
    children = {
        number: {"category": part.category, "kind": part.kind or view.kind, "text": part.text, "level": view.level}
        for number, part in zip(numbers, parts, strict=True)
    }
    parent, new = split_case(view, children, actor, reason, now)
    await record(session, office, case, view, parent, actor_name)
    made = []
    for number, part in zip(numbers, parts, strict=True):
        child = _child_of(case, number, part, now)
        session.add(child)
        await session.flush()
        await record(session, office, child, None, new[number], actor_name)
        await find_owner(session, office, child, begin(new[number][0]), now)
        made.append(child)
    return made


def _child_of(case: Case, number: str, part: PartOfCase, now: datetime) -> Case:
    return Case(
        district_code=case.district_code,
        number=number,
        kind=(part.kind.value if part.kind else case.kind),
        source=case.source,
        state="received",
        urgency=case.urgency,
        category_code=part.category,
        title=part.text.strip().splitlines()[0][:30] if part.text.strip() else case.title,
        description=part.text,
        place=case.place,
        lat=case.lat,
        lon=case.lon,
        grid_code=case.grid_code,
        area_code=case.area_code,
        area_path=case.area_path,
        level=case.level,
        against=case.against,
        resident_id=case.resident_id,
        anonymous=case.anonymous,
        parent_id=case.id,
        created_at=now,
        updated_at=now,
        is_demo=case.is_demo,
    )


async def merged_into(session: AsyncSession, case: Case) -> list[Case]:
    """The cases that were merged into this one, oldest first."""
    found = await session.exec(select(Case).where(Case.merged_into_id == case.id).order_by(col(Case.id)))
    return list(found.all())
