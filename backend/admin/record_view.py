"""What all record pages share: the page's roles, rows chosen in the query, labels in two languages, an audit line."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from babel.support import LazyProxy
from sqlalchemy import ColumnElement, Select, func, select, true
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette_admin.contrib.sqla import ModelView
from starlette_admin.fields import (
    BaseField,
    BooleanField,
    DateField,
    DateTimeField,
    EnumField,
    IntegerField,
    StringField,
    TextAreaField,
)
from starlette_admin.i18n import get_locale

from backend.admin.panel import panel_of
from backend.admin.rights import Page, may_open
from backend.admin.who import Who, who_of
from backend.domain.words import Role
from backend.office import Office

READ_ONLY: frozenset[Role] = frozenset()


def lazy(office: Office, key: str) -> Any:
    """A text of the panel in the language of whoever reads the page that shows it."""
    return LazyProxy(
        lambda: office.texts.say(f"panel.{key}", "en" if get_locale() == "en" else "zh_CN"), enable_cache=False
    )


class JsonText(TextAreaField):
    """JSON in a plain text box: the library's own editor writes styles into the page, which our policy forbids."""

    async def parse_form_data(self, request: Request, form_data: FormData) -> Any:
        """The value; text that is no JSON stays text, for `validate` to refuse."""
        raw = str(form_data.get(self.id) or "").strip()
        try:
            return json.loads(raw) if raw else None
        except ValueError:
            return raw

    async def serialize_value(self, request: Request, value: Any) -> str:
        """Indented, with Chinese as Chinese."""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


class RecordView(ModelView):
    """A table as pages. Subclasses say which page it belongs to, which rows, which fields, and who may change them."""

    page: ClassVar[Page]
    table: ClassVar[type[Any]]
    name: ClassVar[str]  # key in the address and in the texts
    may_create: ClassVar[frozenset[Role]] = READ_ONLY
    may_edit: ClassVar[frozenset[Role]] = READ_ONLY
    may_delete: ClassVar[frozenset[Role]] = READ_ONLY

    page_size = 50
    page_size_options: Sequence[int] = (25, 50, 100)
    exporters: Sequence[Any] = ()
    importers: Sequence[Any] = ()
    column_visibility = False

    def __init__(self, office: Office) -> None:
        self.office = office
        self.fields = self.build_fields()
        title = lazy(office, f"nav.{self.page.value}")
        super().__init__(self.table, key=self.name, display_name=title, menu_label=title)
        if self._pk_coerce is object:  # a column type of SQLModel's own that names no Python type
            self._pk_coerce = str

    # ── for subclasses ───────────────────────────────────────────────────────────────────────────────────
    def build_fields(self) -> list[BaseField]:
        """The fields, in order."""
        raise LookupError(self.name)

    def rows_of(self, who: Who) -> ColumnElement[bool]:
        """Which rows this person may know of."""
        return true()

    # ── fields in both languages ─────────────────────────────────────────────────────────────────────────
    def text(self, name: str, **more: Any) -> BaseField:
        """One line."""
        return StringField(name, label=lazy(self.office, f"record.{name}"), **more)

    def long(self, name: str, **more: Any) -> BaseField:
        """Several lines."""
        return TextAreaField(name, label=lazy(self.office, f"record.{name}"), **more)

    def number(self, name: str, **more: Any) -> BaseField:
        """A whole number."""
        return IntegerField(name, label=lazy(self.office, f"record.{name}"), **more)

    def yes_no(self, name: str, **more: Any) -> BaseField:
        """A tick."""
        return BooleanField(name, label=lazy(self.office, f"record.{name}"), default=True, **more)

    def day(self, name: str, **more: Any) -> BaseField:
        """A date."""
        return DateField(name, label=lazy(self.office, f"record.{name}"), **more)

    def moment(self, name: str, **more: Any) -> BaseField:
        """A time, shown on the district's clock."""
        return DateTimeField(name, label=lazy(self.office, f"record.{name}"), **more)

    def data(self, name: str, **more: Any) -> BaseField:
        """Structured data as JSON."""
        return JsonText(name, label=lazy(self.office, f"record.{name}"), **more)

    def one_of(self, name: str, texts: str, values: Sequence[str], **more: Any) -> BaseField:
        """One of a closed list, each with the label `panel.<texts>.<value>`."""
        choices = [(value, lazy(self.office, f"{texts}.{value}")) for value in values]
        return EnumField(name, label=lazy(self.office, f"record.{name}"), choices=choices, **more)

    def area(self, name: str = "area_code", **more: Any) -> BaseField:
        """An area by its code, chosen by its name."""
        label = lazy(self.office, f"record.{name}")
        return EnumField(name, label=label, choices_loader=self._area_choices, **more)

    def _area_choices(self, request: Request) -> list[tuple[Any, str]]:
        atlas, who = self.office.atlas, who_of(request)
        codes = [code for level in ("district", "street", "community", "grid") for code in atlas.codes(level)]
        return [(code, atlas.full_name(code)) for code in codes if self._is_mine(code, who)]

    def _is_mine(self, code: str, who: Who) -> bool:
        area = self.office.atlas.area(code)
        return area is not None and "".join(f"{one}/" for one in area.path).startswith(who.area_path)

    # ── who may what ─────────────────────────────────────────────────────────────────────────────────────
    def is_accessible(self, request: Request) -> bool:
        """The page's roles."""
        return may_open(who_of(request), self.page)

    def can_create(self, request: Request) -> bool:
        """The roles that add rows."""
        return who_of(request).role in self.may_create

    def can_edit(self, request: Request) -> bool:
        """The roles that change rows."""
        return who_of(request).role in self.may_edit

    def can_delete(self, request: Request) -> bool:
        """The roles that remove rows."""
        return who_of(request).role in self.may_delete

    def can_export(self, request: Request) -> bool:
        """Exports go through the reports, which mask and mark them."""
        return False

    def can_import(self, request: Request) -> bool:
        """Lists come in through `linli import`, all or nothing."""
        return False

    def get_list_query(self, request: Request) -> Select[Any]:
        """Rows are chosen in the query."""
        return select(self.model).where(self.rows_of(who_of(request)))

    def get_count_query(self, request: Request) -> Select[Any]:
        """The same rows, counted."""
        return select(func.count()).select_from(self.model).where(self.rows_of(who_of(request)))

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        """The row of this key; a key that cannot be one is simply not there."""
        try:
            return await super().find_by_pk(request, pk)
        except (TypeError, ValueError):
            return None

    # ── every change leaves a line ───────────────────────────────────────────────────────────────────────
    async def before_create(self, request: Request, data: dict[str, Any], obj: Any) -> None:
        """Every row belongs to the district."""
        obj.district_code = self.office.district_code

    async def after_create(self, request: Request, obj: Any) -> None:
        """Writes the audit line in the same transaction."""
        await self._audit(request, "create", obj)

    async def after_edit(self, request: Request, obj: Any) -> None:
        """Writes the audit line in the same transaction."""
        await self._audit(request, "edit", obj)

    async def before_delete(self, request: Request, obj: Any) -> None:
        """Writes the audit line in the same transaction."""
        await self._audit(request, "delete", obj)

    async def _audit(self, request: Request, verb: str, obj: Any) -> None:
        who = who_of(request)
        shown = {name: str(getattr(obj, name, ""))[:120] for name in self._columns if not name.endswith("_sealed")}
        shown = {name: value for name, value in shown.items() if not name.startswith("phone") and name != "polygon"}
        await self.office.auditor.record(
            request.state.session,
            at=panel_of(request).clock(),
            actor=who.audit_key,
            action=f"{verb}_{self.name.replace('-', '_')}",
            subject=f"{self.name}:{getattr(obj, self.pk_attr or 'id', '')}",
            row=shown,
        )
