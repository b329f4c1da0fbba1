"""Who sees which part of the complainant's identity, and what a mask leaves over.

| who                                | sees at first      | may reveal, with a reason, logged                       |
|------------------------------------|--------------------|---------------------------------------------------------|
| the resident, of themselves        | all                | –                                                       |
| other reporters of the same case   | nothing            | nothing                                                 |
| worker, responsible person         | nothing            | phone, when they hold it and it accuses nobody          |
| department or company              | nothing            | nothing                                                 |
| operator, dispatcher, verifier     | masked             | each field, inside their area                           |
| leader                             | masked             | name and phone, inside their area                       |
| auditor                            | masked             | nothing                                                 |
| those who run the system           | nothing            | nothing                                                 |
| the one complained about, or team  | nothing            | nothing, not even that the case exists                  |

An anonymous report shows nothing to anybody but its author. "Accuses nobody": neither complaint nor report.
"""

from collections.abc import Callable
from enum import StrEnum

from backend.domain.case_view import Actor, CaseView
from backend.domain.lifecycle import is_holder
from backend.domain.refusals import ConflictOfInterest, NotYourArea, ReasonRequired
from backend.domain.words import Kind, Role
from nlu.errors import LinliError


class IdentityField(StrEnum):
    """The parts of an identity."""

    NAME = "name"
    PHONE = "phone"
    ID_CARD = "id_card"
    ADDRESS = "address"  # the home address; where the problem is, is no secret
    CHANNEL = "channel"


class Sight(StrEnum):
    """How much of a field is shown."""

    PLAIN = "plain"
    MASKED = "masked"
    HIDDEN = "hidden"


class IdentityHidden(LinliError):
    """You may not see who reported this."""

    code, status = "identity_hidden", 403


MASKED_FOR = frozenset({Role.OPERATOR, Role.DISPATCHER, Role.VERIFIER, Role.LEADER, Role.AUDITOR})
DESK_MAY_REVEAL: dict[Role, frozenset[IdentityField]] = {
    Role.OPERATOR: frozenset(IdentityField),
    Role.DISPATCHER: frozenset(IdentityField),
    Role.VERIFIER: frozenset(IdentityField),
    Role.LEADER: frozenset({IdentityField.NAME, IdentityField.PHONE}),
}
FIELD_MAY_REVEAL = frozenset({IdentityField.PHONE})
ACCUSING = (Kind.COMPLAINT, Kind.REPORT)


def in_conflict(case: CaseView, actor: Actor) -> bool:
    """Whether the case is about this person or their team: for them it does not exist."""
    return actor.id in case.subjects or (actor.unit is not None and actor.unit in case.subjects)


def sight_of(case: CaseView, actor: Actor, of: str, anonymous: bool = False) -> Sight:
    """How the identity of the reporter `of` is shown at first to this person."""
    if actor.role is Role.RESIDENT:
        return Sight.PLAIN if actor.id == of else Sight.HIDDEN
    if anonymous or in_conflict(case, actor) or actor.role not in MASKED_FOR:
        return Sight.HIDDEN
    return Sight.MASKED if actor.covers(case.area_path) or actor.role is Role.AUDITOR else Sight.HIDDEN


def may_reveal(case: CaseView, actor: Actor, field: IdentityField, anonymous: bool = False) -> bool:
    """Whether this person may ask to see this field in plain."""
    try:
        check_reveal(case, actor, field, "?", anonymous)
    except LinliError:
        return False
    return True


def check_reveal(case: CaseView, actor: Actor, field: IdentityField, reason: str, anonymous: bool = False) -> None:
    """Raise unless this person may now see this field in plain; the caller writes it into the audit log.

    Whether a case accuses somebody is judged by what it was filed as and by what it is.
    """
    if in_conflict(case, actor):
        raise ConflictOfInterest
    if anonymous:
        raise IdentityHidden
    if actor.role in (Role.WORKER, Role.RESPONSIBLE):
        accuses = case.kind in ACCUSING or case.first_kind in ACCUSING or bool(case.subjects)
        if accuses or field not in FIELD_MAY_REVEAL or case.ended or not is_holder(case, actor):
            raise IdentityHidden(field=field.value)
    elif field not in DESK_MAY_REVEAL.get(actor.role, frozenset()):
        raise IdentityHidden(field=field.value)
    elif not actor.covers(case.area_path):
        raise NotYourArea
    if not reason.strip():
        raise ReasonRequired


def mask(field: IdentityField, value: str) -> str:
    """The masked form: 138****1234, 王**, 310***********002X, the street without the number."""
    return MASKS[field](value.strip()) if value.strip() else ""


def mask_phone(phone: str) -> str:
    """First three and last four digits; short numbers keep only the last two."""
    digits = "".join(c for c in phone if c.isdigit() or c == "+")
    if len(digits) < 9:
        return "*" * max(0, len(digits) - 2) + digits[-2:] if len(digits) > 4 else "*" * len(digits)
    return f"{digits[:-8]}****{digits[-4:]}"


def mask_name(name: str) -> str:
    """The family name stays: 王小明 → 王**; two-sign family names keep their first sign only."""
    return name[0] + "*" * max(1, len(name) - 1)


def mask_id_card(number: str) -> str:
    """First three and last four stay: 310***********0022."""
    return number[:3] + "*" * (len(number) - 7) + number[-4:] if len(number) > 10 else "*" * len(number)


def mask_address(address: str) -> str:
    """Everything from the first digit on is hidden; without digits the last half is."""
    cut = next((i for i, c in enumerate(address) if c.isdigit() or c in "一二三四五六七八九十"), len(address) // 2)
    return address[:cut] + "***"


MASKS: dict[IdentityField, Callable[[str], str]] = {
    IdentityField.PHONE: mask_phone,
    IdentityField.NAME: mask_name,
    IdentityField.ID_CARD: mask_id_card,
    IdentityField.ADDRESS: mask_address,
    IdentityField.CHANNEL: lambda _value: "***",
}
