"""Finding a new case an owner: routing rules first, then the grid's A, B and responsible person, else a queue.

A case that nobody gets is put into the right queue with an alarm to the dispatchers; it is never left in silence.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import RoutingRule as RoutingRow
from backend.areas.models import Staff
from backend.areas.roster import OnRoster, roster_of, staff_key
from backend.cases.history import view_of
from backend.cases.milestones import Tell
from backend.cases.models import Case
from backend.cases.moving import move
from backend.cases.telling import Occasion, tell
from backend.domain.case_view import SYSTEM, CaseView
from backend.domain.duty import Choice, Duty, StaffOnRoster, who_gets_it
from backend.domain.ladder import jump_rule
from backend.domain.routing import Route, RoutingRule, Target, TargetKind, route
from backend.domain.words import Kind, Role, Source, Urgency
from backend.notices.outbox import URGENT
from backend.office import Office


async def find_owner(
    session: AsyncSession,
    office: Office,
    case: Case,
    view: CaseView,
    now: datetime,
    candidates: Sequence[str] = (),
) -> CaseView:
    """Dispatches a received case or queues it with an alarm. `candidates`: grids that match equally well."""
    by_rule = await _by_rule(session, view)
    await _switch_off(session, office, by_rule.gone, now)
    if by_rule.rule is not None:
        return await _send_by_rule(session, office, case, view, by_rule.rule, now)
    grid = view.area_path[-1] if len(view.area_path) == 4 else ""
    roster = [_as_rules_see(row) for row in await roster_of(session, grid, now)] if grid else []
    return await _carry_out(session, office, case, who_gets_it(view.area_path, roster, view.subjects, candidates), now)


async def _carry_out(session: AsyncSession, office: Office, case: Case, choice: Choice, now: datetime) -> CaseView:
    if choice.assignee is not None:
        facts = {"assignee": choice.assignee, "reason": choice.why.value, "substitute": choice.substitute}
        return await move(session, office, case, SYSTEM, "dispatch", facts, now)
    after = await move(session, office, case, SYSTEM, "queue", {"queue": choice.queue, "reason": choice.why.value}, now)
    if choice.alarm or choice.queue:
        await alarm(session, office, case, now, choice.why.value)
    return after


async def hand_to_new_place(
    session: AsyncSession, office: Office, case: Case, view: CaseView, now: datetime, reason: str
) -> CaseView:
    """A dispatched case turned out to lie elsewhere: it goes to whoever serves that place; nobody there → stays."""
    grid = view.area_path[-1] if len(view.area_path) == 4 else ""
    roster = [_as_rules_see(row) for row in await roster_of(session, grid, now)] if grid else []
    choice = who_gets_it(view.area_path, roster, view.subjects)
    if choice.assignee is None or choice.assignee == view.assignee:
        return view
    facts = {"assignee": choice.assignee, "reason": reason, "substitute": choice.substitute}
    return await move(session, office, case, SYSTEM, "reassign", facts, now)


async def alarm(session: AsyncSession, office: Office, case: Case, now: datetime, why: str) -> int:
    """Tells the dispatchers above the place that a case has no owner; how many were told."""
    reason = office.texts.say(f"notices.why.{why}")
    subjects = (await view_of(session, case)).subjects
    occasion = Occasion(case, case.version, now, facts={"reason": reason}, subjects=subjects)
    return await tell(session, office, Tell("chiefs", "unowned", URGENT), occasion)


async def _send_by_rule(
    session: AsyncSession, office: Office, case: Case, view: CaseView, rule: RoutingRule, now: datetime
) -> CaseView:
    why = office.texts.say("notices.why.rule", name=rule.id)
    if rule.target.kind is TargetKind.UNIT:
        return await move(session, office, case, SYSTEM, "dispatch", {"unit": rule.target.id, "reason": why}, now)
    if rule.target.kind is TargetKind.PERSON:
        facts = {"assignee": rule.target.id, "reason": why, "skip_rule": jump_rule(view, view.level)}
        return await move(session, office, case, SYSTEM, "dispatch", facts, now)
    return await move(session, office, case, SYSTEM, "queue", {"queue": rule.target.id, "reason": why}, now)


def _as_rules_see(row: OnRoster) -> StaffOnRoster:
    person = row.staff
    duty = Duty(person.duty) if person.role == "worker" else None
    return StaffOnRoster(staff_key(person.id), Role(person.role), person.area_code, row.on_duty, duty, person.unit)


async def rules_of(session: AsyncSession) -> list[RoutingRule]:
    """The routing rules as the rules room reads them, in order."""
    rows = await session.exec(select(RoutingRow).order_by(col(RoutingRow.position), col(RoutingRow.id)))
    return [
        RoutingRule(
            id=str(row.id),
            order=row.position,
            target=Target(TargetKind(row.target_kind), row.target),
            categories=tuple(row.when.get("categories", ())),
            kinds=tuple(Kind(one) for one in row.when.get("kinds", ())),
            urgencies=tuple(Urgency(one) for one in row.when.get("urgencies", ())),
            areas=tuple(row.when.get("areas", ())),
            sources=tuple(Source(one) for one in row.when.get("sources", ())),
            enabled=row.is_active,
        )
        for row in rows.all()
    ]


async def living_targets(session: AsyncSession) -> set[tuple[TargetKind, str]]:
    """Every person and unit that can still be sent to."""
    people = (await session.exec(select(Staff).where(col(Staff.is_active)))).all()
    persons = {(TargetKind.PERSON, staff_key(person.id)) for person in people}
    return persons | {(TargetKind.UNIT, person.unit) for person in people if person.unit}


async def _by_rule(session: AsyncSession, view: CaseView) -> Route:
    rules = await rules_of(session)
    if not rules:
        return Route()
    alive = await living_targets(session)
    return route(rules, view, lambda target: target.kind is TargetKind.QUEUE or (target.kind, target.id) in alive)


async def _switch_off(session: AsyncSession, office: Office, gone: Sequence[str], now: datetime) -> None:
    """A rule whose target is gone disables itself and says why on the settings page."""
    for rule_id in gone:
        row = await session.get(RoutingRow, int(rule_id))
        if row is not None:
            row.is_active = False
            row.disabled_because = office.texts.say("notices.why.target_gone", day=f"{office.local(now):%Y-%m-%d}")
            session.add(row)
