"""Calls to a vendor over HTTP, with a deadline and a cap, and every failure sorted into one of three names.

No redirects are followed. Texts of errors never contain the address, because it may carry a token.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from nlu.errors import LinliError

JSON_CAP = 1024 * 1024
DEADLINE_SECONDS = 10.0


class VendorUnavailable(LinliError):
    """The vendor did not answer, or not sensibly; the same call may be made again later."""

    code = "vendor_unavailable"
    status = 502

    def __init__(self, why: str, *, uncertain: bool = False, retry_after: float = 0.0) -> None:
        super().__init__(why, why=why)
        self.uncertain = uncertain  # the request may have taken effect
        self.retry_after = retry_after  # seconds, 0: the caller's own back-off


class AnswerTooLarge(LinliError):
    """The vendor's answer is larger than the cap."""

    code = "answer_too_large"
    status = 502


def hide_request_lines() -> None:
    """Call once at start: the HTTP client logs every address at INFO, and addresses carry tokens and secrets."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def vendor_client(connections: int = 20) -> httpx.AsyncClient:
    """A client for vendors: no redirects, short connect, bounded pool. The caller closes it."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(DEADLINE_SECONDS, connect=5.0),
        follow_redirects=False,
        limits=httpx.Limits(max_connections=connections),
    )


@asynccontextmanager
async def _translated(deadline: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(deadline):
            yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise VendorUnavailable(f"no connection ({type(error).__name__})") from None
    except (httpx.TimeoutException, TimeoutError):
        raise VendorUnavailable("no answer in time", uncertain=True) from None
    except httpx.HTTPError as error:
        raise VendorUnavailable(f"connection broke ({type(error).__name__})", uncertain=True) from None


class VendorHttp:
    """JSON in, JSON out, bytes when asked. `base` may point at a local server."""

    def __init__(self, http: httpx.AsyncClient, base: str, *, deadline: float = DEADLINE_SECONDS) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._deadline = deadline

    async def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> dict[str, Any]:
        """One call; the answer as an object. VendorUnavailable on 5xx, silence or nonsense."""
        headers = {"Content-Type": "application/json; charset=utf-8"} if body is not None else {}
        content = (
            json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
            if body is not None
            else None
        )
        raw, _ = await self.fetch(
            method, path, params=params, content=content, headers=headers, files=files, cap=JSON_CAP
        )
        return parse_object(raw)

    async def fetch(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        cap: int,
    ) -> tuple[bytes, httpx.Response]:
        """The answer's body up to `cap` bytes (AnswerTooLarge beyond) and the response with its headers."""
        url = path if path.startswith(("http://", "https://")) else self._base + path
        async with (
            _translated(self._deadline),
            self._http.stream(method, url, params=params, content=content, headers=headers, files=files) as response,
        ):
            raw = await _read(response, cap)
        if response.status_code >= 500:
            raise VendorUnavailable(f"HTTP {response.status_code}", uncertain=True)
        if response.status_code == 429:
            raise VendorUnavailable("HTTP 429", retry_after=seconds_of(response.headers.get("retry-after")))
        if response.is_redirect:
            raise VendorUnavailable("a redirect, which we never follow")
        return raw, response


async def _read(response: httpx.Response, cap: int) -> bytes:
    chunks = bytearray()
    async for chunk in response.aiter_bytes():
        chunks += chunk
        if len(chunks) > cap:
            raise AnswerTooLarge
    return bytes(chunks)


def seconds_of(header: str | None) -> float:
    """`Retry-After` in seconds; 60 when absent or written as a date."""
    return float(header) if header and header.isascii() and header.isdigit() else 60.0


def parse_object(raw: bytes) -> dict[str, Any]:
    """A vendor's JSON object, or VendorUnavailable: half an answer is no answer."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise VendorUnavailable("the answer is not JSON", uncertain=True) from None
    if not isinstance(value, dict):
        raise VendorUnavailable("the answer is not an object", uncertain=True)
    return value
