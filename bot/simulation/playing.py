"""Plays a scenario with a fast clock: from action to action, and to every clock that comes due between them.

Everything goes through the same verbs as in earnest: filing, moves, the sweep, what resumes by itself, the outbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import CalendarDay, DutyShift, RoutingRule, Staff
from backend.areas.roster import staff_key
from backend.cases.combining import merge, unmerge
from backend.cases.filing import NewCase, file_new
from backend.cases.models import Case, CaseClock, CaseEvent
from backend.cases.moving import move
from backend.cases.patrolling import settle_on_patrol
from backend.cases.resuming import resume_due
from backend.cases.sweeping import sweep
from backend.domain.case_view import SYSTEM, Actor
from backend.domain.words import Kind, Role, Source, Urgency
from backend.notices.models import Notice
from backend.office import Office
from backend.people.residents import new_resident, resident_key
from bot.simulation.scenario import Action
from nlu.errors import LinliError

MOST_STEPS = 200_000  # a clock that would never stop coming due ends the play, visibly
EVIDENCE = ("photo", "photo_after")


class ClockRunsWild(LinliError):
    """The same clocks keep coming due without end; the rules that were tried contradict each other."""

    code = "clock_runs_wild"
    status = 500


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the play: who did what to which case, or was told what."""

    at: datetime
    kind: str  # did | refused | due | told
    case: str
    who: str
    what: str
    detail: str = ""


@dataclass(slots=True)
class Play:
    """A running simulation."""

    office: Office
    now: datetime
    happenings: list[Happening] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)  # label → case id
    names: dict[str, str] = field(default_factory=dict)  # actor key → name
    actors: dict[str, Actor] = field(default_factory=dict)
    last_notice: int = 0
    last_event: int = 0
    last_day: date | None = None

    async def run(self, actions: Sequence[Action], until: datetime) -> None:
        """Plays all actions and every due clock up to `until`."""
        await self._meet_staff()
        for action in actions:
            await self._let_time_pass(action.at)
            self.now = action.at
            await self._act(action)
            await self._write_down()
        await self._let_time_pass(until)
        self.now = until

    async def _meet_staff(self) -> None:
        async with self.office.database.read() as session:
            people = (await session.exec(select(Staff).order_by(col(Staff.id)))).all()
        for one in people:
            actor = Actor(staff_key(one.id), Role(one.role), (one.area_code,), one.unit)
            self.actors.setdefault(one.name, actor)
            self.actors[f"{one.name}@{one.area_code}"] = actor
            self.names[actor.id] = one.name

    async def _let_time_pass(self, until: datetime) -> None:
        """Stops at every clock that comes due, and once a day for what resumes by itself."""
        for _ in range(MOST_STEPS):
            async with self.office.database.read() as session:
                due: datetime | None = (await session.exec(select(func.min(CaseClock.next_at)))).one()
            tomorrow = self._next_midnight()
            moment = min(at for at in (due, tomorrow) if at is not None)
            if moment > until:
                return
            self.now = max(self.now, moment)
            if moment == tomorrow:
                await resume_due(self.office, self.now)
            else:
                await sweep(self.office, self.now)
            await self._write_down()
        raise ClockRunsWild

    def _next_midnight(self) -> datetime:
        local = self.office.local(self.now)
        return datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), self.office.zone)

    async def _act(self, action: Action) -> None:
        try:
            async with self.office.database.write() as session:
                await self._do(session, action)
        except LinliError as refused:
            self.happenings.append(Happening(self.now, "refused", action.case, action.who, action.do, refused.code))
        except (ValueError, TypeError, KeyError) as wrong:
            detail = f"line {action.line}: {wrong}"
            self.happenings.append(Happening(self.now, "refused", action.case, action.who, action.do, detail))

    async def _do(self, session: AsyncSession, action: Action) -> None:
        facts = action.facts
        if action.do == "file":
            await self._file(session, action)
        elif action.do in ("away", "back"):
            await self._away(session, action)
        elif action.do == "calendar":
            day = date.fromisoformat(facts["day"])
            row = CalendarDay(district_code=self.office.district_code, day=day, is_working=bool(facts["working"]),
                              reason=str(facts.get("reason", "")))  # fmt: skip
            session.add(row)
        elif action.do == "rule":
            session.add(RoutingRule(district_code=self.office.district_code, position=int(facts.get("position", 1)),
                                    name=str(facts.get("name", "")), when=dict(facts.get("when", {})),
                                    target_kind=str(facts["target_kind"]), target=self._target(facts)))  # fmt: skip
        elif action.do in ("merge", "unmerge"):
            await self._combine(session, action)
        else:
            actor, case = await self._actor(session, action.who), await self._case(session, action.case)
            await move(session, self.office, case, actor, action.do, self._facts(facts), self.now, action.who)

    def _target(self, facts: dict[str, Any]) -> str:
        target = str(facts["target"])
        return self.actors[target].id if target in self.actors else target

    def _facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Names of staff become their keys; a photo is the evidence it shows."""
        read = dict(facts)
        for name in ("assignee", "person"):
            if read.get(name) in self.actors:
                read[name] = self.actors[read[name]].id
        if read.get("photo"):
            read.setdefault("evidence", EVIDENCE)
        return read

    async def _file(self, session: AsyncSession, action: Action) -> None:
        facts, actor = action.facts, await self._actor(session, action.who)
        is_resident = actor.role is Role.RESIDENT
        placed = self.office.atlas.gazetteer.resolve(str(facts.get("place", "")))
        sure = placed.sure
        code = str(facts.get("area") or (sure.area_code if sure else self.office.district_code))
        new = NewCase(
            text=str(facts.get("text") or facts.get("place") or action.case),
            kind=Kind(facts.get("kind", "report")),
            category=str(facts.get("category", "")),
            urgency=Urgency(facts.get("urgency", "normal")),
            source=Source(facts.get("source", "web" if is_resident else "patrol")),
            area_code=code,
            place=str(facts.get("place", "")),
            lat=placed.lat,
            lon=placed.lon,
            resident_id=int(actor.id.removeprefix("resident:")) if is_resident else None,
            category_sure=bool(facts.get("category")),
            candidates=() if facts.get("area") or sure else tuple(one.area_code for one in placed.candidates[:4]),
            against=tuple(self.actors[name].id if name in self.actors else name for name in facts.get("against", ())),
        )
        if facts.get("result"):
            photos = [int(one) for one in facts.get("photo", ())]
            case = await settle_on_patrol(session, self.office, new, actor, str(facts["result"]), photos, self.now)
        else:
            case = await file_new(session, self.office, new, actor, self.now, action.who)
        assert case.id is not None
        self.labels[action.case] = case.id

    async def _away(self, session: AsyncSession, action: Action) -> None:
        staff_id = int(self.actors[action.who].id.removeprefix("staff:"))
        if action.do == "back":
            rows = await session.exec(select(DutyShift).where(DutyShift.staff_id == staff_id))
            for row in rows.all():
                row.ends_at = min(row.ends_at, self.now)
                session.add(row)
            return
        days = float(action.facts.get("days", 1))
        session.add(DutyShift(district_code=self.office.district_code, staff_id=staff_id, kind="away",
                              starts_at=self.now, ends_at=self.now + timedelta(days=days)))  # fmt: skip

    async def _combine(self, session: AsyncSession, action: Action) -> None:
        actor, source = await self._actor(session, action.who), await self._case(session, action.case)
        reason = str(action.facts.get("reason", ""))
        if action.do == "unmerge":
            await unmerge(session, self.office, source, actor, reason, self.now, action.who)
        else:
            target = await self._case(session, str(action.facts["target"]))
            await merge(session, self.office, target, source, actor, reason, self.now, action.who)

    async def _actor(self, session: AsyncSession, who: str) -> Actor:
        if who == "system":
            return SYSTEM
        if who not in self.actors:
            resident = await new_resident(session, self.office, self.now)
            assert resident.id is not None
            self.actors[who] = Actor(resident_key(resident.id), Role.RESIDENT)
            self.names[self.actors[who].id] = who
        return self.actors[who]

    async def _case(self, session: AsyncSession, label: str) -> Case:
        case = await session.get(Case, self.labels[label]) if label in self.labels else None
        if case is None:
            raise ValueError(f"no case {label!r} was filed")
        return case

    async def _write_down(self) -> None:
        """Appends what history and the outbox have gained since the last look."""
        async with self.office.database.read() as session:
            events = await session.exec(
                select(CaseEvent).where(col(CaseEvent.id) > self.last_event).order_by(col(CaseEvent.id))
            )
            notices = await session.exec(
                select(Notice).where(col(Notice.id) > self.last_notice).order_by(col(Notice.id))
            )
            by_id = {case_id: label for label, case_id in self.labels.items()}
            for event in events.all():
                self.last_event = event.id or self.last_event
                who = self.names.get(event.actor, event.actor)
                owner = event.facts.get("assignee") or event.facts.get("unit") or event.facts.get("queue") or ""
                detail = " ".join(
                    part for part in (event.to_state or "", self.names.get(owner, owner), event.reason) if part
                )
                label = by_id.get(event.case_id, str(event.case_id))
                self.happenings.append(Happening(event.at, "did", label, who, event.move, detail))
                if event.move == "file":
                    await self._write_due(session, event.case_id, label)
            for notice in notices.all():
                self.last_notice = notice.id or self.last_notice
                key = staff_key(notice.staff_id) if notice.staff_id else resident_key(notice.resident_id or 0)
                text = self.office.outbox.letter(notice).text.replace("\n", " ")
                label = by_id.get(notice.case_id or 0, "")
                self.happenings.append(
                    Happening(notice.created_at, "told", label, self.names.get(key, key), notice.milestone, text)
                )

    async def _write_due(self, session: AsyncSession, case_id: int, label: str) -> None:
        rows = await session.exec(select(CaseClock).where(CaseClock.case_id == case_id).order_by(col(CaseClock.due_at)))
        for row in rows.all():
            due = f"{self.office.local(row.due_at):%Y-%m-%d %H:%M} " + "；".join(row.reasons)
            self.happenings.append(Happening(row.started_at, "due", label, "", row.name, due))
