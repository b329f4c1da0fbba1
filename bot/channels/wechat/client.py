"""The calls we make to the official account's API; each returns plain facts or raises a typed refusal.

`base` is https://api.weixin.qq.com or a local server that speaks the same.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from bot.channels.limits import WECHAT_MEDIA_BYTES
from bot.channels.ports import Clock, TokenStore, utc_now
from bot.channels.refusals import MediaTooLarge, MediaUnavailable
from bot.channels.vendor_http import AnswerTooLarge, VendorHttp, VendorUnavailable, parse_object
from bot.channels.wechat.calls import AuthorisedCalls, refuse_errors
from bot.channels.wechat.errors import ApiRefused
from bot.channels.wechat.token import FetchedToken, TokenKeeper
from nlu.errors import LinliError

OAUTH_PAGE = "https://open.weixin.qq.com/connect/oauth2/authorize"
QR_PICTURE = "https://mp.weixin.qq.com/cgi-bin/showqrcode"
_CODE_SPENT = (40029, 40163)
_MEDIA_GONE = (40007, 41006)


class OAuthCodeRefused(LinliError):
    """The sign-in code is wrong, spent or too old; the page starts the sign-in again."""

    code = "oauth_code_refused"
    status = 403


@dataclass(frozen=True, slots=True)
class QrScene:
    """A poster's code: `ticket` names the picture, `url` is what the code holds."""

    ticket: str
    url: str

    @property
    def picture_url(self) -> str:
        """Where the platform shows the picture."""
        return f"{QR_PICTURE}?{urlencode({'ticket': self.ticket})}"


@dataclass(frozen=True, slots=True)
class Follower:
    """What the platform tells of a person: nothing but whether they follow and their language."""

    openid: str
    follows: bool
    language: str = ""
    unionid: str = ""


class WeChatClient:
    """One official account."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        app_id: str,
        app_secret: str,
        base: str,
        tokens: TokenStore,
        clock: Clock = utc_now,
    ) -> None:
        self.app_id = app_id
        self._secret = app_secret
        self._http = VendorHttp(http, base)
        self._host = urlsplit(base).netloc
        keeper = TokenKeeper(f"wechat:{app_id}", tokens, self._fetch_token, clock, can_force=True)
        self._calls = AuthorisedCalls(self._http, keeper)

    async def _fetch_token(self, force: bool) -> FetchedToken:
        body = {
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        answer = refuse_errors(await self._http.json("POST", "/cgi-bin/stable_token", body=body))
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(life, int):
            raise VendorUnavailable("the token answer has no token")
        return FetchedToken(token, life)

    # -- messages -------------------------------------------------------------------------------------------
    async def send_text(self, openid: str, text: str) -> None:
        """A customer message; needs an open window."""
        await self._custom(openid, {"msgtype": "text", "text": {"content": text}})

    async def send_menu(self, openid: str, head: str, choices: Sequence[tuple[str, str]], tail: str = "") -> None:
        """A customer message with lines to tap: (id, label) pairs; a tap comes back as text with the id."""
        lines = [{"id": choice_id, "content": label} for choice_id, label in choices]
        menu = {"head_content": head, "list": lines, "tail_content": tail}
        await self._custom(openid, {"msgtype": "msgmenu", "msgmenu": menu})

    async def send_image(self, openid: str, media_id: str) -> None:
        """A customer message with an uploaded picture."""
        await self._custom(openid, {"msgtype": "image", "image": {"media_id": media_id}})

    async def _custom(self, openid: str, message: dict[str, Any]) -> None:
        body = {"touser": openid, **message}
        await self._calls.json("POST", "/cgi-bin/message/custom/send", body=body)

    async def send_template(
        self, openid: str, template_id: str, data: Mapping[str, str], *, url: str = "", once: str = ""
    ) -> str:
        """A template message; `once` de-duplicates for 10 minutes. Returns the platform's message id."""
        body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": _values(data)}
        if url:
            body["url"] = url
        if once:
            body["client_msg_id"] = hashlib.sha256(once.encode()).hexdigest()[:32]
        answer = await self._calls.json("POST", "/cgi-bin/message/template/send", body=body)
        return str(answer.get("msgid", ""))

    async def send_subscribe(self, openid: str, template_id: str, data: Mapping[str, str], *, page: str = "") -> str:
        """A subscribe notice (订阅通知); spends one consent unless the template is long-term."""
        body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": _values(data)}
        if page:
            body["page"] = page
        answer = await self._calls.json("POST", "/cgi-bin/message/subscribe/bizsend", body=body)
        return str(answer.get("msgid", ""))

    # -- account --------------------------------------------------------------------------------------------
    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the account's menu; `menu` is the platform's own form `{"button": […]}`."""
        await self._calls.json("POST", "/cgi-bin/menu/create", body=dict(menu))

    async def create_scene(self, scene: str, *, seconds: int = 0) -> QrScene:
        """A QR code whose scan brings `scene` (≤ 64 characters); permanent unless `seconds` are given."""
        body: dict[str, Any] = {"action_info": {"scene": {"scene_str": scene}}}
        if seconds:
            body |= {"action_name": "QR_STR_SCENE", "expire_seconds": seconds}
        else:
            body["action_name"] = "QR_LIMIT_STR_SCENE"
        answer = await self._calls.json("POST", "/cgi-bin/qrcode/create", body=body)
        return QrScene(str(answer.get("ticket", "")), str(answer.get("url", "")))

    async def follower(self, openid: str, language: str = "zh_CN") -> Follower:
        """Whether this person follows us."""
        params = {"openid": openid, "lang": language}
        answer = await self._calls.json("GET", "/cgi-bin/user/info", params=params)
        return Follower(
            openid, answer.get("subscribe") == 1, str(answer.get("language", "")), str(answer.get("unionid", ""))
        )

    # -- media ----------------------------------------------------------------------------------------------
    async def download_media(self, media_id: str, cap: int = WECHAT_MEDIA_BYTES) -> tuple[bytes, str]:
        """A file a resident sent, and its MIME type. MediaUnavailable after its three days."""
        try:
            raw, mime = await self._calls.download("/cgi-bin/media/get", {"media_id": media_id}, cap)
        except ApiRefused as error:
            if error.errcode in _MEDIA_GONE:
                raise MediaUnavailable from error
            raise
        if mime in ("application/json", "text/plain") and raw.lstrip().startswith(b"{"):
            return await self._video(str(parse_object(raw).get("video_url", "")), cap)
        return raw, mime

    async def _video(self, url: str, cap: int) -> tuple[bytes, str]:
        """Videos come as an address; only the platform's own hosts (or our configured base) are followed."""
        parts = urlsplit(url)
        ours = parts.netloc == self._host
        if not ours and not (parts.scheme in ("http", "https") and (parts.hostname or "").endswith(".qq.com")):
            raise MediaUnavailable("the video's address is not the platform's")
        try:
            raw, response = await self._http.fetch("GET", url, cap=cap)
        except AnswerTooLarge:
            raise MediaTooLarge from None
        if response.status_code != 200:
            raise MediaUnavailable(f"HTTP {response.status_code}")
        return raw, str(response.headers.get("content-type", "video/mp4")).split(";")[0]

    async def upload_image(self, data: bytes, name: str = "photo.jpg", mime: str = "image/jpeg") -> str:
        """Upload a picture for three days; returns its media id."""
        files = {"media": (name, data, mime)}
        answer = await self._calls.json("POST", "/cgi-bin/media/upload", params={"type": "image"}, files=files)
        return str(answer.get("media_id", ""))

    # -- sign-in on mobile pages ------------------------------------------------------------------------------
    def sign_in_url(self, redirect_uri: str, state: str) -> str:
        """Where a mobile page sends the browser to learn the openid; `state` must be checked on return."""
        query = urlencode(
            {
                "appid": self.app_id,
                "redirect_uri": redirect_uri,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            }
        )
        return f"{OAUTH_PAGE}?{query}#wechat_redirect"

    async def openid_of_code(self, code: str) -> str:
        """The openid behind a sign-in code. OAuthCodeRefused when it is wrong or spent."""
        params = {
            "appid": self.app_id,
            "secret": self._secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        try:
            answer = refuse_errors(await self._http.json("GET", "/sns/oauth2/access_token", params=params))
        except ApiRefused as error:
            if error.errcode in _CODE_SPENT:
                raise OAuthCodeRefused from error
            raise
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            raise VendorUnavailable("the sign-in answer has no openid")
        return openid


def _values(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in data.items()}
