"""The calls we make to WeCom's API. `base` is https://qyapi.weixin.qq.com or a local server that speaks the same."""

from dataclasses import dataclass
from typing import Any

import httpx

from bot.channels.limits import WECHAT_MEDIA_BYTES
from bot.channels.ports import Clock, TokenStore, utc_now
from bot.channels.vendor_http import VendorHttp, VendorUnavailable
from bot.channels.wechat.calls import AuthorisedCalls, refuse_errors
from bot.channels.wechat.token import FetchedToken, TokenKeeper
from bot.channels.wecom.cards import replaced_button
from bot.channels.wecom.errors import POLICY

DUPLICATE_SECONDS = 1_800


@dataclass(frozen=True, slots=True)
class Sent:
    """WeCom's answer: errcode 0 may still mean that a member was not reached."""

    message_id: str
    invalid: frozenset[str] = frozenset()
    unlicensed: frozenset[str] = frozenset()
    response_code: str = ""


class WeComClient:
    """One application of one corporation."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        corp_id: str,
        agent_id: int,
        secret: str,
        base: str,
        tokens: TokenStore,
        clock: Clock = utc_now,
    ) -> None:
        self.corp_id = corp_id
        self.agent_id = agent_id
        self._secret = secret
        self._http = VendorHttp(http, base)
        keeper = TokenKeeper(f"wecom:{corp_id}:{agent_id}", tokens, self._fetch_token, clock, can_force=False)
        self._calls = AuthorisedCalls(self._http, keeper, POLICY)

    async def _fetch_token(self, _force: bool) -> FetchedToken:
        params = {"corpid": self.corp_id, "corpsecret": self._secret}
        answer = refuse_errors(await self._http.json("GET", "/cgi-bin/gettoken", params=params), POLICY)
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(life, int):
            raise VendorUnavailable("the token answer has no token")
        return FetchedToken(token, life)

    async def send_text(self, member: str, text: str) -> Sent:
        """A text to one member; the same text again within 30 minutes is dropped by the platform."""
        body = {"msgtype": "text", "text": {"content": text}}
        return await self._send(member, body)

    async def send_card(self, member: str, card: dict[str, Any]) -> Sent:
        """A template card to one member; its `task_id` must be new."""
        return await self._send(member, {"msgtype": "template_card", "template_card": card})

    async def send_image(self, member: str, media_id: str) -> Sent:
        """An uploaded picture to one member."""
        return await self._send(member, {"msgtype": "image", "image": {"media_id": media_id}})

    async def _send(self, member: str, message: dict[str, Any]) -> Sent:
        body = {
            "touser": member,
            "agentid": self.agent_id,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_SECONDS,
            **message,
        }
        answer = await self._calls.json("POST", "/cgi-bin/message/send", body=body)
        return Sent(
            message_id=str(answer.get("msgid", "")),
            invalid=_members(answer.get("invaliduser")),
            unlicensed=_members(answer.get("unlicenseduser")),
            response_code=str(answer.get("response_code", "")),
        )

    async def update_card(self, member: str, response_code: str, shown: str) -> None:
        """Show `shown` on the card's button. ApiRefused when the code is spent or older than 72 h."""
        body = {
            "userids": [member],
            "agentid": self.agent_id,
            "response_code": response_code,
            **replaced_button(shown),
        }
        await self._calls.json("POST", "/cgi-bin/message/update_template_card", body=body)

    async def download_media(self, media_id: str, cap: int = WECHAT_MEDIA_BYTES) -> tuple[bytes, str]:
        """A file a worker sent, and its MIME type."""
        return await self._calls.download("/cgi-bin/media/get", {"media_id": media_id}, cap)

    async def upload_image(self, data: bytes, name: str = "photo.jpg", mime: str = "image/jpeg") -> str:
        """Upload a picture for three days; returns its media id."""
        files = {"media": (name, data, mime)}
        answer = await self._calls.json("POST", "/cgi-bin/media/upload", params={"type": "image"}, files=files)
        return str(answer.get("media_id", ""))


def _members(value: object) -> frozenset[str]:
    return frozenset(name for name in str(value or "").split("|") if name)
