"""What happened in the house, for the auditor's eyes: the chained audit log and the security events. Read-only."""

from starlette_admin.fields import BaseField

from backend.admin.record_view import RecordView
from backend.admin.rights import Page
from backend.people.models import AuditEntry, SecurityEvent


class AuditRecords(RecordView):
    """The audit log, for the auditor's eyes, never to be changed."""

    page, table, name = Page.AUDIT, AuditEntry, "audit"
    searchable_fields = ("actor", "action", "subject")
    fields_default_sort = (("id", True),)

    def build_fields(self) -> list[BaseField]:
        return [
            self.number("id", read_only=True),
            self.moment("at"),
            self.text("actor"),
            self.text("action"),
            self.text("subject"),
            self.data("detail", exclude_from_list=True),
            self.text("mac", exclude_from_list=True),
        ]


class SecurityRecords(RecordView):
    """Forged webhooks, replays, guessed links."""

    page, table, name = Page.AUDIT, SecurityEvent, "security-event"
    searchable_fields = ("kind",)
    fields_default_sort = (("id", True),)

    def build_fields(self) -> list[BaseField]:
        return [self.number("id", read_only=True), self.moment("at"), self.text("kind"), self.data("detail")]
