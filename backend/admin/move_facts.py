"""From a posted form to the facts of a move: every id is looked up in the list that was offered, nothing is assumed."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData, UploadFile

from backend.admin.choices import Choices
from backend.admin.finding import case_by_number
from backend.admin.move_fields import Field, fields_of
from backend.admin.who import Who
from backend.cases.history import path_codes
from backend.cases.models import Case
from backend.cases.photos import StoredFile, attach, store_photo
from backend.domain.moves import CaseMove
from backend.domain.words import LADDER, Kind, LimitUnit, Urgency
from backend.office import Office
from backend.people.residents import new_resident, remember, resident_by_phone, resident_key
from nlu.errors import LinliError

LONGEST_TEXT = 4000  # one letter; a huge paste is refused, not cut


class FormRefused(LinliError):
    """A field of the form holds something that was not offered."""

    code: ClassVar[str] = "form_refused"
    status: ClassVar[int] = 422


class TextTooLong(LinliError):
    """This text is longer than 4,000 characters."""

    code: ClassVar[str] = "text_too_long"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Filing:
    """What reading a form needs: the transaction, the office, the reader, the case and the lists offered."""

    session: AsyncSession
    office: Office
    who: Who
    case: Case
    choices: Choices
    now: datetime


def typed(form: FormData) -> dict[str, str]:
    """What was typed, to be shown again when the move is refused. Raises `TextTooLong`."""
    values = {name: value.strip() for name, value in form.items() if isinstance(value, str) and name != "csrftoken"}
    if any(len(value) > LONGEST_TEXT for value in values.values()):
        raise TextTooLong
    return values


async def stored_photos(office: Office, form: FormData) -> list[StoredFile]:
    """The form's photos, re-encoded before any transaction. Raises `PhotoTooBig` or `NotAPhoto`."""
    stored = []
    for upload in form.getlist("photo"):
        if isinstance(upload, UploadFile) and upload.size:
            data = await upload.read()
            stored.append(await asyncio.to_thread(store_photo, office.media_folder, data))
    return stored


async def facts_of(
    filing: Filing, move: CaseMove, values: Mapping[str, str], photos: list[StoredFile]
) -> dict[str, Any]:
    """The facts for `move`. Raises `FormRefused` for anything that was not offered."""
    facts: dict[str, Any] = {}
    for field in fields_of(move):
        if field.kind == "photo":
            facts |= await _photo_facts(filing, photos)
        else:
            facts |= await _one(filing, field, values.get(field.name, ""))
    return facts


async def _photo_facts(filing: Filing, photos: list[StoredFile]) -> dict[str, Any]:
    ids = [
        str(
            await attach(
                filing.session,
                filing.office.district_code,
                one,
                filing.now,
                kind="after",
                by="staff",
                case_id=filing.case.id,
            )
        )
        for one in photos
    ]
    return {"photo": ids, "evidence": ["photo_after"]} if ids else {}


async def _one(filing: Filing, field: Field, value: str) -> dict[str, Any]:
    if not value:
        return {}
    if field.kind in ("long", "text", "date"):
        return {field.name: value}
    if field.kind == "owner":
        return _owner(filing.choices, value)
    if field.kind == "unit":
        return {"unit": _offered(value, filing.choices.units)}
    if field.kind == "staff":
        return {"person": _offered(value, tuple(one.key for one in filing.choices.people))}
    if field.kind == "phone":
        return {"person": await _resident(filing, value)}
    if field.kind == "number":
        return {"target": (await case_by_number(filing.session, filing.who, value)).number}
    return _value(filing, field, value) if field.kind != "area" else await _area(filing, value)


def _value(filing: Filing, field: Field, value: str) -> dict[str, Any]:
    try:
        if field.kind == "amount":
            return {"amount": _amount(value)}
        if field.kind == "score":
            return {"score": int(value)}
        if field.kind == "limit_unit":
            return {"limit_unit": LimitUnit(value)}
        if field.kind == "kind":
            return {"kind": Kind(value)}
        if field.kind == "urgency":
            return {"urgency": Urgency(value)}
    except ValueError as wrong:
        raise FormRefused(need=field.name) from wrong
    return {"category": _offered(value, tuple(filing.office.taxonomy.leaves))}


def _amount(value: str) -> float:
    """A finite number; ValueError otherwise."""
    amount = float(value)
    if not math.isfinite(amount):
        raise ValueError(value)
    return amount


def _owner(choices: Choices, value: str) -> dict[str, Any]:
    """`staff:12`, or `unit:` and its name."""
    if value.startswith("unit:"):
        return {"unit": _offered(value.removeprefix("unit:"), choices.units)}
    person = choices.person(value)
    if person is None:
        raise FormRefused(need="owner")
    return {"assignee": person.key, **({"assignee_unit": person.unit} if person.unit else {})}


def _offered(value: str, offered: tuple[str, ...]) -> str:
    if value not in offered:
        raise FormRefused(need=value[:40])
    return value


async def _area(filing: Filing, value: str) -> dict[str, Any]:
    """Another place, inside the reader's own area; the rung that holds the case follows from how exact it is."""
    code = _offered(value, tuple(code for code, _ in filing.choices.areas))
    path = await path_codes(filing.session, code)
    return {"area_path": path, "level": LADDER[max(0, 4 - len(path))]}


async def _resident(filing: Filing, phone: str) -> str:
    """The resident with this telephone, known or new."""
    digits = "".join(sign for sign in phone if sign.isdecimal())
    if not 7 <= len(digits) <= 15:
        raise FormRefused(need="phone")
    found = await resident_by_phone(filing.session, filing.office, digits)
    if found is None:
        found = await new_resident(filing.session, filing.office, filing.now)
        await remember(filing.session, filing.office, found, phone=digits)
    assert found.id is not None
    return resident_key(found.id)


__all__ = ["Filing", "FormRefused", "TextTooLong", "facts_of", "stored_photos", "typed"]
