"""What a set of routing rules would have done to past cases; changes nothing, so it may be tried at any time."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.dispatching import living_targets, rules_of
from backend.cases.history import as_event, events_of
from backend.cases.models import Case
from backend.domain.history import begin
from backend.domain.routing import DryRun, RoutingRule, TargetKind, dry_run

MOST_TRIED = 2000


async def try_rules(
    session: AsyncSession, since: datetime, rules: Sequence[RoutingRule] | None = None, limit: int = MOST_TRIED
) -> DryRun:
    """Tries `rules` (None: those stored) on the newest cases filed since then, as they were filed; ids are numbers."""
    chosen = await rules_of(session) if rules is None else list(rules)
    alive = await living_targets(session)
    found = await session.exec(select(Case).where(Case.created_at >= since).order_by(col(Case.id).desc()).limit(limit))
    views = []
    for case in found.all():
        assert case.id is not None
        first = (await events_of(session, case.id))[:1]
        views += [begin(as_event(case.number, row)) for row in first]
    return dry_run(chosen, views, lambda target: target.kind is TargetKind.QUEUE or (target.kind, target.id) in alive)
