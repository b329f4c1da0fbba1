"""The table of scheduled jobs: name, how often, what it does. A job finds due rows and returns how many it handled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from backend.cases.resuming import resume_due
from backend.cases.sweeping import sweep
from backend.jobs.calendar_check import warn_of_unknown_holidays
from backend.jobs.digests import write_digests
from backend.jobs.housekeeping import forget_old, forget_uploads, prune_audit, refresh_atlas
from backend.jobs.item_clockwork import (
    close_applications,
    lay_out_desks,
    start_item_forms,
    warn_of_late_applications,
)
from backend.office import Office
from backend.personal.erasing import forget_traces
from backend.reports.checking import verify_rollups
from backend.reports.keeping import refresh_reports

Run = Callable[[Office, datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Job:
    """One row. `seconds` between ticks; a tick that comes late runs once, not several times."""

    name: str
    seconds: int
    run: Run


JOBS: tuple[Job, ...] = (
    Job("sweep", 20, sweep),  # clocks that have come to a warning; the cards are counted in minutes
    Job("refresh_reports", 20, refresh_reports),  # flags and sums of the cases that changed
    Job("verify_rollups", 24 * 3600, verify_rollups),  # the sums against the slow query
    Job("resume_due", 300, resume_due),  # pending time over, resident silent for a week
    Job("holidays", 6 * 3600, warn_of_unknown_holidays),  # next year's holidays not entered yet: once a month
    Job("close_applications", 3600, close_applications),  # collected a week ago, or past the time to appeal
    Job("start_item_forms", 3600, start_item_forms),  # changed items whose first day has come
    Job("lay_out_desks", 3600, lay_out_desks),  # four weeks of spans for every rotating desk
    Job("late_applications", 900, warn_of_late_applications),  # a day before the statutory limit, and past it
    Job("digests", 60, write_digests),  # morning lists, overdue lists, leaders' briefs at their local times
    Job("refresh_atlas", 30, refresh_atlas),  # areas or addresses changed by another process
    Job("forget_old", 3600, forget_old),  # raw messages, nonces and ended sessions past their time
    Job("forget_uploads", 3600, forget_uploads),  # raw photos of the web chat, re-encoded a day ago
    Job("forget_traces", 3600, forget_traces),  # the chats of people who asked to be forgotten a day ago
    Job("prune_audit", 6 * 3600, prune_audit),  # audit lines past their time (setting `audit_days`)
)
