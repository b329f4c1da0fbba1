"""How our facts fill an approved template: each of the platform's field types has a form, checked before sending.

Type is the field's name without its number: thing1 → thing. Limits are the platform's: thing 20 characters,
character_string 32 without Chinese, phrase 5 Chinese characters, number 32 digits.
"""

import re
from collections.abc import Callable, Mapping

from bot.channels.degrade import cut_chars
from bot.channels.ports import TemplateSpec
from nlu.errors import LinliError

_EMOJI = re.compile("[\U0001f000-\U0001faff☀-➿️‍]")
_TIME = re.compile(r"^\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2})( \d{2}:\d{2}(:\d{2})?)?$|^\d{2}:\d{2}$")


class TemplateFieldRefused(LinliError):
    """A value does not fit the type of its template field."""

    code = "template_field_refused"
    status = 422


def fill(spec: TemplateSpec, facts: Mapping[str, str]) -> dict[str, str]:
    """The template's data. Too long is cut where a sentence may be cut; anything else is TemplateFieldRefused."""
    return {name: _value(name, facts.get(ours, "")) for name, ours in spec.fields.items()}


def _value(name: str, given: str) -> str:
    """Emoji are not shown and line breaks not allowed; an empty value refuses the whole message."""
    value = " ".join(_EMOJI.sub("", given).split())
    if not value:
        raise TemplateFieldRefused(f"{name} is empty", field=name)
    form = _FORMS.get(name.rstrip("0123456789"))
    return form(name, value) if form else cut_chars(value, 200)


def _thing(_name: str, value: str) -> str:
    return cut_chars(value, 20)


def _character_string(name: str, value: str) -> str:
    if not value.isascii() or len(value) > 32:
        raise TemplateFieldRefused(f"{name} takes at most 32 letters, digits and signs", field=name)
    return value


def _phrase(name: str, value: str) -> str:
    if len(value) > 5 or not all("一" <= character <= "鿿" for character in value):
        raise TemplateFieldRefused(f"{name} takes at most 5 Chinese characters", field=name)
    return value


def _number(name: str, value: str) -> str:
    if not re.fullmatch(r"\d{1,32}(\.\d{1,8})?", value):
        raise TemplateFieldRefused(f"{name} takes a number", field=name)
    return value


def _time(name: str, value: str) -> str:
    if not _TIME.match(value):
        raise TemplateFieldRefused(f"{name} takes a date or time", field=name)
    return value


def _name(_name: str, value: str) -> str:
    return cut_chars(value, 10)


def _phone(name: str, value: str) -> str:
    if not re.fullmatch(r"[\d+\- ]{1,17}", value):
        raise TemplateFieldRefused(f"{name} takes a telephone number", field=name)
    return value


_FORMS: dict[str, Callable[[str, str], str]] = {
    "thing": _thing,
    "character_string": _character_string,
    "phrase": _phrase,
    "const": _thing,
    "number": _number,
    "time": _time,
    "date": _time,
    "name": _name,
    "phone_number": _phone,
}
