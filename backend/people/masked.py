"""Personal data as types that cannot be logged by accident: printing them prints the mask.

`Masked` holds a phone, name, id card or address; `reveal()` is the one way to the plain value and is easy to grep for.
"""

import re
from dataclasses import dataclass

_ID_CARD = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")


def mask_phone(phone: str) -> str:
    """138****1234; anything shorter than eight characters is hidden whole."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def mask_name(name: str) -> str:
    """王**: the surname stays, so that people can be addressed."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def mask_id_card(number: str) -> str:
    """110***********1234: region and the last four."""
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}" if len(number) >= 8 else "****"


def mask_text(text: str) -> str:
    """Free personal text keeps its first two characters."""
    return text[:2] + "***" if text else ""


def mask_numbers(text: str) -> str:
    """Free text with every whole mobile number and id card number masked, whoever typed it and wherever it goes."""
    return _PHONE.sub(lambda hit: mask_phone(hit[0]), _ID_CARD.sub(lambda hit: mask_id_card(hit[0]), text))


_MASKS = {"phone": mask_phone, "name": mask_name, "id_card": mask_id_card, "text": mask_text}


@dataclass(frozen=True, slots=True, repr=False, eq=True)
class Masked:
    """A personal value that shows only its mask in strings, reprs, JSON by `str`, and tracebacks."""

    _value: str
    kind: str = "text"

    def __str__(self) -> str:
        return _MASKS[self.kind](self._value)

    def __repr__(self) -> str:
        return f"Masked({self})"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def reveal(self) -> str:
        """The plain value; the caller has already checked and recorded the reason."""
        return self._value


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A key, token or password: never shown, not even masked."""

    _value: str

    def __str__(self) -> str:
        return "******"

    __repr__ = __str__

    def __bool__(self) -> bool:
        return bool(self._value)

    def reveal(self) -> str:
        """The plain value, at the place where it is used."""
        return self._value
