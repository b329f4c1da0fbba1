"""How an API of the WeChat family is called: with the token, and renewing a refused one exactly once."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from bot.channels.refusals import MediaTooLarge
from bot.channels.vendor_http import AnswerTooLarge, VendorHttp, VendorUnavailable, parse_object
from bot.channels.wechat.errors import POLICY, ApiRefused, Handling, TokenRefused, handling_of
from bot.channels.wechat.token import TokenKeeper

Json = dict[str, Any]
T = TypeVar("T")


def refuse_errors(answer: Json, policy: Mapping[int, Handling] = POLICY) -> Json:
    """The answer, or ApiRefused when it carries an error code. A code that is no number is nonsense."""
    errcode = answer.get("errcode", 0)
    if not isinstance(errcode, int):
        raise VendorUnavailable("the answer's errcode is not a number", uncertain=True)
    if errcode:
        raise ApiRefused(errcode, _without_trace(str(answer.get("errmsg", ""))), handling_of(errcode, policy))
    return answer


def _without_trace(errmsg: str) -> str:
    """The vendor's sentence without its request id, short enough for a ledger line."""
    return errmsg.split(" rid:")[0].split(", hints:")[0][:200]


class AuthorisedCalls:
    """Calls that need the access token of one account."""

    def __init__(self, http: VendorHttp, tokens: TokenKeeper, policy: Mapping[int, Handling] = POLICY) -> None:
        self._http = http
        self._tokens = tokens
        self._policy = policy

    async def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> Json:
        """One call; ApiRefused for an error code, TokenRefused when the renewed token is refused too."""
        return await self._renewing(lambda token: self._json_once(token, method, path, params, body, files))

    async def _renewing(self, once: Callable[[str], Awaitable[T]]) -> T:
        """Run `once` with the token; when the token is refused, once more with a renewed one."""
        token = await self._tokens.current()
        try:
            return await once(token)
        except ApiRefused as error:
            if error.handling is not Handling.REFRESH:
                raise
            token = await self._tokens.renewed(token, error.errcode)
        try:
            return await once(token)
        except ApiRefused as error:
            if error.handling is not Handling.REFRESH:
                raise
            raise TokenRefused(error.errcode, "refused again after one renewal") from error

    async def _json_once(
        self,
        token: str,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Json | None,
        files: Mapping[str, tuple[str, bytes, str]] | None,
    ) -> Json:
        signed = {**(params or {}), "access_token": token}
        answer = await self._http.json(method, path, params=signed, body=body, files=files)
        return refuse_errors(answer, self._policy)

    async def download(self, path: str, params: Mapping[str, str], cap: int) -> tuple[bytes, str]:
        """A file up to `cap` bytes (MediaTooLarge beyond) and its MIME type."""
        return await self._renewing(lambda token: self._download_once(token, path, params, cap))

    async def _download_once(self, token: str, path: str, params: Mapping[str, str], cap: int) -> tuple[bytes, str]:
        try:
            raw, response = await self._http.fetch("GET", path, params={**params, "access_token": token}, cap=cap)
        except AnswerTooLarge:
            raise MediaTooLarge from None
        mime = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if mime in ("application/json", "text/plain") and raw.lstrip().startswith(b"{"):
            refuse_errors(parse_object(raw), self._policy)
        return raw, mime
