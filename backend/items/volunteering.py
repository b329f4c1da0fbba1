"""Volunteer services: which kind of help is meant, and which group near the resident gives it.

The kinds stand in `volunteering.yml`. A request without a group is kept and the dispatchers of the place are told.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.cases.history import path_codes
from backend.cases.telling import chiefs_of
from backend.db.counters import next_number
from backend.items.finding import ItemIndex
from backend.items.models import VolunteerGroup, VolunteerRequest
from backend.items.refusals import ItemUnknown
from backend.items.wording import wording
from backend.notices.letters import Outgoing
from backend.notices.outbox import ToTell
from backend.office import Office
from backend.people.models import Resident


@dataclass(frozen=True, slots=True)
class VolunteerKind:
    """One kind of help; `code` is `class.kind`. `score` 0..1 is about the words it was found by."""

    code: str
    name: str
    class_name: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class VolunteerFacts:
    """A request as it may be told to the resident. `state`: asked (no group yet) or matched."""

    number: str
    kind: VolunteerKind
    group_name: str
    state: str


class Kinds:
    """The table of kinds; immutable."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.by_code = {
            f"{of}.{code}": VolunteerKind(f"{of}.{code}", kind["name"], body["name"])
            for of, body in table.items()
            for code, kind in body["kinds"].items()
        }
        names = [
            (f"{of}.{code}", kind["name"], ";".join(kind["aliases"]), "admitted")
            for of, body in table.items()
            for code, kind in body["kinds"].items()
        ]
        self._index = ItemIndex(names, wording())

    def find(self, text: str) -> VolunteerKind | None:
        """The likeliest kind; None when none is near."""
        found = self._index.find(text, 1)
        if not found:
            return None
        kind = self.by_code[found[0].code]
        return VolunteerKind(kind.code, kind.name, kind.class_name, found[0].score)


@lru_cache(maxsize=1)
def kinds() -> Kinds:
    """The packaged table."""
    return Kinds(yaml.safe_load(files("backend.items").joinpath("volunteering.yml").read_text(encoding="utf-8")))


async def ask(
    session: AsyncSession, office: Office, resident: Resident, kind: str, text: str, area_code: str, now: datetime
) -> VolunteerFacts:
    """Files a request and tells the group that serves the place, or the dispatchers when there is none."""
    meant = kinds().by_code.get(kind)
    if meant is None or resident.id is None:
        raise ItemUnknown(code=kind)
    path = await path_codes(session, area_code)
    group = await group_for(session, kind, path)
    request = VolunteerRequest(
        district_code=office.district_code,
        number=await next_number(session, office.district_code, office.local(now).date()),
        resident_id=resident.id,
        kind=kind,
        text=text,
        area_code=path[-1],
        group_id=group.id if group is not None else None,
        state="matched" if group is not None else "asked",
        created_at=now,
        updated_at=now,
    )
    session.add(request)
    await session.flush()
    await _tell_group(session, office, request, group, "".join(f"{code}/" for code in path), now)
    return VolunteerFacts(request.number, meant, group.name if group is not None else "", request.state)


async def group_for(session: AsyncSession, kind: str, path: tuple[str, ...]) -> VolunteerGroup | None:
    """The group of this kind that serves the smallest area around the place; then the oldest."""
    rows = await session.exec(
        select(VolunteerGroup)
        .where(col(VolunteerGroup.is_active), col(VolunteerGroup.area_code).in_(path))
        .order_by(col(VolunteerGroup.id))
    )
    wanted = {kind, kind.partition(".")[0]}
    fitting = [row for row in rows.all() if wanted & set(row.kinds.split(";"))]
    return max(fitting, key=lambda row: (path.index(row.area_code), -(row.id or 0)), default=None)


async def _tell_group(
    session: AsyncSession,
    office: Office,
    request: VolunteerRequest,
    group: VolunteerGroup | None,
    area_path: str,
    now: datetime,
) -> None:
    people: list[Staff] = []
    if group is not None and group.contact_staff_id is not None:
        contact = await session.get(Staff, group.contact_staff_id)
        people = [contact] if contact is not None and contact.is_active else []
    milestone = "volunteer_new" if people else "volunteer_unmatched"
    facts = {
        "number": request.number,
        "kind": kinds().by_code[request.kind].name,
        "area": office.atlas.full_name(request.area_code),
        "text": request.text,
    }
    letter = Outgoing(text=office.texts.say(f"items.chiefs.{milestone}", **facts), template=milestone)
    for person in people or await chiefs_of(session, area_path):
        notice = ToTell(
            milestone=milestone,
            audience="staff",
            letter=letter,
            dedupe_key=f"volunteer:{request.id}:{milestone}:s{person.id}",
            order_key=f"volunteer:{request.id}:s{person.id}",
            staff_id=person.id,
        )
        await office.outbox.write(session, notice, now)
