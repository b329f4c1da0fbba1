"""Every table of the house in one list: importing this module makes them known to migrations and to tests."""

from sqlmodel import SQLModel

import backend.api.models
import backend.areas.models
import backend.cases.models
import backend.conversations.models
import backend.db.counters
import backend.intake.models
import backend.items.models
import backend.knowledge.models
import backend.notices.mailbox
import backend.notices.models
import backend.people.models
import backend.reports.models

ROOMS = (
    backend.api.models,
    backend.areas.models,
    backend.cases.models,
    backend.conversations.models,
    backend.db.counters,
    backend.intake.models,
    backend.items.models,
    backend.knowledge.models,
    backend.notices.mailbox,
    backend.notices.models,
    backend.people.models,
    backend.reports.models,
)
ALL = tuple(sorted(SQLModel.metadata.tables))

INVERTED_INDEX = backend.cases.models.CASE_WORDS  # SQLite keeps it in tables of its own, which no migration compares
