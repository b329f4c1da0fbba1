"""The road of an application (办件): every step, from where to where, who takes it and what it needs.

received → materials complete (or "bring these") → in review → approved, or refused with the reason and where
to
appeal → ready → collected, or brought home: slot → courier → identity check → signed with photo → closed.
The statutory clock runs in working days, stands still while papers are missing and stops with the decision.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.domain.moves import Move
from backend.domain.words import ApplicationState, ClockName, Role


class By(StrEnum):
    """Who takes a step."""

    APPLICANT = "applicant"  # or somebody with their consent (代办)
    WINDOW = "window"  # staff of the handling unit or of the area's counter
    COURIER = "courier"  # the worker who brings it home
    CLOCKWORK = "clockwork"


class Paper(StrEnum):
    """What must come along with a step."""

    REASON = "reason"
    MISSING = "missing"  # the names of the missing papers
    APPEAL = "appeal"  # where to appeal
    LEVEL = "level"  # the next level of review
    DELIVERABLE = "deliverable"  # what can be fetched
    SLOT = "slot"
    IN_AREA = "in_area"  # the delivery address lies inside the district
    COURIER = "courier"
    CHECK = "check"  # how the identity was checked: code, last_four, proxy, id_card
    PROXY = "proxy"
    SIGNATURE = "signature"
    PHOTO = "photo"


class Given(StrEnum):
    """What must already be true."""

    NOTHING_MISSING = "nothing_missing"
    MAY_BE_DELIVERED = "may_be_delivered"
    HAS_COURIER = "has_courier"
    NOTHING_TO_FETCH = "nothing_to_fetch"


@dataclass(frozen=True, slots=True)
class Step(Move[ApplicationState]):
    """One row: a move with its own words for who, what and when."""

    by: tuple[By, ...] = ()
    papers: tuple[Paper, ...] = ()
    given: tuple[Given, ...] = ()


A, P, G, C = ApplicationState, Paper, Given, ClockName
WINDOW_ROLES = frozenset({Role.OPERATOR, Role.DISPATCHER, Role.DEPARTMENT, Role.RESPONSIBLE, Role.LEADER})
COURIER_ROLES = frozenset({Role.WORKER, Role.RESPONSIBLE})
UNDECIDED = frozenset({A.RECEIVED, A.INCOMPLETE, A.REVIEWING})


def _step(
    name: str,
    zh: str,
    start: frozenset[ApplicationState] | ApplicationState | None,
    to: ApplicationState | None,
    by: tuple[By, ...],
    papers: tuple[Paper, ...] = (),
    given: tuple[Given, ...] = (),
    keeps: tuple[str, ...] = (),
    clock: str = "",
) -> Step:
    """`clock`: starts, stops, pauses or resumes the statutory clock."""
    from_states = frozenset({start}) if isinstance(start, ApplicationState) else start or frozenset()
    touched: dict[str, Any] = {clock: (C.RESOLVE,)} if clock else {}
    return Step(name, zh, from_states, to, (), keeps=keeps, by=by, papers=papers, given=given, **touched)


FILED = (
    "item",
    "applicant",
    "proxy",
    "proxy_consented",
    "area_path",
    "unit",
    "level",
    "missing",
    "may_deliver",
    "text",
)
ME, DESK, BEARER, TICK = By.APPLICANT, By.WINDOW, By.COURIER, By.CLOCKWORK

STEP_ROWS: tuple[Step, ...] = (
    _step("file", "收件", None, A.RECEIVED, (ME, DESK), keeps=FILED, clock="starts"),
    _step("ask_materials", "一次性告知", frozenset({A.RECEIVED, A.REVIEWING}), A.INCOMPLETE, (DESK,),
    (P.MISSING,),
          keeps=("missing", "reason"), clock="pauses"),
    _step("bring_materials", "补正", frozenset({A.RECEIVED, A.INCOMPLETE}), None, (ME, DESK),
          keeps=("brought", "text")),
    _step("materials_complete", "材料齐全", A.INCOMPLETE, A.RECEIVED, (DESK, TICK), (), (G.NOTHING_MISSING,),
          clock="resumes"),
    _step("start_review", "受理审核", A.RECEIVED, A.REVIEWING, (DESK,), (), (G.NOTHING_MISSING,)),
    _step("pass_up", "报上级审核", A.REVIEWING, None, (DESK,), (P.LEVEL,), keeps=("level", "unit", "text")),
    _step("approve", "批准", A.REVIEWING, A.APPROVED, (DESK,), keeps=("text",), clock="stops"),
    _step("refuse", "不予批准", frozenset({A.RECEIVED, A.REVIEWING}), A.REFUSED, (DESK,), (P.REASON,
    P.APPEAL),
          keeps=("reason", "appeal"), clock="stops"),
    _step("make_ready", "制证完成", A.APPROVED, A.READY, (DESK,), (P.DELIVERABLE,), keeps=("deliverable",
         "place")),
    _step("collect", "领取", A.READY, A.COLLECTED, (DESK,), (P.CHECK,), keeps=("check", "by_proxy")),
    _step("request_delivery", "申请送件", A.READY, A.DELIVERING, (ME, DESK), (P.SLOT, P.IN_AREA),
          (G.MAY_BE_DELIVERED,), keeps=("slot", "address_area")),
    _step("assign_courier", "指派送件人", A.DELIVERING, None, (DESK, TICK), (P.COURIER,), keeps=("courier",)),
    _step("set_out", "出发送件", A.DELIVERING, None, (BEARER,), (), (G.HAS_COURIER,), keeps=("eta",)),
    _step("hand_over_at_door", "送达签收", A.DELIVERING, A.COLLECTED, (BEARER,), (P.CHECK, P.SIGNATURE,
    P.PHOTO),
          (G.HAS_COURIER,), keeps=("check", "signature", "photo", "by_proxy")),
    _step("visit_failed", "未遇", A.DELIVERING, A.READY, (BEARER, DESK), (P.REASON,), keeps=("reason",)),
    _step("cancel_delivery", "改为自取", A.DELIVERING, A.READY, (ME, DESK), keeps=("reason",)),
    _step("appoint_proxy", "委托代办", frozenset(A) - {A.CLOSED, A.WITHDRAWN, A.COLLECTED}, None, (ME,),
          (P.PROXY,), keeps=("proxy",)),
    _step("close", "办结", frozenset({A.COLLECTED, A.REFUSED}), A.CLOSED, (DESK, TICK), keeps=("text",)),
    _step("close_without_paper", "办结（无证件）", A.APPROVED, A.CLOSED, (DESK,), (), (G.NOTHING_TO_FETCH,),
          keeps=("text",)),
    _step("item_cancelled", "事项取消", UNDECIDED, A.CLOSED, (DESK, TICK), (P.REASON,), keeps=("reason",),
          clock="stops"),
    _step("withdraw", "撤回", UNDECIDED | {A.APPROVED, A.READY}, A.WITHDRAWN, (ME,), keeps=("reason",),
          clock="stops"),
    _step("note", "备注", frozenset(A), None, (DESK, BEARER), keeps=("text",)),
)  # fmt: skip

STEPS: dict[str, Step] = {row.name: row for row in STEP_ROWS}
