"""One office: the long-lived parts that the desk's verbs need, put together once by the composition root."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:  # every room may hold the office, so the office may load none of them
    from backend.areas.atlas import Atlas
    from backend.db.database import Database
    from backend.intake.inbox import Inbox
    from backend.knowledge.library import Library
    from backend.notices.outbox import Outbox
    from backend.people.audit import Auditor
    from backend.people.vault import Vault
    from backend.texts import Texts
    from nlu.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Office:
    """Everything a verb may need besides its transaction and `now`. Immutable, but `atlas` and `library` reload."""

    district_code: str
    zone: ZoneInfo
    database: "Database"
    vault: "Vault"
    auditor: "Auditor"
    inbox: "Inbox"
    outbox: "Outbox"
    texts: "Texts"
    taxonomy: "Taxonomy"
    atlas: "Atlas"
    library: "Library"
    media_folder: Path
    public_url: str
    is_demo: bool = False

    def local(self, moment: datetime) -> datetime:
        """The same instant on the district's clock."""
        return moment.astimezone(self.zone)
