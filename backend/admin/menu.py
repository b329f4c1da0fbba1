"""The menu at the left: which pages exist, in which group, with which icon; everybody sees what they may open."""

from dataclasses import dataclass

from starlette.requests import Request

from backend.admin.panel import BASE
from backend.admin.rights import Page, may_open


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; its label is `panel.nav.<page>`."""

    page: Page
    path: str
    icon: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as one reader sees it."""

    name: str
    url: str
    icon: str
    here: bool


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "work",
        (
            Entry(Page.CASES, "/cases", "inbox"),
            Entry(Page.NEW_CASE, "/call", "phone"),
            Entry(Page.CONVERSATIONS, "/conversations", "comments"),
            Entry(Page.APPLICATIONS, "/applications", "file-signature"),
            Entry(Page.NOTICES, "/notices", "paper-plane"),
        ),
    ),
    (
        "look",
        (
            Entry(Page.DASHBOARD, "/dashboard", "chart-line"),
            Entry(Page.MAP, "/map", "map"),
            Entry(Page.REPORTS, "/reports", "table-list"),
            Entry(Page.MODEL, "/model", "brain"),
        ),
    ),
    (
        "lists",
        (
            Entry(Page.AREAS, "/records/area/list", "sitemap"),
            Entry(Page.AREA_MAP, "/area-map", "draw-polygon"),
            Entry(Page.STAFF, "/records/staff/list", "id-badge"),
            Entry(Page.ROSTER, "/roster", "user-clock"),
            Entry(Page.CATEGORIES, "/categories", "tags"),
            Entry(Page.ITEMS, "/records/service-item/list", "stamp"),
            Entry(Page.CATALOGUE, "/catalogue", "list-check"),
            Entry(Page.ARTICLES, "/records/article/list", "book"),
            Entry(Page.UNANSWERED, "/records/unanswered/list", "circle-question"),
            Entry(Page.CALENDAR, "/records/calendar-day/list", "calendar-days"),
            Entry(Page.ROUTING, "/records/routing-rule/list", "route"),
            Entry(Page.RULE_TRIAL, "/routing/trial", "vial"),
        ),
    ),
    (
        "house",
        (
            Entry(Page.TEMPLATES, "/templates", "envelope-open-text"),
            Entry(Page.USERS, "/users", "users"),
            Entry(Page.AUDIT, "/records/audit/list", "shield-halved"),
        ),
    ),
)


def menu_for(request: Request) -> list[tuple[str, list[Shown]]]:
    """Groups with the entries this reader may open; empty groups are left out."""
    who = request.state.who
    if who is None:
        return []
    here = request.url.path
    groups = []
    for name, entries in GROUPS:
        shown = [
            Shown(entry.page.value, BASE + entry.path, entry.icon, _is_here(here, BASE + entry.path))
            for entry in entries
            if may_open(who, entry.page)
        ]
        if shown:
            groups.append((name, shown))
    return groups


def _is_here(here: str, path: str) -> bool:
    base = path.removesuffix("/list")
    return here == base or here.startswith(base + "/")
