"""What stands around every answer of the web server: refused oddities, the headers all carry, and the last refusal.

A plain ASGI layer: it holds back no stream and copies no body. Pages bring stricter headers of their own, which stay.
"""

import json

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-origin",
}
ONLY_HTTPS = (b"strict-transport-security", b"max-age=31536000")
LONGEST_QUERY = 8 * 1024


class Shell:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sender = _Sender(send, scope["scheme"] == "https")
        if _is_odd(scope):
            await sender.refuse(400, "malformed_address")
            return
        try:
            await self._app(scope, receive, sender)
        except OverflowError:  # a number larger than any id can be: there is nothing under it
            await sender.refuse(404, "not_here")
        except Exception as failure:  # the edge: whatever went wrong, nothing of it is told outside
            log.error("request_failed", path=scope["path"], exc_info=failure)
            await sender.refuse(500, "error")


def _is_odd(scope: Scope) -> bool:
    """NUL cannot be stored or compared by every database, and no address of ours is that long."""
    query: bytes = scope.get("query_string", b"")
    return "\x00" in scope["path"] or b"%00" in query or len(query) > LONGEST_QUERY


class _Sender:
    """Adds the headers on the way out, and remembers whether an answer has begun."""

    def __init__(self, send: Send, is_secure: bool) -> None:
        self._send = send
        self._is_secure = is_secure
        self._has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._has_begun = True
            present = {name.lower() for name, _ in message["headers"]}
            more = [(name, value) for name, value in HEADERS.items() if name not in present]
            more += [ONLY_HTTPS] if self._is_secure and ONLY_HTTPS[0] not in present else []
            message = {**message, "headers": [*message["headers"], *more]}
        await self._send(message)

    async def refuse(self, status: int, code: str) -> None:
        """The bare answer; nothing when another one has begun already."""
        if self._has_begun:
            return
        body = json.dumps({"code": code}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})
