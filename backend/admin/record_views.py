"""The tables that staff keep by hand, one class each: rows, fields, and who may change what."""

import json
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape
from sqlalchemy import ColumnElement, or_, select, true
from sqlmodel import col
from starlette.requests import Request
from starlette_admin.exceptions import FormValidationError
from starlette_admin.fields import BaseField

from backend.admin.panel import panel_of
from backend.admin.record_logs import AuditRecords, SecurityRecords
from backend.admin.record_view import RecordView
from backend.admin.rendering import say
from backend.admin.rights import DESK, Page
from backend.admin.who import Who, who_of
from backend.areas.models import Area, CalendarDay, RoutingRule, Staff
from backend.domain.words import STAFF, Role
from backend.items.models import ServiceItem
from backend.knowledge.models import Article, UnansweredQuestion

SYSADMIN = frozenset({Role.SYSADMIN})
CHIEFS = frozenset({Role.SYSADMIN, Role.DISPATCHER})
LEVELS = ("district", "street", "community", "grid")


def refuse(request: Request, field: str, key: str) -> FormValidationError:
    """A form refused at one field, with the sentence `panel.record_refused.<key>`."""
    return FormValidationError({field: say(request, f"record_refused.{key}")})


def codes_below(who: Who) -> Any:
    """The codes of the reader's area and of everything below it, as a subquery."""
    return select(col(Area.code)).where(col(Area.path).startswith(who.area_path, autoescape=True))


class AreaRecords(RecordView):
    """Areas: name, households and polygon may be mended here; the tree itself comes from the import."""

    page, table, name = Page.AREAS, Area, "area"
    may_edit = SYSADMIN
    searchable_fields = ("code", "name")
    fields_default_sort = ("path",)

    def build_fields(self) -> list[BaseField]:
        return [
            self.text("code", read_only=True),
            self.text("name", required=True, maxlength=60),
            self.one_of("level", "level", LEVELS, read_only=True),
            self.text("parent_code", read_only=True),
            self.text("path", read_only=True, exclude_from_list=True),
            self.number("households", min=0, max=1_000_000),
            self.data("polygon", exclude_from_list=True),
        ]

    def rows_of(self, who: Who) -> ColumnElement[bool]:
        return col(Area.path).startswith(who.area_path, autoescape=True)

    async def validate(self, request: Request, data: dict[str, Any]) -> None:
        if not str(data.get("name") or "").strip():
            raise refuse(request, "name", "needed")
        if data.get("polygon") and not _is_polygon(data["polygon"]):
            raise refuse(request, "polygon", "polygon")

    async def after_edit_committed(self, request: Request, obj: Any) -> None:
        """The map in memory follows."""
        async with self.office.database.read() as session:
            await self.office.atlas.rebuild(session)


def _is_polygon(value: Any) -> bool:
    """A closed, simple polygon or several of them, in degrees."""
    try:
        form = shape(json.loads(value) if isinstance(value, str) else value)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, ShapelyError):
        return False
    west, south, east, north = form.bounds if not form.is_empty else (0.0, 0.0, 999.0, 0.0)
    in_degrees = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return form.geom_type in ("Polygon", "MultiPolygon") and bool(form.is_valid) and in_degrees


class StaffRecords(RecordView):
    """Staff: who serves where, with A/B duty. Nobody is deleted: histories point at them."""

    page, table, name = Page.STAFF, Staff, "staff"
    may_create = may_edit = CHIEFS
    searchable_fields = ("name", "unit")
    fields_default_sort = ("area_code",)

    def build_fields(self) -> list[BaseField]:
        return [
            self.number("id", read_only=True, exclude_from_create=True, exclude_from_edit=True, exclude_from_list=True),
            self.text("name", required=True, maxlength=60),
            self.one_of("role", "role", sorted(role.value for role in STAFF)),
            self.area(),
            self.one_of("duty", "duty", ("A", "B")),
            self.text("unit", maxlength=60),
            self.yes_no("on_duty"),
            self.yes_no("is_active"),
            self.text("channel", maxlength=12, exclude_from_list=True),
            self.text("channel_id", maxlength=128, exclude_from_list=True),
        ]

    def rows_of(self, who: Who) -> ColumnElement[bool]:
        return col(Staff.area_code).in_(codes_below(who))

    async def validate(self, request: Request, data: dict[str, Any]) -> None:
        if not str(data.get("name") or "").strip():
            raise refuse(request, "name", "needed")
        if not self._is_mine(str(data.get("area_code") or ""), who_of(request)):
            raise refuse(request, "area_code", "area")


class ItemRecords(RecordView):
    """The catalogue as people read it. What an item is changes by joint review; where and when, here."""

    page, table, name = Page.ITEMS, ServiceItem, "service-item"
    may_edit = SYSADMIN
    searchable_fields = ("code", "name", "aliases")
    fields_default_sort = ("code",)

    def build_fields(self) -> list[BaseField]:
        return [
            self.number("id", read_only=True, exclude_from_edit=True, exclude_from_list=True),
            self.text("code", read_only=True),
            self.text("name", read_only=True),
            self.one_of("level", "level", LEVELS, read_only=True),
            self.text("unit", read_only=True),
            self.long("materials", read_only=True, exclude_from_list=True),
            self.number("limit_working_days", read_only=True),
            self.one_of(
                "state", "item_state", ("draft", "review", "admitted", "adjusted", "cancelled"), read_only=True
            ),
            self.yes_no("deliverable", read_only=True),
            self.text("place", maxlength=120, exclude_from_list=True),
            self.text("hours", maxlength=120, exclude_from_list=True),
            self.text("phone", maxlength=40, exclude_from_list=True),
            self.text("desk_days", maxlength=120, exclude_from_list=True),
            self.text("window_a", maxlength=60, exclude_from_list=True),
            self.text("window_b", maxlength=60, exclude_from_list=True),
        ]


class ArticleRecords(RecordView):
    """Questions and answers; never shown to residents after `valid_until`."""

    page, table, name = Page.ARTICLES, Article, "article"
    may_create = may_edit = may_delete = SYSADMIN | DESK
    searchable_fields = ("question", "variants", "answer")

    def build_fields(self) -> list[BaseField]:
        return [
            self.number("id", read_only=True, exclude_from_create=True, exclude_from_edit=True, exclude_from_list=True),
            self.text("question", required=True, maxlength=200),
            self.long("variants", exclude_from_list=True),
            self.long("answer", required=True, exclude_from_list=True),
            self.area(required=False),
            self.text("owner", maxlength=60),
            self.day("valid_until"),
            self.yes_no("is_active"),
            self.number("helpful", read_only=True, exclude_from_create=True),
            self.number("unhelpful", read_only=True, exclude_from_create=True),
        ]

    def rows_of(self, who: Who) -> ColumnElement[bool]:
        return or_(col(Article.area_code) == "", col(Article.area_code).in_(codes_below(who)))

    async def validate(self, request: Request, data: dict[str, Any]) -> None:
        for name in ("question", "answer"):
            if not str(data.get(name) or "").strip():
                raise refuse(request, name, "needed")
        data["area_code"] = data.get("area_code") or ""
        data["variants"] = data.get("variants") or ""
        data["owner"] = data.get("owner") or ""
        if data["area_code"] and not self._is_mine(data["area_code"], who_of(request)):
            raise refuse(request, "area_code", "area")

    async def before_create(self, request: Request, data: dict[str, Any], obj: Any) -> None:
        await super().before_create(request, data, obj)
        obj.updated_at = panel_of(request).clock()

    async def before_edit(self, request: Request, data: dict[str, Any], obj: Any) -> None:
        obj.updated_at = panel_of(request).clock()


class UnansweredRecords(RecordView):
    """Questions nobody could answer yet, the most asked first."""

    page, table, name = Page.UNANSWERED, UnansweredQuestion, "unanswered"
    searchable_fields = ("text",)
    fields_default_sort = (("asked", True),)

    def build_fields(self) -> list[BaseField]:
        return [
            self.number("id", read_only=True, exclude_from_list=True),
            self.text("text"),
            self.number("asked"),
            self.moment("first_at"),
            self.moment("last_at"),
            self.moment("resolved_at"),
        ]


class CalendarRecords(RecordView):
    """The district's own days; they win over the public holidays."""

    page, table, name = Page.CALENDAR, CalendarDay, "calendar-day"
    may_create = may_edit = may_delete = SYSADMIN
    fields_default_sort = (("day", True),)

    def build_fields(self) -> list[BaseField]:
        return [
            self.number("id", read_only=True, exclude_from_create=True, exclude_from_edit=True, exclude_from_list=True),
            self.day("day", required=True),
            self.yes_no("is_working"),
            self.text("reason", required=True, maxlength=80),
        ]

    async def validate(self, request: Request, data: dict[str, Any]) -> None:
        for name in ("day", "reason"):
            if not data.get(name):
                raise refuse(request, name, "needed")


class RoutingRecords(RecordView):
    """Ordered rules that send matching cases elsewhere than to the grid."""

    page, table, name = Page.ROUTING, RoutingRule, "routing-rule"
    may_create = may_edit = may_delete = CHIEFS
    fields_default_sort = ("position",)

    def build_fields(self) -> list[BaseField]:
        return [
            self.number("id", read_only=True, exclude_from_create=True, exclude_from_edit=True, exclude_from_list=True),
            self.number("position", required=True, min=0, max=9999),
            self.text("name", required=True, maxlength=80),
            self.data("when"),
            self.one_of("target_kind", "target_kind", ("person", "unit", "queue")),
            self.text("target", required=True, maxlength=60),
            self.yes_no("is_active"),
            self.text("disabled_because", read_only=True, exclude_from_create=True),
        ]

    async def validate(self, request: Request, data: dict[str, Any]) -> None:
        for name in ("name", "target"):
            if not data.get(name):
                raise refuse(request, name, "needed")
        lists = ("categories", "kinds", "urgencies", "areas", "sources")
        when = data.get("when") or {}
        data["when"] = when
        if not isinstance(when, dict) or any(
            name not in lists or not isinstance(value, list) for name, value in when.items()
        ):
            raise refuse(request, "when", "when")

    def rows_of(self, who: Who) -> ColumnElement[bool]:
        return true()


VIEWS: tuple[type[RecordView], ...] = (
    AreaRecords,
    StaffRecords,
    ItemRecords,
    ArticleRecords,
    UnansweredRecords,
    CalendarRecords,
    RoutingRecords,
    AuditRecords,
    SecurityRecords,
)
