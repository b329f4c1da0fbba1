"""One set of states, three vocabularies for reports: the city platform's, the practice's and the hotline's.

| vocabulary | its steps                                       |
|------------|-------------------------------------------------|
| city       | 发现 → 分拣 → 派单 → 处置 → 联动 → 反馈 → 考核       |
| practice   | 信息收集 → 立案 → 派遣 → 处理 → 反馈 → 核查结案 → 评价 |
| hotline    | 受理, 派单, 办理, 回复, 督办, 办结, 回访, 评价        |
"""

from enum import StrEnum
from typing import NamedTuple

from backend.domain.words import ApplicationState, CaseState

S = CaseState


class Vocabulary(StrEnum):
    """Which words to report in."""

    CITY = "city"
    PRACTICE = "practice"
    HOTLINE = "hotline"


class Words(NamedTuple):
    """One step in the three vocabularies."""

    city: str
    practice: str
    hotline: str


STEPS: dict[Vocabulary, tuple[str, ...]] = {
    Vocabulary.CITY: ("发现", "分拣", "派单", "处置", "联动", "反馈", "考核"),
    Vocabulary.PRACTICE: ("信息收集", "立案", "派遣", "处理", "反馈", "核查结案", "评价"),
    Vocabulary.HOTLINE: ("受理", "派单", "办理", "回复", "督办", "办结", "回访", "评价"),
}

STATE_STEPS: dict[CaseState, Words] = {
    S.RECEIVED: Words("分拣", "立案", "受理"),
    S.DISPATCHED: Words("派单", "派遣", "派单"),
    S.ACCEPTED: Words("处置", "处理", "办理"),
    S.WAITING: Words("处置", "处理", "办理"),
    S.SUSPENDED: Words("处置", "处理", "办理"),
    S.DONE: Words("反馈", "反馈", "回复"),
    S.VERIFIED: Words("反馈", "核查结案", "回访"),
    S.CLOSED: Words("考核", "核查结案", "办结"),
    S.WITHDRAWN: Words("考核", "核查结案", "办结"),
    S.VOID: Words("考核", "核查结案", "办结"),
    S.REJECTED: Words("分拣", "立案", "办结"),
    S.MERGED: Words("分拣", "立案", "办结"),
    S.TRANSFERRED_OUT: Words("联动", "派遣", "办结"),
}

MOVE_STEPS: dict[str, Words] = {  # moves that are a step of their own, whatever the state
    "file": Words("发现", "信息收集", "受理"),
    "correct": Words("分拣", "立案", "受理"),
    "dispatch": Words("派单", "派遣", "派单"),
    "transfer": Words("联动", "派遣", "派单"),
    "assist": Words("联动", "处理", "办理"),
    "joint": Words("联动", "处理", "办理"),
    "hand_over": Words("联动", "派遣", "督办"),
    "supervise": Words("联动", "处理", "督办"),
    "instruct": Words("联动", "处理", "督办"),
    "urge": Words("联动", "处理", "督办"),
    "reply": Words("反馈", "反馈", "回复"),
    "verify": Words("反馈", "核查结案", "回访"),
    "close": Words("考核", "核查结案", "办结"),
    "feedback": Words("考核", "评价", "评价"),
}

STATE_NAMES: dict[CaseState, str] = {
    S.RECEIVED: "已受理",
    S.DISPATCHED: "已派单",
    S.ACCEPTED: "办理中",
    S.WAITING: "待居民补充",
    S.SUSPENDED: "已挂账",
    S.DONE: "待核查",
    S.VERIFIED: "已核查",
    S.CLOSED: "已结案",
    S.WITHDRAWN: "已撤回",
    S.VOID: "已作废",
    S.REJECTED: "不予受理",
    S.MERGED: "已合并",
    S.TRANSFERRED_OUT: "已移出",
}

APPLICATION_NAMES: dict[ApplicationState, str] = {
    ApplicationState.RECEIVED: "已收件",
    ApplicationState.INCOMPLETE: "待补正",
    ApplicationState.REVIEWING: "审核中",
    ApplicationState.APPROVED: "已批准",
    ApplicationState.REFUSED: "不予批准",
    ApplicationState.READY: "可领取",
    ApplicationState.DELIVERING: "送件中",
    ApplicationState.COLLECTED: "已领取",
    ApplicationState.CLOSED: "已办结",
    ApplicationState.WITHDRAWN: "已撤回",
}


def step_of(state: CaseState, vocabulary: Vocabulary) -> str:
    """The step a case stands at, in this vocabulary."""
    return str(getattr(STATE_STEPS[state], vocabulary.value))


def step_of_move(move: str, to_state: CaseState, vocabulary: Vocabulary) -> str:
    """The step an event counts as: its own, else that of the state it led to."""
    words = MOVE_STEPS.get(move, STATE_STEPS[to_state])
    return str(getattr(words, vocabulary.value))
