"""From a step of an application to rows in the outbox: who hears it, in which language, with which buttons and page."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.cases.links import new_link
from backend.cases.telling import chiefs_of
from backend.domain.case_view import Event
from backend.items.door import door_code_of
from backend.items.history import SEPARATOR
from backend.items.milestones import Tell
from backend.items.models import Application
from backend.items.slots import day_label, slot_label
from backend.notices.letters import Choice, Link, Outgoing
from backend.notices.outbox import ToTell
from backend.office import Office
from backend.people.models import Resident
from backend.people.residents import resident_key


@dataclass(frozen=True, slots=True)
class Step:
    """What happened: the event, its place in the history, and who held the delivery before."""

    event: Event
    seq: int
    may_deliver: bool
    former_courier: int | None = None


async def tell(session: AsyncSession, office: Office, application: Application, row: Tell, step: Step) -> int:
    """Writes the notices of one row of the table; how many were written."""
    if row.to == "resident":
        return await _tell_resident(session, office, application, row, step)
    written = 0
    for person in await _staff_for(session, application, row, step):
        written += await _tell_staff(session, office, application, row, step, person)
    return written


async def _tell_resident(session: AsyncSession, office: Office, application: Application, row: Tell, step: Step) -> int:
    resident = await session.get(Resident, application.resident_id) if application.resident_id else None
    if resident is None or resident.id is None or resident.erased_at is not None:
        return 0
    if step.event.actor_id == resident_key(resident.id):
        return 0
    now = step.event.at
    url = await new_link(session, office, "application", now, application_id=application.id, resident_id=resident.id)
    code = await door_code_of(session, office, application)
    facts = spoken_facts(office, application, step, resident.language) | {"code": code}
    if application.delivery_staff_id is not None:
        facts["who"] = await courier_title(session, office, application.delivery_staff_id, resident.language)
    letter = _letter(office, application, row, facts, resident.language, url)
    if not step.may_deliver:
        letter = _without_delivery(office, application, row, facts, resident.language, letter)
    return await _write(office, session, application, row, step, letter, resident_id=resident.id)


async def _tell_staff(
    session: AsyncSession, office: Office, application: Application, row: Tell, step: Step, person: Staff
) -> int:
    url = ""
    if row.page:
        url = await new_link(
            session, office, "delivery", step.event.at, application_id=application.id, staff_id=person.id
        )
    facts = spoken_facts(office, application, step, "zh_CN")
    letter = _letter(office, application, row, facts, "zh_CN", url)
    return await _write(office, session, application, row, step, letter, staff_id=person.id)


async def _write(
    office: Office,
    session: AsyncSession,
    application: Application,
    row: Tell,
    step: Step,
    letter: Outgoing,
    *,
    resident_id: int | None = None,
    staff_id: int | None = None,
) -> int:
    who = f"r{resident_id}" if resident_id is not None else f"s{staff_id}"
    notice = ToTell(
        milestone=row.milestone,
        audience="resident" if resident_id is not None else "staff" if row.to == "chiefs" else "worker",
        letter=letter,
        dedupe_key=f"application:{application.id}:{step.seq}:{row.milestone}:{who}",
        order_key=f"application:{application.id}:{who}",
        lane=row.lane,
        application_id=application.id,
        resident_id=resident_id,
        staff_id=staff_id,
    )
    return int(await office.outbox.write(session, notice, step.event.at) is not None)


def _letter(
    office: Office, application: Application, row: Tell, facts: dict[str, str], language: str, url: str
) -> Outgoing:
    say = office.texts.say
    audience = {"former_courier": "courier"}.get(row.to, row.to)
    prefix = "a" if row.to == "resident" else "d"
    return Outgoing(
        text=say(f"items.{audience}.{row.milestone}", language, seed=application.number, **facts),
        choices=tuple(
            Choice(f"{prefix}:{name}:{application.number}", say(f"items.button.{name}", language))
            for name in row.buttons
        ),
        link=Link(say(f"items.page.{audience}", language), url) if url else None,
        template=f"application.{row.milestone}",
        fields={name: facts[name][:20] for name in ("number", "item", "place", "due", "state", "slot")},
    )


def _without_delivery(
    office: Office, application: Application, row: Tell, facts: dict[str, str], language: str, letter: Outgoing
) -> Outgoing:
    """An item that must be fetched in person is not offered home."""
    key = f"items.resident.{row.milestone}_in_person"
    text = office.texts.say(key, language, seed=application.number, **facts) if office.texts.has(key) else letter.text
    kept = tuple(choice for choice in letter.choices if not choice.id.startswith("a:deliver:"))
    return Outgoing(text, kept, letter.link, template=letter.template, fields=letter.fields)


def spoken_facts(office: Office, application: Application, step: Step, language: str) -> dict[str, str]:
    """Everything a sentence about an application may name."""
    say, data = office.texts.say, step.event.data
    missing = application.missing.replace(SEPARATOR, say("items.part.comma", language))
    due = say("items.part.no_due", language)
    if application.due_at is not None:
        due = day_label(office.local(application.due_at).date(), office.texts, language)
    return {
        "number": application.number,
        "item": application.item_name,
        "missing": missing,
        "why": say("items.part.because", language, reason=data["reason"]) if data.get("reason") else "",
        "reason": str(data.get("reason", "")),
        "appeal": application.appeal or say("items.part.no_appeal", language),
        "place": application.place or say("items.part.no_place", language),
        "due": due,
        "state": say(f"items.state.{application.state}", language),
        "slot": slot_label(application.delivery_slot, office.texts, language),
        "area": office.atlas.full_name(application.delivery_area_code or application.area_code),
        "who": say("items.part.courier", language),
        "eta": str(data.get("eta", "")),
        "text": str(data.get("text", "")),
        "code": "",
    }


async def courier_title(session: AsyncSession, office: Office, staff_id: int, language: str) -> str:
    """The courier by surname and title only."""
    person = await session.get(Staff, staff_id)
    if person is None:
        return office.texts.say("items.part.courier", language)
    return office.texts.say(f"notices.role.{person.role}", language, surname=person.name[:1])


async def _staff_for(session: AsyncSession, application: Application, row: Tell, step: Step) -> list[Staff]:
    if row.to == "chiefs":
        return await chiefs_of(session, application.area_path)
    wanted = step.former_courier if row.to == "former_courier" else application.delivery_staff_id
    person = await session.get(Staff, wanted) if wanted is not None else None
    return [person] if person is not None and person.is_active else []
