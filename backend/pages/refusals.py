"""How a page or form is refused; the sentence for people is `pages.refusal.<code>`."""

from typing import ClassVar

from backend.texts import Texts
from nlu.errors import LinliError

TABLES = ("pages.refusal", "errors", "items.refusal")


class FormTooLarge(LinliError):
    """This is more than we can take at once."""

    code: ClassVar[str] = "form_too_large"
    status: ClassVar[int] = 413


class FormTooSlow(LinliError):
    """The form took too long to arrive."""

    code: ClassVar[str] = "form_too_slow"
    status: ClassVar[int] = 408


class FormBroken(LinliError):
    """The form cannot be read."""

    code: ClassVar[str] = "form_broken"
    status: ClassVar[int] = 400


class FieldWrong(LinliError):
    """A field is missing, unknown or out of range."""

    code: ClassVar[str] = "field_wrong"
    status: ClassVar[int] = 422


class ForeignOrigin(LinliError):
    """The form was sent from another site."""

    code: ClassVar[str] = "foreign_origin"
    status: ClassVar[int] = 403


class TooFast(LinliError):
    """Too many messages in a short time; please wait a moment."""

    code: ClassVar[str] = "too_fast"
    status: ClassVar[int] = 429


class PageUnknown(LinliError):
    """There is no such page or file."""

    code: ClassVar[str] = "link_unknown"
    status: ClassVar[int] = 404


class TwoAtOnce(LinliError):
    """Somebody else was faster; look again."""

    code: ClassVar[str] = "two_at_once"
    status: ClassVar[int] = 409


class TaskGone(LinliError):
    """This task is not with you any more."""

    code: ClassVar[str] = "task_gone"
    status: ClassVar[int] = 410


class NoAddressKnown(LinliError):
    """We do not know where to bring it; say it in the chat."""

    code: ClassVar[str] = "no_address_known"
    status: ClassVar[int] = 409


def sentence_of(texts: Texts, error: LinliError, language: str) -> str:
    """The sentence for a refusal, from the first table that has one."""
    for table in TABLES:
        key = f"{table}.{error.code}"
        if texts.has(key):
            return texts.say(key, language)
    return texts.say("errors.error", language)
