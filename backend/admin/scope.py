"""Which rows a person may see, as conditions of the query: area prefix, role, and never a case about oneself."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, exists, false, func, or_, true
from sqlmodel import col, select

from backend.admin.rights import DESK
from backend.admin.who import Who
from backend.areas.models import Area
from backend.cases.models import Case, CaseEvent
from backend.conversations.models import Conversation
from backend.domain.words import Role
from backend.items.models import Application
from backend.notices.models import Notice
from backend.people.models import Resident

LAST = "\U0010ffff"
IN_AREA = DESK | {Role.VERIFIER, Role.RESPONSIBLE}


def cases_of(who: Who) -> ColumnElement[bool]:
    """The cases this person may know of."""
    return and_(_by_role(who), ~_about(who))


def beginning_with(column: Any, prefix: str) -> ColumnElement[bool]:
    """A filter, never a way to search: a list walks newest first and must not be turned into a sort of a whole area."""
    return func.substr(column, 1, len(prefix)) == prefix


def in_range(column: Any, prefix: str, *, sqlite: bool) -> Sequence[ColumnElement[bool]]:
    """Beginning with `prefix` as a stretch of an index; SQLite's LIKE cannot use one, a collation may not order so."""
    return (column >= prefix, column < prefix + LAST) if sqlite else (column.startswith(prefix, autoescape=True),)


def reach_of(who: Who) -> str:
    """The path of the area a person answers for; "" for those who see what is theirs, wherever it lies."""
    return who.area_path if who.role in IN_AREA or who.role is Role.AUDITOR else ""


def _by_role(who: Who) -> ColumnElement[bool]:
    if inside := reach_of(who):
        return beginning_with(col(Case.area_path), inside)
    if who.role is Role.WORKER:
        return col(Case.assignee) == who.actor.id
    if who.role is Role.DEPARTMENT:
        return col(Case.unit) == who.actor.unit if who.actor.unit else false()
    return false()


def _about(who: Who) -> ColumnElement[bool]:
    """Whether history names this person or their unit as whom the case is about: for them it does not exist."""
    names = [who.actor.id, *([who.actor.unit] if who.actor.unit else [])]
    facts = cast(col(CaseEvent.facts), Text)
    return exists().where(
        col(CaseEvent.case_id) == col(Case.id),
        col(CaseEvent.move).in_(("file", "correct")),
        facts.contains('"subjects"'),
        or_(*(facts.contains(json.dumps(name), autoescape=True) for name in names)),
    )


def applications_of(who: Who) -> ColumnElement[bool]:
    """The applications this person may know of."""
    if who.role is Role.DEPARTMENT:
        return col(Application.unit) == who.actor.unit if who.actor.unit else false()
    if who.role in IN_AREA:
        return col(Application.area_path).startswith(who.area_path, autoescape=True)
    return false()


def conversations_of(who: Who) -> ColumnElement[bool]:
    """Conversations of residents who live in the person's area, or of whom we do not know where they live."""
    if who.role not in DESK:
        return false()
    inside = select(Area.code).where(col(Area.path).startswith(who.area_path, autoescape=True))
    return exists().where(
        col(Resident.id) == col(Conversation.resident_id),
        or_(col(Resident.home_area_code).is_(None), col(Resident.home_area_code).in_(inside)),
    )


def notices_of(who: Who) -> ColumnElement[bool]:
    """Notices about cases and applications of the person's area; the rest only for the whole district."""
    of_case = exists().where(col(Case.id) == col(Notice.case_id), cases_of(who))
    of_application = exists().where(col(Application.id) == col(Notice.application_id), applications_of(who))
    loose = and_(col(Notice.case_id).is_(None), col(Notice.application_id).is_(None))
    district = true() if who.area_path.count("/") == 1 and who.role in DESK else false()
    return or_(of_case, of_application, and_(loose, district))
