"""Which move is legal, from where to where, who may make it, what it needs and which clocks it touches.

Read a row as: *name* (what people call it) leads *from* these states *to* that one; *who* lists the roles and
how
they must stand to the case; *needs* must be given; *only if* must already hold; *bars* name who may not, role
or no
role; *keeps* are the facts written into history; the last four columns start, stop, pause and resume clocks.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from backend.domain.words import LIVE, CaseState, ClockName, Role


class Relation(StrEnum):
    """How the actor must stand to the case, besides having the role."""

    ANYONE = "anyone"
    AREA = "area"  # the case lies in their area
    RUNG = "rung"  # … and they stand on the rung that holds it, or above
    HOLDER = "holder"  # the assignee, or the department that holds it
    REPORTER = "reporter"  # one of the people who reported it
    PART = "part"  # their unit has an open part in the joint case


class Need(StrEnum):
    """What must come with the move."""

    REASON = "reason"
    ASSIGNEE = "assignee"  # a person or a unit, never the one complained about
    UNIT = "unit"
    PHOTO = "photo"
    RESULT = "result"  # what was done, in words
    WHERE_TO_GO = "where_to_go"
    TARGET = "target"  # another case
    AMOUNT = "amount"
    TEXT = "text"
    QUEUE = "queue"
    PERSON = "person"
    SCORE = "score"
    CHANGE = "change"  # at least one thing must differ
    EVIDENCE = "evidence"  # all that the category demands is there
    REAL_CATEGORY = "real_category"  # not "other"
    PARTS_CLOSED = "parts_closed"
    NO_LOOP = "no_loop"  # not the third pass without an owner
    NEXT_RUNG = "next_rung"  # one rung at a time, unless a skip rule is named


class Standing(StrEnum):
    """What must already be true of the case."""

    EXTENSION_ASKED = "extension_asked"
    NO_EXTENSION_ASKED = "no_extension_asked"
    PENDING_ASKED = "pending_asked"
    NO_PENDING_ASKED = "no_pending_asked"
    REOPEN_ASKED = "reopen_asked"
    NO_REOPEN_ASKED = "no_reopen_asked"
    NOT_RATED = "not_rated"
    PATROL = "patrol"
    QUESTION = "question"  # consultation, suggestion or praise


class Bar(StrEnum):
    """Who may not make the move, whatever their role."""

    DOER = "doer"
    ASKER = "asker"
    FOLLOWER = "follower"  # a resident who already follows the case


StateT = TypeVar("StateT", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Who:
    """These roles, standing so to the case."""

    roles: frozenset[Role]
    relation: Relation


@dataclass(frozen=True, slots=True)
class Move(Generic[StateT]):
    """One row of the table. `to` None means: the state stays; not `offered`: a consequence, never a
    button."""

    name: str
    zh: str
    from_states: frozenset[StateT]
    to: StateT | None
    who: tuple[Who, ...]
    needs: tuple[Need, ...] = ()
    only_if: tuple[Standing, ...] = ()
    bars: tuple[Bar, ...] = ()
    keeps: tuple[str, ...] = ()
    starts: tuple[ClockName, ...] = ()
    stops: tuple[ClockName, ...] = ()
    pauses: tuple[ClockName, ...] = ()
    resumes: tuple[ClockName, ...] = ()
    offered: bool = True


def _who(relation: Relation, *roles: Role) -> Who:
    return Who(frozenset(roles), relation)


R, S, N, C, L = Role, CaseState, Need, ClockName, Standing
CaseMove = Move[CaseState]

REPORTER = _who(Relation.REPORTER, R.RESIDENT)
HOLDER = _who(Relation.HOLDER, R.WORKER, R.RESPONSIBLE, R.DEPARTMENT, R.OPERATOR, R.DISPATCHER)
DESK = _who(Relation.AREA, R.OPERATOR, R.DISPATCHER, R.LEADER)  # the counter: may touch all of its area
CHIEFS = _who(Relation.RUNG, R.DISPATCHER, R.LEADER)  # those who decide
RUNG_DESK = _who(Relation.RUNG, R.OPERATOR, R.DISPATCHER, R.LEADER, R.RESPONSIBLE)
CHECKERS = _who(Relation.AREA, R.VERIFIER, R.OPERATOR, R.DISPATCHER, R.LEADER)
LOCAL_STAFF = _who(Relation.AREA, R.WORKER, R.RESPONSIBLE, R.OPERATOR, R.DISPATCHER, R.VERIFIER, R.LEADER)
CLOCKWORK = _who(Relation.ANYONE, R.SYSTEM)
ANYBODY = _who(Relation.ANYONE, R.RESIDENT, *LOCAL_STAFF.roles, R.DEPARTMENT, R.SYSTEM)

OPEN = frozenset({S.RECEIVED, S.DISPATCHED, S.ACCEPTED, S.WAITING, S.SUSPENDED})  # work not yet done
HELD = frozenset({S.DISPATCHED, S.ACCEPTED})
AT_WORK = frozenset({S.ACCEPTED, S.WAITING})
FINISHED = frozenset({S.VERIFIED, S.CLOSED})


def _in(*states: CaseState) -> frozenset[CaseState]:
    return frozenset(states)


FILED_FACTS = (
    *("kind", "category", "urgency", "source", "area_path", "level", "reporters", "subjects"),
    *("demands", "evidence", "queue", "text", "split_from"),
)
GIVEN = ("assignee", "unit", "level", "reason", "skip_rule", "substitute")

ROWS: tuple[CaseMove, ...] = (
    # ── coming in ────────────────────────────────────────────────────────────────────────────────────────
    Move("file", "立案", _in(), S.RECEIVED, (ANYBODY,), keeps=FILED_FACTS,
         starts=(C.ACCEPT, C.FIRST_CONTACT, C.RESOLVE)),
    Move("join", "附议", LIVE, None, (_who(Relation.ANYONE, R.RESIDENT, R.SYSTEM), DESK), (N.PERSON,),
         bars=(Bar.FOLLOWER,), keeps=("person",)),
    Move("correct", "更正", LIVE, None, (RUNG_DESK, CLOCKWORK), (N.REASON, N.CHANGE),
         keeps=("category", "kind", "urgency", "area_path", "level", "subjects", "demands", "reason")),
    Move("queue", "入队", _in(S.RECEIVED), None, (DESK, CLOCKWORK), (N.QUEUE,), keeps=("queue", "reason"),
         offered=False),
    Move("supplement", "补充", LIVE, None, (REPORTER, DESK), (N.TEXT,), keeps=("text", "evidence")),
    Move("urge", "催办", LIVE, None, (REPORTER, DESK), keeps=("text",)),
    Move("reject", "不予受理", _in(S.RECEIVED), S.REJECTED, (RUNG_DESK,), (N.REASON, N.WHERE_TO_GO),
         keeps=("reason", "where_to_go"), stops=(C.ACCEPT, C.FIRST_CONTACT, C.RESOLVE)),
    # ── finding an owner ─────────────────────────────────────────────────────────────────────────────────
    Move("dispatch", "派单", _in(S.RECEIVED), S.DISPATCHED, (RUNG_DESK, CLOCKWORK), (N.ASSIGNEE, N.NEXT_RUNG),
         keeps=GIVEN),
    Move("claim", "领取", _in(S.RECEIVED), S.ACCEPTED,
         (_who(Relation.AREA, R.WORKER, R.RESPONSIBLE, R.OPERATOR, R.DISPATCHER),), stops=(C.ACCEPT,)),
    Move("accept", "签收", _in(S.DISPATCHED), S.ACCEPTED, (HOLDER,), stops=(C.ACCEPT,)),
    Move("reassign", "改派", HELD | {S.WAITING}, S.DISPATCHED, (RUNG_DESK, CLOCKWORK),
         (N.ASSIGNEE, N.REASON, N.NEXT_RUNG), keeps=GIVEN, starts=(C.ACCEPT,), resumes=(C.RESOLVE,)),
    Move("return_", "退回", HELD, S.RECEIVED, (HOLDER,), (N.REASON, N.NO_LOOP), keeps=("reason",),
         starts=(C.ACCEPT,)),
    Move("transfer", "移送", _in(S.RECEIVED) | HELD, S.DISPATCHED, (HOLDER, CHIEFS, CLOCKWORK),
         (N.UNIT, N.REASON, N.NO_LOOP), keeps=("unit", "reason"), starts=(C.ACCEPT,)),
    Move("transfer_out", "移出", _in(S.RECEIVED) | HELD, S.TRANSFERRED_OUT, (CHIEFS,),
         (N.UNIT, N.REASON, N.WHERE_TO_GO), keeps=("unit", "reason", "where_to_go"),
         stops=(C.ACCEPT, C.FIRST_CONTACT, C.RESOLVE)),
    Move("hand_over", "上报", _in(S.RECEIVED, S.WAITING) | HELD, S.RECEIVED, (HOLDER, RUNG_DESK, CLOCKWORK),
         (N.REASON, N.NEXT_RUNG), keeps=("reason", "level", "queue", "skip_rule", "trigger"),
         starts=(C.ACCEPT,), resumes=(C.RESOLVE,)),
    # ── watching from above (the owner stays) ────────────────────────────────────────────────────────────
    Move("inform", "抄报", OPEN, None, (HOLDER, CLOCKWORK, DESK), (N.PERSON,),
         keeps=("person", "reason", "trigger")),
    Move("supervise", "督办", LIVE, None, (CHIEFS, CLOCKWORK), (N.REASON,),
         keeps=("reason", "trigger", "person")),
    Move("instruct", "批示", LIVE, None, (_who(Relation.RUNG, R.LEADER),), (N.TEXT,), keeps=("text",)),
    # ── at work ──────────────────────────────────────────────────────────────────────────────────────────
    Move("start_contact", "联系居民", AT_WORK, None, (HOLDER,), keeps=("text",), stops=(C.FIRST_CONTACT,)),
    Move("on_the_way", "出发", _in(S.ACCEPTED), None, (HOLDER,), keeps=("text", "eta"),
         stops=(C.FIRST_CONTACT,)),
    Move("reply", "答复", LIVE, None, (HOLDER, DESK), (N.TEXT,), keeps=("text",), stops=(C.FIRST_CONTACT,)),
    Move("note", "备注", frozenset(S), None, (LOCAL_STAFF, HOLDER), (N.TEXT,), keeps=("text",)),
    Move("add_evidence", "补证", LIVE, None, (HOLDER, REPORTER, CHECKERS), (N.PHOTO,),
         keeps=("evidence", "photo", "text")),
    Move("wait_for_resident", "待居民", _in(S.ACCEPTED), S.WAITING, (HOLDER, DESK), (N.REASON,),
         keeps=("reason",),
         pauses=(C.RESOLVE,), stops=(C.FIRST_CONTACT,)),
    Move("resume", "恢复办理", _in(S.WAITING), S.ACCEPTED, (HOLDER, REPORTER, DESK, CLOCKWORK),
         keeps=("text", "reason"), resumes=(C.RESOLVE,)),
    Move("assist", "请求协助", OPEN - {S.RECEIVED}, None, (HOLDER, CHIEFS), (N.UNIT, N.REASON),
         keeps=("unit", "reason")),
    Move("joint", "会商", OPEN, None, (CHIEFS,), (N.UNIT, N.REASON), keeps=("unit", "units", "reason")),
    Move("close_part", "分办结", OPEN, None, (_who(Relation.PART, R.DEPARTMENT, R.WORKER, R.RESPONSIBLE),),
         (N.RESULT,), keeps=("unit", "result", "photo")),
    Move("split", "拆分", OPEN, None, (RUNG_DESK,), (N.TARGET, N.REASON), keeps=("target", "reason")),
    # ── more time ────────────────────────────────────────────────────────────────────────────────────────
    Move("request_extension", "申请延期", AT_WORK, None, (HOLDER,), (N.REASON, N.AMOUNT),
         (L.NO_EXTENSION_ASKED,), keeps=("reason", "amount", "limit_unit")),
    Move("approve_extension", "批准延期", AT_WORK, None, (CHIEFS,), (N.AMOUNT,), (L.EXTENSION_ASKED,),
         (Bar.ASKER,),
         keeps=("amount", "limit_unit", "reason")),
    Move("refuse_extension", "驳回延期", AT_WORK, None, (CHIEFS,), (N.REASON,), (L.EXTENSION_ASKED,),
         keeps=("reason",)),
    Move("request_pending", "申请挂账", AT_WORK, None, (HOLDER,), (N.REASON,), (L.NO_PENDING_ASKED,),
         keeps=("reason", "until")),
    Move("approve_pending", "批准挂账", AT_WORK, S.SUSPENDED, (CHIEFS,), (), (L.PENDING_ASKED,), (Bar.ASKER,),
         keeps=("reason", "until"), pauses=(C.RESOLVE,)),
    Move("refuse_pending", "驳回挂账", AT_WORK, None, (CHIEFS,), (N.REASON,), (L.PENDING_ASKED,),
         keeps=("reason",)),
    Move("end_pending", "销账", _in(S.SUSPENDED), S.ACCEPTED, (HOLDER, CHIEFS, CLOCKWORK), keeps=("reason",),
         resumes=(C.RESOLVE,)),
    # ── done, checked, closed ────────────────────────────────────────────────────────────────────────────
    Move("done", "办结申请", AT_WORK, S.DONE, (HOLDER,), (N.RESULT, N.PARTS_CLOSED),
         keeps=("result", "photo", "evidence"), starts=(C.VERIFY,), stops=(C.FIRST_CONTACT, C.RESOLVE)),
    Move("settle", "自行处置", _in(S.RECEIVED), S.DONE, (_who(Relation.AREA, R.WORKER, R.RESPONSIBLE),),
         (N.RESULT, N.PHOTO), (L.PATROL,), keeps=("result", "photo", "evidence"), starts=(C.VERIFY,),
         stops=(C.ACCEPT, C.FIRST_CONTACT, C.RESOLVE)),
    Move("answer", "直接答复", _in(S.RECEIVED, S.ACCEPTED), S.DONE, (DESK, HOLDER), (N.RESULT,),
         (L.QUESTION,),
         keeps=("result",), starts=(C.VERIFY,), stops=(C.ACCEPT, C.FIRST_CONTACT, C.RESOLVE)),
    Move("verify", "核查通过", _in(S.DONE), S.VERIFIED, (CHECKERS, REPORTER), bars=(Bar.DOER,),
         keeps=("text", "evidence"), stops=(C.VERIFY,)),
    Move("fail_verification", "核查不通过", _in(S.DONE), S.ACCEPTED, (CHECKERS, REPORTER), (N.REASON,),
         bars=(Bar.DOER,), keeps=("reason",), stops=(C.VERIFY,), resumes=(C.RESOLVE,)),
    Move("close", "结案", _in(S.VERIFIED), S.CLOSED, (CHECKERS, CLOCKWORK), (N.EVIDENCE, N.REAL_CATEGORY),
         keeps=("text",)),
    Move("feedback", "评价", FINISHED, None, (REPORTER, DESK), (N.SCORE,), (L.NOT_RATED,),
         keeps=("score", "text", "contact_again")),
    Move("request_reopen", "申请重办", FINISHED, None, (REPORTER, DESK, CLOCKWORK), (N.REASON,),
         (L.NO_REOPEN_ASKED,), keeps=("reason",)),
    Move("reopen", "重办", FINISHED, S.ACCEPTED, (CHIEFS,), (N.REASON,), bars=(Bar.DOER,), keeps=("reason",),
         starts=(C.FIRST_CONTACT, C.RESOLVE)),
    Move("decline_reopen", "不予重办", FINISHED, None, (CHIEFS,), (N.REASON,), (L.REOPEN_ASKED,), (Bar.DOER,),
         keeps=("reason", "where_to_go")),
    # ── other ends ───────────────────────────────────────────────────────────────────────────────────────
    Move("withdraw", "撤回", OPEN, S.WITHDRAWN, (REPORTER,), keeps=("reason",),
         stops=(C.ACCEPT, C.FIRST_CONTACT, C.RESOLVE)),
    Move("leave", "不再关注", LIVE, None, (REPORTER,), keeps=("person", "reason"), offered=False),
    Move("void", "作废", OPEN, S.VOID, (CHIEFS,), (N.REASON,), keeps=("reason",),
         stops=(C.ACCEPT, C.FIRST_CONTACT, C.RESOLVE)),
    Move("merge", "合并", OPEN, S.MERGED, (RUNG_DESK, CLOCKWORK), (N.TARGET, N.REASON),
         keeps=("target", "reason"), stops=(C.ACCEPT, C.FIRST_CONTACT, C.RESOLVE)),
    Move("absorb", "并入", LIVE, None, (RUNG_DESK, CLOCKWORK), (N.TARGET,), keeps=("target", "reporters"),
         offered=False),
    Move("unmerge", "拆回", _in(S.MERGED), S.RECEIVED, (RUNG_DESK,), (N.REASON,), keeps=("reason",),
         starts=(C.ACCEPT,), resumes=(C.FIRST_CONTACT, C.RESOLVE)),
    Move("release", "移出合并", frozenset(S), None, (RUNG_DESK,), (N.TARGET,), keeps=("target", "reporters"),
         offered=False),
)  # fmt: skip

MOVES: dict[str, CaseMove] = {row.name: row for row in ROWS}
