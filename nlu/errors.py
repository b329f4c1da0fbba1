"""The root of every refusal linli can give.

It lives in the lowest room so that all three packages can raise it without importing upwards. A refusal has a
stable ``code`` (for logs, the API and the texts files) and an HTTP ``status``; its sentence for people is looked up
by code in the language of the reader, and ``str(error)`` is the operator's English fallback.
"""

from typing import ClassVar


class LinliError(Exception):
    """A refusal with a name. Subclasses set ``code`` and ``status``; ``facts`` fill the sentence."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message or self.__class__.__doc__ or self.code)
        self.facts = facts
