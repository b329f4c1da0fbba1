"""Which role opens which page. Rows inside a page are chosen in the query (`scope.py`), moves by `available`."""

from enum import StrEnum
from typing import ClassVar

from backend.admin.who import Who
from backend.domain.words import Role
from nlu.errors import LinliError


class NotYourPage(LinliError):
    """Your role does not open this page."""

    code: ClassVar[str] = "not_your_page"
    status: ClassVar[int] = 403


class Page(StrEnum):
    """The pages, by what they are about."""

    HOME = "home"
    CASES = "cases"
    NEW_CASE = "new_case"
    APPLICATIONS = "applications"
    NEW_APPLICATION = "new_application"
    CONVERSATIONS = "conversations"
    NOTICES = "notices"
    DASHBOARD = "dashboard"
    MAP = "map"
    REPORTS = "reports"
    MODEL = "model"
    MODEL_TRAIN = "model_train"
    TEMPLATES = "templates"
    CATALOGUE = "catalogue"
    CATALOGUE_OFFICE = "catalogue_office"
    AREA_MAP = "area_map"
    AREA_DRAW = "area_draw"
    AREAS = "areas"
    STAFF = "staff"
    CATEGORIES = "categories"
    ITEMS = "items"
    ARTICLES = "articles"
    UNANSWERED = "unanswered"
    CALENDAR = "calendar"
    ROUTING = "routing"
    RULE_TRIAL = "rule_trial"
    ROSTER = "roster"
    USERS = "users"
    AUDIT = "audit"
    ME = "me"


R = Role
EVERYONE = frozenset(
    {R.WORKER, R.RESPONSIBLE, R.OPERATOR, R.DISPATCHER, R.VERIFIER, R.LEADER, R.DEPARTMENT}
    | {R.SYSADMIN, R.SECURITY_ADMIN, R.AUDITOR}
)
DESK = frozenset({R.OPERATOR, R.DISPATCHER, R.LEADER})
CASE_ROLES = frozenset({R.WORKER, R.RESPONSIBLE, R.VERIFIER, R.DEPARTMENT, R.AUDITOR}) | DESK
OVERSEERS = frozenset({R.DISPATCHER, R.LEADER, R.VERIFIER, R.AUDITOR, R.OPERATOR})

MAY: dict[Page, frozenset[Role]] = {
    Page.HOME: EVERYONE,
    Page.ME: EVERYONE,
    Page.CASES: CASE_ROLES,
    Page.NEW_CASE: DESK,
    Page.APPLICATIONS: DESK | {R.DEPARTMENT, R.RESPONSIBLE},
    Page.NEW_APPLICATION: DESK,
    Page.CONVERSATIONS: DESK,
    Page.NOTICES: DESK,
    Page.DASHBOARD: OVERSEERS,
    Page.MAP: OVERSEERS | {R.RESPONSIBLE},
    Page.REPORTS: frozenset({R.DISPATCHER, R.LEADER, R.VERIFIER, R.AUDITOR}),
    Page.MODEL: frozenset({R.SYSADMIN, R.DISPATCHER, R.LEADER}),
    Page.MODEL_TRAIN: frozenset({R.SYSADMIN}),
    Page.TEMPLATES: frozenset({R.SYSADMIN, R.DISPATCHER}),
    Page.CATALOGUE: DESK | {R.DEPARTMENT},
    Page.CATALOGUE_OFFICE: frozenset({R.DISPATCHER, R.LEADER}),
    Page.AREA_DRAW: frozenset({R.SYSADMIN}),
    Page.AREA_MAP: frozenset({R.SYSADMIN, R.DISPATCHER, R.LEADER}),
    Page.AREAS: frozenset({R.SYSADMIN, R.DISPATCHER, R.LEADER}),
    Page.STAFF: frozenset({R.SYSADMIN, R.DISPATCHER, R.LEADER}),
    Page.CATEGORIES: frozenset({R.SYSADMIN}) | DESK,
    Page.ITEMS: frozenset({R.SYSADMIN, R.DEPARTMENT}) | DESK,
    Page.ARTICLES: frozenset({R.SYSADMIN}) | DESK,
    Page.UNANSWERED: frozenset({R.SYSADMIN}) | DESK,
    Page.CALENDAR: frozenset({R.SYSADMIN, R.DISPATCHER, R.LEADER}),
    Page.ROSTER: frozenset({R.SYSADMIN, R.DISPATCHER, R.LEADER}),
    Page.RULE_TRIAL: frozenset({R.SYSADMIN, R.DISPATCHER}),
    Page.ROUTING: frozenset({R.SYSADMIN, R.DISPATCHER}),
    Page.USERS: frozenset({R.SYSADMIN, R.SECURITY_ADMIN}),
    Page.AUDIT: frozenset({R.AUDITOR}),
}


def may_open(who: Who, page: Page) -> bool:
    """Whether this person's role opens the page."""
    return who.role in MAY[page]


def check_page(who: Who, page: Page) -> None:
    """Raises `NotYourPage` when it does not."""
    if not may_open(who, page):
        raise NotYourPage
