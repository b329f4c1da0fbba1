"""Filing: what a resident said (or an operator typed, or a worker saw) becomes a case with a number and an owner.

What the resident wrote is kept twice: sealed as they wrote it, and with phones, id cards and names masked, which is
all that workers, searches and reports ever see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area, Staff
from backend.areas.roster import staff_key
from backend.cases.dispatching import find_owner
from backend.cases.history import facts_for, path_codes
from backend.cases.models import Attachment, Case
from backend.cases.moving import record
from backend.db.counters import next_number
from backend.domain.case_view import Actor
from backend.domain.duty import StaffOnRoster, barred
from backend.domain.lifecycle import begin, file_case
from backend.domain.words import LADDER, Kind, Role, Source, Urgency
from backend.office import Office
from backend.people.masked import mask_id_card, mask_name, mask_numbers, mask_phone
from backend.people.residents import resident_key, wrapped_key
from nlu.contract import Entity, EntityType

TITLE_LENGTH = 30  # what fits one line on a phone
_MASKS = {EntityType.PHONE: mask_phone, EntityType.ID_CARD: mask_id_card, EntityType.PERSON: mask_name}


@dataclass(frozen=True, slots=True)
class NewCase:
    """A complete draft. `area_code` is the deepest area known for sure; `candidates` are grids it may be in."""

    text: str
    kind: Kind
    category: str
    urgency: Urgency
    source: Source
    area_code: str
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    entities: tuple[Entity, ...] = ()
    attachments: tuple[int, ...] = ()
    resident_id: int | None = None
    anonymous: bool = False
    category_sure: bool = True
    candidates: tuple[str, ...] = ()
    against: tuple[str, ...] = ()  # actor keys and units complained about
    against_text: str = ""
    answers: tuple[tuple[str, str], ...] = ()  # follow-up questions and what was said


def mask_entities(text: str, entities: Sequence[Entity]) -> str:
    """The text with every phone, id card and person masked; spans index `text`."""
    masked = text
    for entity in sorted(entities, key=lambda one: one.start, reverse=True):
        mask = _MASKS.get(entity.type)
        if mask is not None and text[entity.start : entity.end]:
            masked = masked[: entity.start] + mask(text[entity.start : entity.end]) + masked[entity.end :]
    return masked


async def file_new(
    session: AsyncSession,
    office: Office,
    new: NewCase,
    actor: Actor,
    now: datetime,
    actor_name: str = "",
    *,
    is_taken: bool = False,
) -> Case:
    """Files the case, joins its photos to it and finds it an owner; all in the caller's transaction.

    `is_taken`: the filer settles it at once, so nobody else is looked for.
    """
    number = await next_number(session, office.district_code, office.local(now).date())
    path = await path_codes(session, new.area_code)
    level = LADDER[max(0, 4 - len(path))]
    events = file_case(
        number,
        actor,
        facts_for(
            kind=new.kind,
            category=new.category or "other",
            urgency=new.urgency,
            source=new.source,
            area_path=path,
            level=level,
            reporters=(resident_key(new.resident_id),) if new.resident_id else (),
            subjects=await _barred(session, path, new.against),
            demands=_demands(office, new),
            evidence=("photo",) if new.attachments else (),
        ),
        now,
    )
    case = await _row_for(session, office, new, number, path, level.value, now)
    view = begin(events[0])
    await record(session, office, case, None, events, actor_name)
    await _adopt_attachments(session, case, new.attachments)
    if not is_taken:
        await find_owner(session, office, case, view, now, candidates=new.candidates)
    await session.refresh(case)
    return case


async def _barred(session: AsyncSession, path: tuple[str, ...], against: tuple[str, ...]) -> tuple[str, ...]:
    """Everybody the case must never reach: those complained about, their teams, and all who serve an accused place."""
    if not against:
        return ()
    keys = [int(key.removeprefix("staff:")) for key in against if key.startswith("staff:")]
    teams = select(Staff.unit).where(col(Staff.id).in_(keys), col(Staff.unit).is_not(None))
    found = await session.exec(
        select(Staff).where(
            col(Staff.area_code).in_(path)
            | col(Staff.id).in_(keys)
            | col(Staff.unit).in_(against)
            | col(Staff.unit).in_(teams)
        )
    )
    people = [
        StaffOnRoster(staff_key(row.id), Role(row.role), row.area_code, row.on_duty, unit=row.unit)
        for row in found.all()
    ]
    of_place = {person.id for person in people if person.area in against}
    return tuple(sorted(barred(people, {*against, *of_place})))


def _demands(office: Office, new: NewCase) -> tuple[str, ...]:
    """The evidence its category asks for before closing, and only where somebody goes to look."""
    leaf = office.taxonomy.leaves.get(new.category)
    if leaf is None or leaf.evidence == "none" or new.kind in (Kind.CONSULTATION, Kind.SUGGESTION, Kind.PRAISE):
        return ()
    return ("photo_after",) if leaf.evidence == "photo" else ()


async def _row_for(
    session: AsyncSession, office: Office, new: NewCase, number: str, path: tuple[str, ...], level: str, now: datetime
) -> Case:
    masked = mask_numbers(mask_entities(new.text, new.entities))
    answers = "".join(f"\n{question}: {answer}" for question, answer in new.answers)
    sealed = None
    if new.resident_id is not None:
        sealed = office.vault.seal(await wrapped_key(session, new.resident_id), new.text + answers)
    case = Case(
        district_code=office.district_code,
        number=number,
        kind=new.kind.value,
        source=new.source.value,
        state="received",
        urgency=new.urgency.value,
        category_code=new.category,
        category_sure=new.category_sure,
        title=_title(masked),
        description=masked + mask_numbers(answers),
        description_sealed=sealed,
        place=mask_numbers(new.place)[:200],
        lat=new.lat,
        lon=new.lon,
        grid_code=path[-1] if level == "grid" else None,
        area_code=path[-1],
        area_path="".join(f"{code}/" for code in path),
        level=level,
        against=mask_numbers(new.against_text)[:120] or None,
        resident_id=new.resident_id,
        anonymous=new.anonymous,
        created_at=now,
        updated_at=now,
        is_demo=office.is_demo,
    )
    session.add(case)
    await session.flush()
    return case


def _title(text: str) -> str:
    """The first sentence, cut to one line."""
    first = text.strip().splitlines()[0] if text.strip() else ""
    for stop in "。！？!?；;":
        head = first.split(stop, 1)[0]
        first = head if len(head) >= 4 else first
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"


async def _adopt_attachments(session: AsyncSession, case: Case, attachments: tuple[int, ...]) -> None:
    if not attachments:
        return
    rows = await session.exec(select(Attachment).where(col(Attachment.id).in_(attachments)))
    for row in rows.all():
        row.case_id = case.id
        session.add(row)


async def boundary_street(session: AsyncSession, grid_codes: Sequence[str]) -> str | None:
    """The deepest area that holds all candidates: whose queue decides an unclear boundary."""
    paths = []
    for code in grid_codes:
        area = await session.get(Area, code)
        if area is not None:
            paths.append(area.path.strip("/").split("/"))
    shared: str | None = None
    for step in zip(*paths, strict=False):
        if len(set(step)) > 1:
            break
        shared = step[0]
    return shared
