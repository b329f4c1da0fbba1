"""Which news is worth what: how long it stays news, how long it may wait for its own channel, and what is worth a call.

Read as tables; the milestones are those of `backend/cases/milestones.py` and `backend/items/milestones.py`.
"""

from datetime import timedelta

from backend.notices.outbox import BULK, NORMAL, URGENT

# An operator telephones for these when nothing else reaches the resident; other steps can be read on the case page.
CALL_FOR = frozenset(
    {
        "done", "answered", "redo", "waiting", "rejected", "void", "transferred_out", "reopen_declined", "reply",
        "ready", "incomplete", "refused", "approved", "delivery_changed", "visit_failed",
    }
)  # fmt: skip
STAFF_CALL_FOR = frozenset({"task_new", "emergency", "unowned", "redo"})

# Worse late than never told: after this these are suppressed as stale, and the ledger says so.
STALE_AFTER = {
    "on_the_way": timedelta(hours=2),
    "warning_half": timedelta(hours=12),
    "draft_reminder": timedelta(hours=12),
    "morning_list": timedelta(hours=6),
    "overdue_list": timedelta(hours=6),
    "daily_brief": timedelta(hours=12),
    "weekly_brief": timedelta(days=2),
    "appointment_tomorrow": timedelta(hours=20),
    "reply": timedelta(hours=24),
}

# A person's own channel is worth waiting for while it is stopped; after this the next route is taken.
PATIENCE = {URGENT: timedelta(minutes=2), NORMAL: timedelta(hours=1), BULK: timedelta(hours=6)}


# What belongs to a person's own matters although it names neither a case nor an application.
OWN_MATTERS = frozenset(
    {"link_code", "appointment_reminder", "appointment_moved_up", "appointment_closed", "draft_reminder"}
)


def is_own_matter(milestone: str, *, has_subject: bool) -> bool:
    """Whether somebody who asked not to be contacted still hears it. `has_subject`: it is about a case, an application
    or an answer in their chat."""
    return has_subject or milestone in OWN_MATTERS


def deserves_call(milestone: str, audience: str) -> bool:
    """Whether an operator should telephone when every other way is closed."""
    return milestone in (CALL_FOR if audience == "resident" else STAFF_CALL_FOR)
