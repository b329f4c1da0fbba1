"""The gateway's one call: `POST /v1/messages`, signed, idempotent by key, answered with an id or a code.

Gateways differ; this is the plain form a provider's adapter or a small relay speaks:
`{"to","template","params","key"}` → 200 `{"id"}`, or 4xx `{"code","message"}` with a code of the table below.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from bot.channels.ports import Clock, utc_now
from bot.channels.sms.signing import signature
from bot.channels.vendor_http import JSON_CAP, VendorHttp, VendorUnavailable, parse_object
from bot.messages import Outcome
from nlu.errors import LinliError

PATH = "/v1/messages"

POLICY: Mapping[str, Outcome] = {
    "invalid_number": Outcome.UNREACHABLE,
    "unsubscribed": Outcome.UNREACHABLE,
    "blocked_number": Outcome.UNREACHABLE,
    "number_limit": Outcome.OTHER_ROUTE,  # this number has had its share of today
    "template_unknown": Outcome.BUG,
    "params_refused": Outcome.BUG,
    "content_refused": Outcome.BUG,
    "bad_request": Outcome.BUG,
    "bad_signature": Outcome.CHANNEL_DOWN,
    "stale_timestamp": Outcome.CHANNEL_DOWN,
    "unknown_key": Outcome.CHANNEL_DOWN,
    "no_balance": Outcome.CHANNEL_DOWN,
    "rate_limit": Outcome.RETRY,
    "busy": Outcome.RETRY,
}


class SmsRefused(LinliError):
    """The gateway answered with an error code."""

    code = "sms_refused"
    status = 502

    def __init__(self, vendor_code: str, message: str, outcome: Outcome) -> None:
        super().__init__(f"{vendor_code} {message}".strip())
        self.vendor_code = vendor_code
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class SmsKeys:
    """Our identity at the gateway."""

    key_id: str
    secret: str


class SmsClient:
    """One account at one gateway."""

    def __init__(self, http: httpx.AsyncClient, *, base: str, keys: SmsKeys, clock: Clock = utc_now) -> None:
        self._http = VendorHttp(http, base)
        self._keys = keys
        self._clock = clock

    async def send(self, number: str, template_id: str, params: Mapping[str, str], *, key: str) -> str:
        """One SMS by an approved template; the same `key` is sent once. Returns the gateway's id."""
        content = {"to": number, "template": template_id, "params": dict(params), "key": key}
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        raw, response = await self._http.fetch("POST", PATH, content=body, headers=self._headers(body), cap=JSON_CAP)
        answer = parse_object(raw)
        if response.status_code != 200:
            code = str(answer.get("code", f"http_{response.status_code}"))[:64]
            raise SmsRefused(code, str(answer.get("message", ""))[:200], POLICY.get(code, Outcome.BUG))
        message_id = answer.get("id")
        if not isinstance(message_id, str) or not message_id:
            raise VendorUnavailable("the answer has no id", uncertain=True)
        return message_id

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp, nonce = str(int(self._clock().timestamp())), secrets.token_hex(16)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "X-Key-Id": self._keys.key_id,
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": signature(self._keys.secret, "POST", PATH, timestamp, nonce, body),
        }
