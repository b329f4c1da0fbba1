"""The call desk: who calls, and, while the operator types, category, place, similar cases and the answer to say.

`/admin/call?phone=138…` is what a soft-phone opens. Everything can be done without the mouse; filing takes one form.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.choices import areas_below, categories_of
from backend.admin.finding import NotHere
from backend.admin.move_facts import FormRefused, TextTooLong, typed
from backend.admin.panel import BASE, Panel, panel_of
from backend.admin.rendering import render, sentence_for
from backend.admin.scope import applications_of, cases_of
from backend.admin.who import Who, who_of
from backend.areas.placement import Candidate
from backend.cases.filing import NewCase, file_new
from backend.cases.models import Case, CaseReporter
from backend.cases.similar import similar_open
from backend.desk_facts import SimilarFacts
from backend.domain.words import Kind, Source, Urgency
from backend.items.models import Application
from backend.knowledge.answering import Answer, answers_for
from backend.people.residents import name_of, new_resident, phone_of, remember, resident_by_phone
from nlu.contract import Category, EntityType, Intent, Understanding
from nlu.errors import LinliError

KIND_OF_INTENT: dict[str, Kind] = {
    Intent.SUGGEST.value: Kind.SUGGESTION,
    Intent.PRAISE.value: Kind.PRAISE,
    Intent.ASK.value: Kind.CONSULTATION,
}


class NeedsText(LinliError):
    """Write what the resident said."""

    code, status = "needs_text", 422


class NeedsPlace(LinliError):
    """Choose the area."""

    code, status = "needs_place", 422


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a telephone number: masked name and phone, open cases, applications."""

    digits: str
    known: bool = False
    name: str = ""
    phone: str = ""
    cases: tuple[Case, ...] = ()
    applications: tuple[Application, ...] = ()


@dataclass(frozen=True, slots=True)
class Hints:
    """What the typed text suggests; `kind` and `urgency` preselect, the operator decides."""

    categories: tuple[Category, ...] = ()
    kind: str = ""
    urgency: str = Urgency.NORMAL.value
    danger: str = ""
    place: str = ""
    places: tuple[Candidate, ...] = ()
    similar: tuple[SimilarFacts, ...] = ()
    answers: tuple[Answer, ...] = ()


def digits_of(phone: str) -> str:
    """Only the digits, without +86."""
    digits = "".join(sign for sign in phone if sign.isdecimal())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits[:15]


async def show_call(request: Request) -> Response:
    """The form, with the caller's card when the soft-phone gave a number."""
    return await _page(request, {"phone": request.query_params.get("phone", "")[:20]})


async def _page(request: Request, values: Mapping[str, str], sentence: str = "", status: int = 200) -> Response:
    panel, who = panel_of(request), who_of(request)
    async with panel.office.database.read() as session:
        caller = await _caller(session, panel, who, values.get("phone", ""))
        hints = await _hints(session, panel, values) if values.get("text") else Hints()
    return render(
        request,
        "call.html",
        status,
        values=values,
        sentence=sentence,
        caller=caller,
        hints=hints,
        areas=areas_below(panel.office, who.area_path),
        categories=categories_of(panel.office),
    )


async def show_caller(request: Request) -> Response:
    """The caller's card for a typed number."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    async with panel.office.database.read() as session:
        caller = await _caller(session, panel, who, str(form.get("phone", "")))
    return render(request, "call_caller.html", caller=caller)


async def _caller(session: AsyncSession, panel: Panel, who: Who, phone: str) -> Caller:
    digits = digits_of(phone)
    if len(digits) < 7:
        return Caller(digits)
    resident = await resident_by_phone(session, panel.office, digits)
    if resident is None:
        return Caller(digits)
    cases = await session.exec(
        select(Case)
        .join(CaseReporter, col(CaseReporter.case_id) == col(Case.id))
        .where(CaseReporter.resident_id == resident.id, cases_of(who))
        .order_by(col(Case.id).desc())
        .limit(6)
    )
    applications = await session.exec(
        select(Application)
        .where(Application.resident_id == resident.id, applications_of(who))
        .order_by(col(Application.id).desc())
        .limit(4)
    )
    return Caller(
        digits,
        True,
        str(await name_of(session, panel.office, resident)),
        str(await phone_of(session, panel.office, resident)),
        tuple(cases.all()),
        tuple(applications.all()),
    )


async def show_hints(request: Request) -> Response:
    """What the words typed so far suggest."""
    panel, who = panel_of(request), who_of(request)
    values = typed(await request.form())
    async with panel.office.database.read() as session:
        hints = await _hints(session, panel, values)
    inside = {code for code, _ in areas_below(panel.office, who.area_path)}
    return render(request, "call_hints.html", hints=hints, values=values, inside=inside)


async def _hints(session: AsyncSession, panel: Panel, values: Mapping[str, str]) -> Hints:
    text, now = values.get("text", ""), panel.clock()
    meaning = await read(panel, text, now)
    place = values.get("place", "") or address_in(meaning)
    places = panel.office.atlas.gazetteer.resolve(place, None).candidates if place else ()
    area = values.get("area_code", "") or (places[0].area_code if places else "")
    categories = best_categories(meaning)
    category = values.get("category", "") or (categories[0].code if categories else "")
    similar: Sequence[SimilarFacts] = []
    if area and category:
        similar = await similar_open(session, panel.office, area, category, place, text, now)
    answers = await answers_for(session, panel.office, text, area, now) if len(text) >= 4 else []
    return Hints(
        categories=categories,
        kind=(KIND_OF_INTENT.get(meaning.intent.name, Kind.HELP)).value if meaning is not None else "",
        urgency=meaning.urgency.value if meaning is not None else Urgency.NORMAL.value,
        danger=meaning.guard.rule if meaning is not None and meaning.guard is not None else "",
        place=place,
        places=tuple(places[:6]),
        similar=tuple(similar[:4]),
        answers=tuple(answers[:2]),
    )


async def read(panel: Panel, text: str, now: datetime) -> Understanding | None:
    """What the model makes of the text, beside the event loop; None without a model or a text."""
    if panel.read is None or not text.strip():
        return None
    return await asyncio.to_thread(panel.read, text, now)


def best_categories(meaning: Understanding | None) -> tuple[Category, ...]:
    """The likeliest categories, at most five."""
    if meaning is None:
        return ()
    first = (meaning.category,) if meaning.category is not None else ()
    found = {one.code: one for one in (*first, *meaning.alternatives)}
    return tuple(found.values())[:5]


def address_in(meaning: Understanding | None) -> str:
    """The first address in the text."""
    if meaning is None:
        return ""
    return next((one.value for one in meaning.entities if one.type is EntityType.ADDRESS), "")


async def post_call(request: Request) -> Response:
    """Files the case as a telephone report and opens it."""
    panel, who = panel_of(request), who_of(request)
    values: dict[str, str] = {}
    try:
        values = typed(await request.form())
        number = await _file(panel, who, values)
    except TextTooLong as refused:
        return await _page(request, {}, sentence_for(request, refused), refused.status)
    except NotHere:
        raise
    except LinliError as refused:
        return await _page(request, values, sentence_for(request, refused), refused.status)
    return RedirectResponse(f"{BASE}/cases/{number}", status_code=303)


async def _file(panel: Panel, who: Who, values: Mapping[str, str]) -> str:
    text = values.get("text", "")
    if not text:
        raise NeedsText
    area = values.get("area_code", "")
    if area not in {code for code, _ in areas_below(panel.office, who.area_path)}:
        raise NeedsPlace
    category = values.get("category", "")
    if category and category not in panel.office.taxonomy.leaves:
        raise FormRefused(need="category")
    now = panel.clock()
    meaning = await read(panel, text, now)
    async with panel.office.database.write() as session:
        new = NewCase(
            text=text,
            kind=_member(Kind, values.get("kind") or Kind.HELP.value),
            category=category,
            urgency=_member(Urgency, values.get("urgency") or Urgency.NORMAL.value),
            source=Source.PHONE,
            area_code=area,
            place=values.get("place", ""),
            entities=meaning.entities if meaning is not None and meaning.text == text else (),
            resident_id=await _resident_id(session, panel, values, now),
            anonymous=values.get("anonymous") == "on",
            category_sure=bool(category),
        )
        case = await file_new(session, panel.office, new, who.actor, now, who.name)
        return case.number


Word = TypeVar("Word", Kind, Urgency)


def _member(words: type[Word], value: str) -> Word:
    try:
        return words(value)
    except ValueError as wrong:
        raise FormRefused(need=value[:20]) from wrong


async def _resident_id(session: AsyncSession, panel: Panel, values: Mapping[str, str], now: datetime) -> int | None:
    """The caller by telephone, remembered when new; nobody when no number was given."""
    digits = digits_of(values.get("phone", ""))
    if len(digits) < 7:
        return None
    resident = await resident_by_phone(session, panel.office, digits)
    if resident is None:
        resident = await new_resident(session, panel.office, now)
        await remember(session, panel.office, resident, phone=digits)
    if values.get("name"):
        await remember(session, panel.office, resident, name=values["name"][:40])
    return resident.id
