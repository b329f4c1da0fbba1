"""Who sits at the web chat: a random 128-bit chat id in a signed cookie, so that a talk can be resumed for a year."""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from itsdangerous import BadSignature, Signer
from starlette.requests import Request
from starlette.responses import Response

YEAR = 365 * 86_400
_CHAT = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Session:
    """A chat id; `is_new` when this browser brought none that we signed."""

    chat: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class ChatCookies:
    """Reads and gives the cookie. `embedded`: a government site may frame the page, so the cookie must travel."""

    key: bytes
    public_url: str
    embedded: bool = False

    def _is_secure(self, request: Request) -> bool:
        ours = urlsplit(self.public_url)
        return request.url.scheme == "https" or (ours.scheme == "https" and ours.netloc == request.headers.get("host"))

    def _name(self, request: Request) -> str:
        """With `__Host-` no other host can toss one in."""
        return "__Host-linli-chat" if self._is_secure(request) else "linli-chat"

    def _signer(self) -> Signer:
        return Signer(self.key, salt="web-chat")

    def read(self, request: Request) -> Session:
        """The session of a request; a fresh one when the cookie is missing, altered or not ours."""
        try:
            chat = self._signer().unsign(request.cookies.get(self._name(request), "")).decode()
        except (BadSignature, UnicodeDecodeError):
            chat = ""
        if _CHAT.fullmatch(chat):
            return Session(chat, is_new=False)
        return Session(secrets.token_urlsafe(16), is_new=True)

    def give(self, response: Response, request: Request, session: Session) -> None:
        """Sets the cookie, or lengthens its life."""
        secure = self._is_secure(request)
        across_sites = self.embedded and secure  # browsers refuse SameSite=None without Secure
        response.set_cookie(
            self._name(request),
            self._signer().sign(session.chat).decode(),
            max_age=YEAR,
            path="/",
            secure=secure,
            httponly=True,
            samesite="none" if across_sites else "lax",
            partitioned=False,
        )
        if across_sites:
            _partition(response)


def _partition(response: Response) -> None:
    """Marks the cookie just set as `Partitioned`: inside a frame it belongs to the embedding site alone."""
    name, value = response.raw_headers[-1]
    response.raw_headers[-1] = (name, value + b"; Partitioned")
