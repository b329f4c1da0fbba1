"""The ledger for people: of each notice whether its person was told, has seen it, or could not be told, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, true
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.notices.models import Notice, NoticeTry

Verdict = Literal["told", "seen", "waiting", "could_not_tell"]
ENDED_BADLY = ("dead", "suppressed")
SAID_AT_COUNTER = "said_at_counter"  # the reason of a notice that the chat had already told in the same breath


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What to show; everything is optional. `before_id` turns the page: the id of the last line shown."""

    case_id: int | None = None
    application_id: int | None = None
    resident_id: int | None = None
    staff_id: int | None = None
    verdict: Verdict | None = None
    milestone: str | None = None
    since: datetime | None = None
    before_id: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class TryLine:
    """One try."""

    at: datetime
    channel: str
    route: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One notice. `why` is the reason it ended or waits, else the planner's own words."""

    id: int
    at: datetime
    milestone: str
    audience: str
    lane: int
    case_id: int | None
    application_id: int | None
    resident_id: int | None
    staff_id: int | None
    verdict: Verdict
    channel: str
    route: str
    why: str
    due_at: datetime
    ended_at: datetime | None
    replayable: bool
    tries: tuple[TryLine, ...]


def verdict_of(notice: Notice) -> Verdict:
    """Told, seen, still waiting, or could not be told."""
    if notice.seen_at is not None:
        return "seen"
    if notice.status == "delivered" or notice.reason == SAID_AT_COUNTER:
        return "told"
    return "could_not_tell" if notice.status in ENDED_BADLY else "waiting"


async def ledger(
    session: AsyncSession, wanted: LedgerFilter, scope: ColumnElement[bool] | None = None
) -> list[LedgerLine]:
    """The lines of the ledger, newest first; `scope` is what the reader may know of (None: everything)."""
    statement = (
        select(Notice).where(true() if scope is None else scope).order_by(col(Notice.id).desc()).limit(wanted.limit)
    )
    for name in ("case_id", "application_id", "resident_id", "staff_id", "milestone"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(getattr(Notice, name) == value)
    if wanted.since is not None:
        statement = statement.where(col(Notice.created_at) >= wanted.since)
    if wanted.before_id is not None:
        statement = statement.where(col(Notice.id) < wanted.before_id)
    if wanted.verdict is not None:
        statement = statement.where(_has_verdict(wanted.verdict))
    notices = list((await session.exec(statement)).all())
    tries = await _tries_of(session, [notice.id or 0 for notice in notices])
    return [_line(notice, tries.get(notice.id or 0, [])) for notice in notices]


async def verdict_counts(
    session: AsyncSession, since: datetime, scope: ColumnElement[bool] | None = None
) -> dict[Verdict, int]:
    """How many notices since then, within `scope`, have which verdict."""
    counts: dict[Verdict, int] = {}
    for verdict in ("told", "seen", "waiting", "could_not_tell"):
        statement = select(func.count(col(Notice.id))).where(col(Notice.created_at) >= since, _has_verdict(verdict))
        if scope is not None:
            statement = statement.where(scope)
        counts[verdict] = (await session.exec(statement)).one()
    return counts


def _has_verdict(verdict: Verdict) -> ColumnElement[bool]:
    seen = col(Notice.seen_at).is_not(None)
    match verdict:
        case "seen":
            return seen
        case "told":
            return ~seen & ((col(Notice.status) == "delivered") | _said_at_counter())
        case "could_not_tell":
            return ~seen & col(Notice.status).in_(ENDED_BADLY) & ~_said_at_counter()
        case "waiting":
            return ~seen & col(Notice.status).in_(("ready", "leased"))


def _said_at_counter() -> ColumnElement[bool]:
    return func.coalesce(col(Notice.reason), "") == SAID_AT_COUNTER


async def _tries_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, list[NoticeTry]]:
    found = await session.exec(select(NoticeTry).where(col(NoticeTry.notice_id).in_(ids)).order_by(col(NoticeTry.id)))
    tries: dict[int, list[NoticeTry]] = {}
    for row in found.all():
        tries.setdefault(row.notice_id, []).append(row)
    return tries


def _line(notice: Notice, tries: list[NoticeTry]) -> LedgerLine:
    assert notice.id is not None
    last = tries[-1] if tries else None
    return LedgerLine(
        id=notice.id,
        at=notice.created_at,
        milestone=notice.milestone,
        audience=notice.audience,
        lane=notice.lane,
        case_id=notice.case_id,
        application_id=notice.application_id,
        resident_id=notice.resident_id,
        staff_id=notice.staff_id,
        verdict=verdict_of(notice),
        channel=last.channel if last else "",
        route=last.route if last else "",
        why=notice.reason or "; ".join(str(one) for one in notice.plan.get("why", ())),
        due_at=notice.due_at,
        ended_at=notice.ended_at,
        replayable=notice.status in ENDED_BADLY and notice.reason != SAID_AT_COUNTER,
        tries=tuple(TryLine(one.at, one.channel, one.route, one.outcome, one.reason) for one in tries),
    )
