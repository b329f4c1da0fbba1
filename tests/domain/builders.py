"""Small fixed things the domain tests speak about: one district, its people, its calendar, a case in any state."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar

from backend.domain.lifecycle import SYSTEM, Actor, CaseView, apply, evolve, file_case, replay
from backend.domain.words import CaseState, Kind, Level, Role, Source
from backend.domain.working_time import PublicDay, WorkingCalendar

ZONE = ZoneInfo("Asia/Shanghai")
PATH = ("D", "S", "C", "G")
NOW = datetime(2026, 9, 1, 10, 0, tzinfo=ZONE)  # Tuesday

RESIDENT = Actor("resident:1", Role.RESIDENT)
NEIGHBOUR = Actor("resident:2", Role.RESIDENT)
STRANGER = Actor("resident:9", Role.RESIDENT)
WORKER = Actor("staff:a", Role.WORKER, ("G",), "team-g")
WORKER_B = Actor("staff:b", Role.WORKER, ("G",), "team-h")
RESPONSIBLE = Actor("staff:resp", Role.RESPONSIBLE, ("G",))
OPERATOR = Actor("staff:op", Role.OPERATOR, ("D",))
DISPATCHER = Actor("staff:disp", Role.DISPATCHER, ("S",))
VERIFIER = Actor("staff:ver", Role.VERIFIER, ("D",))
LEADER = Actor("staff:lead", Role.LEADER, ("D",))
DEPARTMENT = Actor("staff:dep", Role.DEPARTMENT, ("D",), "enforcement")
FAR_DISPATCHER = Actor("staff:far", Role.DISPATCHER, ("S2",))
COMMUNITY_DISPATCHER = Actor("staff:com", Role.DISPATCHER, ("C",))
SYSADMIN = Actor("staff:sys", Role.SYSADMIN, ("D",))
SECURITY = Actor("staff:sec", Role.SECURITY_ADMIN, ("D",))
AUDITOR = Actor("staff:aud", Role.AUDITOR, ("D",))

ONE_OF_EACH = (
    *(RESIDENT, WORKER, RESPONSIBLE, OPERATOR, DISPATCHER, VERIFIER, LEADER, DEPARTMENT, SYSTEM),
    *(SYSADMIN, SECURITY, AUDITOR),
)

EVERY_FACT: dict[str, Any] = {
    "reason": "因为",
    "assignee": WORKER.id,
    "unit": "enforcement",
    "photo": "photo-1",
    "result": "已修好",
    "where_to_go": "区法院",
    "target": "20260901-00002",
    "amount": 2,
    "limit_unit": "working_days",
    "text": "你好",
    "queue": "community:C",
    "person": "resident:7",
    "score": 4,
    "category": "urban.water",
    "units": ["market"],
}


def public(day: date) -> PublicDay | None:
    """The installed public calendar, as the desk adapts it; None for years it does not know."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return not off, name or ""


def calendar(**changes: Any) -> WorkingCalendar:
    """Monday–Friday 9–12 and 13–18, public holidays and make-up days."""
    return WorkingCalendar(**{"zone": ZONE, "public": public, **changes})


def at(text: str) -> datetime:
    """`"2026-09-30 17:50"` on the district's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class Story:
    """A case and its history, told move by move; half an hour passes between moves."""

    def __init__(self, filer: Actor = RESIDENT, start: datetime = NOW, **facts: Any) -> None:
        given = {
            "kind": Kind.REPAIR,
            "category": "urban.lighting",
            "area_path": PATH,
            "source": Source.WECHAT,
        }
        self.now = start
        self.events = file_case("20260901-00001", filer, {**given, **facts}, start)

    @property
    def case(self) -> CaseView:
        """The present."""
        return replay(self.events)

    def do(self, actor: Actor, move: str, when: datetime | None = None, **facts: Any) -> "Story":
        """One more move."""
        self.now = when or self.now + timedelta(minutes=30)
        self.events += apply(self.case, actor, move, facts, self.now)
        return self


def accepted(**facts: Any) -> Story:
    """A case that worker A has accepted."""
    story = Story(**facts).do(DISPATCHER, "dispatch", assignee=WORKER.id)
    return story.do(WORKER, "accept")


def done(**facts: Any) -> Story:
    """A case that worker A says is done."""
    return accepted(**facts).do(WORKER, "done", result="换了灯泡", photo="p1")


def closed(**facts: Any) -> Story:
    """A closed case."""
    return done(**facts).do(VERIFIER, "verify").do(VERIFIER, "close")


def in_state(state: CaseState) -> CaseView:
    """A case that came to this state by legal moves, so that all else about it fits."""
    made: dict[CaseState, Story] = {
        CaseState.RECEIVED: Story(),
        CaseState.DISPATCHED: Story().do(DISPATCHER, "dispatch", assignee=WORKER.id),
        CaseState.ACCEPTED: accepted(),
        CaseState.WAITING: accepted().do(WORKER, "wait_for_resident", reason="几号楼?"),
        CaseState.SUSPENDED: accepted().do(WORKER, "request_pending", reason="等料").do(DISPATCHER, "approve_pending"),
        CaseState.DONE: done(),
        CaseState.VERIFIED: done().do(VERIFIER, "verify"),
        CaseState.CLOSED: closed(),
        CaseState.WITHDRAWN: Story().do(RESIDENT, "withdraw"),
        CaseState.VOID: Story().do(DISPATCHER, "void", reason="测试"),
        CaseState.REJECTED: Story().do(DISPATCHER, "reject", reason="已起诉", where_to_go="法院"),
        CaseState.MERGED: Story().do(DISPATCHER, "merge", reason="同一件", target="20260901-00002"),
        CaseState.TRANSFERRED_OUT: Story().do(
            DISPATCHER, "transfer_out", unit="铁路局", reason="铁路范围", where_to_go="12306"
        ),
    }
    return made[state].case


def up(case: CaseView, move: str, actor: Actor = SYSTEM, **facts: Any) -> CaseView:
    """The case after one move."""
    for event in apply(case, actor, move, facts, NOW):
        case = evolve(case, event)
    return case


LEVELS = tuple(Level)
