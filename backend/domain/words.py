"""The words of the desk: every closed list the rules speak in, each with the Chinese word people know."""

from enum import StrEnum

from nlu.contract import Urgency

__all__ = [
    "ENDS",
    "LADDER",
    "LIVE",
    "STAFF",
    "ApplicationState",
    "CaseState",
    "ClockName",
    "Kind",
    "Level",
    "LimitUnit",
    "Role",
    "Source",
    "Urgency",
    "WarnLevel",
]


class CaseState(StrEnum):
    """Where a problem (诉求) stands."""

    RECEIVED = "received"  # 已受理: filed, in a queue, nobody has it yet
    DISPATCHED = "dispatched"  # 已派单: given to a person or unit, not yet accepted
    ACCEPTED = "accepted"  # 已签收: somebody is working on it
    WAITING = "waiting"  # 待居民: we asked the resident something
    SUSPENDED = "suspended"  # 挂账: parked with approval
    DONE = "done"  # 已办理: the doer says it is done
    VERIFIED = "verified"  # 已核查: somebody else confirmed it
    CLOSED = "closed"  # 已结案
    WITHDRAWN = "withdrawn"  # 已撤回 by the resident
    VOID = "void"  # 已作废
    REJECTED = "rejected"  # 不予受理, with where to go instead
    MERGED = "merged"  # 已合并 into another case
    TRANSFERRED_OUT = "transferred_out"  # 已移出 to a body outside this house


class ApplicationState(StrEnum):
    """Where an application (办件) stands."""

    RECEIVED = "received"  # 已收件
    INCOMPLETE = "incomplete"  # 待补正
    REVIEWING = "reviewing"  # 审核中
    APPROVED = "approved"  # 已批准
    REFUSED = "refused"  # 不予批准
    READY = "ready"  # 可领取
    DELIVERING = "delivering"  # 送件中
    COLLECTED = "collected"  # 已领取
    CLOSED = "closed"  # 已办结
    WITHDRAWN = "withdrawn"  # 已撤回


class Role(StrEnum):
    """Who acts. The last three run the house and never touch a case."""

    RESIDENT = "resident"  # 居民
    WORKER = "worker"  # 网格员
    RESPONSIBLE = "responsible"  # 网格长/责任人
    OPERATOR = "operator"  # 坐席
    DISPATCHER = "dispatcher"  # 派遣员/值班长
    VERIFIER = "verifier"  # 核查员
    LEADER = "leader"  # 领导
    DEPARTMENT = "department"  # 职能部门
    SYSTEM = "system"  # the clockwork: jobs and rules
    SYSADMIN = "sysadmin"  # 系统管理员
    SECURITY_ADMIN = "security_admin"  # 安全管理员
    AUDITOR = "auditor"  # 审计员


class Level(StrEnum):
    """A rung of the ladder (层级)."""

    GRID = "grid"  # 网格
    COMMUNITY = "community"  # 社区
    STREET = "street"  # 街道
    DISTRICT = "district"  # 区

    @property
    def rank(self) -> int:
        """0 for grid … 3 for district; higher means further up."""
        return LADDER.index(self)

    @property
    def parent(self) -> "Level | None":
        """The rung above, or None at the top."""
        return LADDER[self.rank + 1] if self.rank + 1 < len(LADDER) else None


LADDER: tuple[Level, ...] = (Level.GRID, Level.COMMUNITY, Level.STREET, Level.DISTRICT)


class Kind(StrEnum):
    """What sort of problem it is."""

    COMPLAINT = "complaint"  # 投诉
    REPORT = "report"  # 举报/上报
    REPAIR = "repair"  # 报修
    HELP = "help"  # 求助
    SUGGESTION = "suggestion"  # 建议
    PRAISE = "praise"  # 表扬
    CONSULTATION = "consultation"  # 咨询


class Source(StrEnum):
    """The door it came in by."""

    WECHAT = "wechat"  # 微信
    TELEGRAM = "telegram"
    WEB = "web"  # 网页
    TERMINAL = "terminal"  # 终端
    WECOM = "wecom"  # 企业微信
    PHONE = "phone"  # 电话
    SMS = "sms"  # 短信
    PATROL = "patrol"  # 巡查
    OPEN311 = "open311"
    API = "api"
    IMPORT = "import"  # 导入


class ClockName(StrEnum):
    """The separate clocks of a case."""

    ACCEPT = "accept"  # 签收
    FIRST_CONTACT = "first_contact"  # 首次联系
    RESOLVE = "resolve"  # 办理
    VERIFY = "verify"  # 核查


class LimitUnit(StrEnum):
    """What a limit is counted in."""

    WORKING_HOURS = "working_hours"  # 工作时
    WORKING_DAYS = "working_days"  # 工作日
    HOURS = "hours"  # 小时
    DAYS = "days"  # 自然日


class WarnLevel(StrEnum):
    """How grave a warning about a clock is, in order."""

    HALF = "half"  # 50 %
    EIGHTY = "eighty"  # 80 %
    BREACH = "breach"  # 超期
    YELLOW = "yellow"  # 黄牌
    RED = "red"  # 红牌

    @property
    def rank(self) -> int:
        """0 for half … 4 for red."""
        return list(WarnLevel).index(self)


S = CaseState
ENDS: frozenset[CaseState] = frozenset(
    {S.CLOSED, S.WITHDRAWN, S.VOID, S.REJECTED, S.MERGED, S.TRANSFERRED_OUT}
)  # closed may come back by `reopen`, merged by `unmerge`; the others never
LIVE: frozenset[CaseState] = frozenset(CaseState) - ENDS

STAFF: frozenset[Role] = frozenset(
    {
        Role.WORKER,
        Role.RESPONSIBLE,
        Role.OPERATOR,
        Role.DISPATCHER,
        Role.VERIFIER,
        Role.LEADER,
        Role.DEPARTMENT,
    }
)
