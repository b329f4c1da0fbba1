"""A stand-in SMS gateway: checks signature, freshness and template, sends each key once, keeps the ledger.

Alone: `python -m tests.servers.sms --port 9004`.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.clock import TurnableClock
from tests.servers.running import StandIn, serve_alone

PATH = "/v1/messages"


class SmsServer(StandIn):
    """The gateway for one customer."""

    def __init__(
        self,
        *,
        key_id: str = "linli",
        secret: str = "s3cret",  # noqa: S107  (made up)
        clock: TurnableClock | None = None,
    ) -> None:
        super().__init__(clock)
        self.key_id, self.secret = key_id, secret
        self.templates: dict[str, str] = {}  # id -> text with {params}
        self.unsubscribed: set[str] = set()
        self.over_limit: set[str] = set()
        self.balance = 1_000_000
        self._once: dict[str, str] = {}
        self._nonces: set[str] = set()

    def routes(self) -> list[Route]:
        """The gateway's one address."""
        return [Route(PATH, self.faulty(PATH, self._send), methods=["POST"])]

    async def _send(self, request: Request) -> Response:
        raw = await request.body()
        refused = self._signature_fault(request.headers, raw)
        if refused:
            return _refusal(401, refused)
        asked = json.loads(raw)
        number, template, key = asked["to"], asked["template"], asked["key"]
        if key in self._once:
            return JSONResponse({"id": self._once[key]})
        refused = self._content_fault(number, template, asked["params"])
        if refused:
            return _refusal(402 if refused == "no_balance" else 422, refused)
        self.balance -= 1
        text = self.templates[template].format(**asked["params"])
        self.ledger.add(number, "sms", text, self.clock(), template=template, params=asked["params"])
        self._once[key] = f"sms-{len(self._once) + 1}"
        return JSONResponse({"id": self._once[key]})

    def _signature_fault(self, headers: Mapping[str, str], raw: bytes) -> str:
        stamp, nonce = headers.get("x-timestamp", ""), headers.get("x-nonce", "")
        if headers.get("x-key-id") != self.key_id:
            return "unknown_key"
        signed = "\n".join(("POST", PATH, stamp, nonce, hashlib.sha256(raw).hexdigest()))
        expected = hmac.new(self.secret.encode(), signed.encode(), "sha256").hexdigest()
        if headers.get("x-signature") != expected or not nonce or nonce in self._nonces:
            return "bad_signature"
        if abs(self.clock.timestamp() - int(stamp)) > 300:
            return "stale_timestamp"
        self._nonces.add(nonce)
        return ""

    def _content_fault(self, number: str, template: str, params: dict[str, str]) -> str:
        if self.balance <= 0:
            return "no_balance"
        if not number.lstrip("+").isdigit() or not 8 <= len(number) <= 15:
            return "invalid_number"
        if number in self.unsubscribed:
            return "unsubscribed"
        if number in self.over_limit:
            return "number_limit"
        if template not in self.templates:
            return "template_unknown"
        try:
            self.templates[template].format(**params)
        except KeyError:
            return "params_refused"
        return "params_refused" if any(not value for value in params.values()) else ""


def _refusal(status: int, code: str) -> Response:
    return JSONResponse({"code": code, "message": code.replace("_", " ")}, status)


if __name__ == "__main__":
    serve_alone(SmsServer(), 9004)
