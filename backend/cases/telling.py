"""From a milestone to rows in the outbox: who hears it, in which language, with which buttons and page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area, Staff
from backend.cases.links import new_link
from backend.cases.milestones import Tell
from backend.cases.models import Case, CaseReporter
from backend.notices.letters import Choice, Link, Outgoing
from backend.notices.outbox import BULK, URGENT, ToTell
from backend.office import Office
from backend.people.models import Resident

BROADCAST_FROM = 10  # as many reporters make a broadcast, which gives way to single notices


@dataclass(frozen=True, slots=True)
class Occasion:
    """What happened: the case after the move, the history row's place, and the facts for the sentence."""

    case: Case
    seq: int
    now: datetime
    former: str | None = None  # actor key of who held it before
    facts: dict[str, str] = field(default_factory=dict)
    persons: tuple[str, ...] = ()  # these members of staff are told, whoever the row names
    subjects: tuple[str, ...] = ()  # whom the case is about: they and their teams never hear of it
    key: str = ""  # says "once" where the place in history does not (a warning belongs to a clock)


async def tell(session: AsyncSession, office: Office, tell_row: Tell, occasion: Occasion) -> int:
    """Writes the notices of one row of the table; how many were written."""
    if tell_row.to == "resident":
        return await _tell_reporters(session, office, tell_row, occasion)
    staff = [
        person
        for person in await _staff_to_tell(session, tell_row, occasion)
        if not _is_about(person, occasion.subjects)
    ]
    written = 0
    for person in staff:
        written += await _tell_staff(session, office, tell_row, occasion, person)
    return written


async def _tell_reporters(session: AsyncSession, office: Office, row: Tell, occasion: Occasion) -> int:
    case = occasion.case
    reporters = await session.exec(
        select(Resident)
        .join(CaseReporter, col(CaseReporter.resident_id) == col(Resident.id))
        .where(CaseReporter.case_id == case.id, col(Resident.erased_at).is_(None))
        .order_by(col(Resident.id))
    )
    people = list(reporters.all())
    for resident in people:
        assert resident.id is not None
        url = await new_link(session, office, "case", occasion.now, case_id=case.id, resident_id=resident.id)
        said = replace(row, milestone="closed_quietly", buttons=()) if _asks_too_much(row, resident) else row
        letter = _letter(office, said, occasion, resident.language, f"c:{{}}:{case.number}", url, page=True)
        await office.outbox.write(
            session,
            ToTell(
                milestone=row.milestone,
                audience="resident",
                letter=letter,
                dedupe_key=f"case:{case.id}:{occasion.seq}:{row.milestone}:r{resident.id}",
                order_key=f"case:{case.id}:r{resident.id}",
                lane=_lane(row, case, len(people)),
                case_id=case.id,
                resident_id=resident.id,
            ),
            occasion.now,
        )
    return len(people)


def _asks_too_much(row: Tell, resident: Resident) -> bool:
    """Whoever asked not to be contacted again hears the end of the case, but is not asked for stars."""
    return row.milestone == "closed" and not resident.may_contact


def _lane(row: Tell, case: Case, how_many: int) -> int:
    if case.urgency == "emergency":
        return URGENT
    return BULK if how_many >= BROADCAST_FROM else row.lane


async def _tell_staff(session: AsyncSession, office: Office, row: Tell, occasion: Occasion, person: Staff) -> int:
    case = occasion.case
    url = ""
    if row.page:
        url = await new_link(session, office, "task", occasion.now, case_id=case.id, staff_id=person.id)
    letter = _letter(office, row, occasion, "zh_CN", f"t:{{}}:{case.number}", url, page=row.page)
    written = await office.outbox.write(
        session,
        ToTell(
            milestone=row.milestone,
            audience="worker" if row.to in ("worker", "former_worker") else "staff",
            letter=letter,
            dedupe_key=f"case:{case.id}:{occasion.key or occasion.seq}:{row.milestone}:s{person.id}",
            order_key=f"case:{case.id}:s{person.id}",
            lane=row.lane,
            case_id=case.id,
            staff_id=person.id,
        ),
        occasion.now,
    )
    return int(written is not None)


def _letter(
    office: Office, row: Tell, occasion: Occasion, language: str, choice_form: str, url: str, *, page: bool
) -> Outgoing:
    case = occasion.case
    say = office.texts.say
    who = "worker" if row.to == "former_worker" else row.to
    facts: dict[str, str] = {
        "number": case.number,
        "title": case.title,
        "place": case.place or say("notices.part.no_place", language),
        "category": office.taxonomy.name_of(case.category_code),
        "urgency": say(f"notices.urgency.{case.urgency}", language),
        "reason": "",
        "text": "",
        "who": say("notices.part.somebody", language),
        "due": say("notices.part.no_due", language),
        **occasion.facts,
    }
    text = say(f"notices.{who}.{row.milestone}", language, seed=case.number, **facts)
    return Outgoing(
        text=text,
        choices=tuple(
            Choice(choice_form.format(name), say(f"notices.button.{name}", language)) for name in row.buttons
        ),
        link=Link(say(f"notices.page.{who}", language), url) if page and url else None,
        template=f"{who}.{row.milestone}",
        fields={name: facts[name][:20] for name in ("number", "category", "place", "due")},
    )


async def _staff_to_tell(session: AsyncSession, row: Tell, occasion: Occasion) -> list[Staff]:
    if occasion.persons:
        return await staff_by_keys(session, occasion.persons)
    if row.to == "chiefs":
        return await chiefs_of(session, holding_path(occasion.case), occasion.subjects)
    if row.to == "leader":
        return []
    holder = occasion.former if row.to == "former_worker" else occasion.case.assignee
    if holder is None and row.to == "worker" and occasion.case.unit:
        return await _unit_members(session, occasion.case)
    if holder is None or not holder.startswith("staff:"):
        return []
    person = await session.get(Staff, int(holder.removeprefix("staff:")))
    return [person] if person is not None and person.is_active else []


async def _unit_members(session: AsyncSession, case: Case) -> list[Staff]:
    found = await session.exec(
        select(Staff).where(Staff.unit == case.unit, col(Staff.is_active)).order_by(col(Staff.id))
    )
    return list(found.all())


async def staff_by_keys(session: AsyncSession, keys: Iterable[str]) -> list[Staff]:
    """The active members of staff behind actor keys (`staff:12`), in order of id; other keys are left out."""
    ids = [int(key.removeprefix("staff:")) for key in keys if key.startswith("staff:")]
    found = await session.exec(
        select(Staff).where(col(Staff.id).in_(ids), col(Staff.is_active)).order_by(col(Staff.id))
    )
    return list(found.all())


def holding_path(case: Case) -> str:
    """The path down to the area that holds the case now: below it nobody is to decide any more."""
    codes = case.area_path.strip("/").split("/")
    held = codes[: codes.index(case.area_code) + 1] if case.area_code in codes else codes
    return "".join(f"{code}/" for code in held)


def _is_about(person: Staff, subjects: Collection[str]) -> bool:
    return f"staff:{person.id}" in subjects or (person.unit is not None and person.unit in subjects)


async def chiefs_of(session: AsyncSession, area_path: str, subjects: Collection[str] = ()) -> list[Staff]:
    """The dispatchers nearest above a place: of its community, else of its street, else of the district; none whom
    the case is about."""
    codes = area_path.strip("/").split("/")
    found = await session.exec(
        select(Staff)
        .join(Area, col(Area.code) == col(Staff.area_code))
        .where(Staff.role == "dispatcher", col(Staff.is_active), col(Staff.area_code).in_(codes))
        .order_by(col(Area.path).desc(), col(Staff.id))
    )
    people = [person for person in found.all() if not _is_about(person, subjects)]
    return [person for person in people if person.area_code == people[0].area_code] if people else []
