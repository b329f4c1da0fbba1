"""Which fields the form of an application's step shows, and what they become: the papers the step asks for, no more."""

from collections.abc import Mapping
from typing import Any

from backend.admin.choices import Choices
from backend.admin.move_facts import FormRefused
from backend.admin.move_fields import Field
from backend.domain.application_moves import Paper, Step
from backend.domain.application_needs import CHECKS
from backend.domain.words import LADDER, Level

FIELDS: dict[Paper, tuple[Field, ...]] = {
    Paper.REASON: (Field("reason", "long"),),
    Paper.MISSING: (Field("missing", "papers"),),
    Paper.APPEAL: (Field("appeal", "text"),),
    Paper.LEVEL: (Field("level", "level"),),
    Paper.DELIVERABLE: (Field("deliverable", "text"), Field("place", "text", required=False)),
    Paper.SLOT: (Field("slot", "text"),),
    Paper.IN_AREA: (Field("address_area", "area"),),
    Paper.COURIER: (Field("courier", "staff"),),
    Paper.CHECK: (Field("check", "check"), Field("check_value", "text", required=False)),
    Paper.PROXY: (Field("proxy", "phone"),),
    Paper.SIGNATURE: (Field("signature", "text"),),
    Paper.PHOTO: (Field("photo", "photo"),),
}
ALSO: dict[str, tuple[Field, ...]] = {
    "bring_materials": (Field("brought", "papers", required=False), Field("text", "text", required=False)),
    "note": (Field("text", "long"),),
    "pass_up": (Field("unit", "unit", required=False),),
}


def fields_of(step: Step) -> tuple[Field, ...]:
    """The fields of a step's form, each once."""
    wanted = [field for paper in step.papers for field in FIELDS[paper]] + list(ALSO.get(step.name, ()))
    return tuple({field.name: field for field in wanted}.values())


def step_facts(step: Step, values: Mapping[str, str], choices: Choices, photos: list[str]) -> dict[str, Any]:
    """The facts of a step. Raises `FormRefused` for what was not offered."""
    facts: dict[str, Any] = {"photo": photos} if photos else {}
    for field in fields_of(step):
        value = values.get(field.name, "")
        if value and field.kind != "photo":
            facts[field.name] = _checked(field, value, choices)
    return facts


def _checked(field: Field, value: str, choices: Choices) -> Any:
    if field.kind == "papers":
        return tuple(one.strip() for one in value.replace("；", ";").replace("\n", ";").split(";") if one.strip())
    offered: dict[str, tuple[str, ...]] = {
        "level": tuple(level.value for level in LADDER),
        "check": CHECKS,
        "staff": tuple(one.key for one in choices.people),
        "unit": choices.units,
        "area": tuple(code for code, _ in choices.areas),
    }
    if field.kind in offered and value not in offered[field.kind]:
        raise FormRefused(need=field.name)
    return Level(value) if field.kind == "level" else value
