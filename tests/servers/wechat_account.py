"""The account side of the WeChat stand-in: tokens, followers, menu, scenes, media, sign-in."""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.clock import TurnableClock
from tests.servers.running import StandIn
from tests.servers.wechat_rules import Media, Tokens, Windows

Answer = dict[str, Any]
WORDS = {
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40007: "invalid media_id",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40163: "code been used",
    41001: "access_token missing",
    42001: "access_token expired",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    47001: "data format error",
}


def error(code: int, words: str = "") -> Answer:
    """The platform's error form, with the request id that it appends."""
    return {"errcode": code, "errmsg": f"{words or WORDS.get(code, 'error')} rid: 65a0-stand-in"}


class WeChatAccount(StandIn):
    """What the platform knows of one official account."""

    def __init__(
        self,
        *,
        app_id: str = "wx0linli",
        app_secret: str = "s3cret",  # noqa: S107  (made up)
        clock: TurnableClock | None = None,
    ) -> None:
        super().__init__(clock)
        self.app_id, self.app_secret = app_id, app_secret
        self.tokens = Tokens(self.clock)
        self.windows = Windows(self.clock)
        self.followers: set[str] = set()
        self.former: set[str] = set()
        self.templates: dict[str, tuple[str, ...]] = {}
        self.notices: dict[str, tuple[str, ...]] = {}
        self.consents: Counter[tuple[str, str]] = Counter()
        self.long_term: set[tuple[str, str]] = set()
        self.quota_of_day: dict[str, int] = {}
        self.quota_of_minute: dict[str, int] = {}
        self.media: dict[str, Media] = {}
        self.menu: Answer | None = None
        self.scenes: dict[str, str] = {}
        self.codes: dict[str, tuple[str, bool]] = {}
        self._once: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._number = 0

    # -- set-up by tests --------------------------------------------------------------------------------------
    def follow(self, *openids: str) -> None:
        """These people follow the account."""
        self.followers.update(openids)

    def unfollow(self, openid: str) -> None:
        """This person left."""
        self.followers.discard(openid)
        self.former.add(openid)

    def put_media(self, data: bytes, mime: str) -> str:
        """A file that a person sent, by the media id the callback names."""
        media_id = f"media-{self._next()}"
        self.media[media_id] = Media(data, mime, self.clock() + timedelta(days=3))
        return media_id

    def sign_in_code(self, openid: str) -> str:
        """A sign-in code that a mobile page brings back."""
        code = f"code-{self._next()}"
        self.codes[code] = (openid, False)
        return code

    def _next(self) -> int:
        self._number += 1
        return self._number

    async def _stable_token(self, request: Request) -> Response:
        asked = json.loads(await request.body())
        if asked.get("grant_type") != "client_credential" or asked.get("appid") != self.app_id:
            return JSONResponse(error(40013, "invalid appid"))
        if asked.get("secret") != self.app_secret:
            return JSONResponse(error(40125))
        fault = self.tokens.fetch(bool(asked.get("force_refresh")))
        if fault:
            return JSONResponse(error(fault))
        left = int((self.tokens.ends - self.clock()).total_seconds())
        return JSONResponse({"access_token": self.tokens.value, "expires_in": left})

    # -- account, media, sign-in --------------------------------------------------------------------------------
    def _create_menu(self, body: Answer) -> Answer:
        buttons = body.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            return error(40016, "invalid button size")
        self.menu = body
        return {"errcode": 0, "errmsg": "ok"}

    def _create_scene(self, body: Answer) -> Answer:
        scene = body.get("action_info", {}).get("scene", {}).get("scene_str", "")
        if not 1 <= len(scene) <= 64 or body.get("action_name") not in ("QR_LIMIT_STR_SCENE", "QR_STR_SCENE"):
            return error(40053, "invalid action info")
        ticket = f"ticket-{self._next()}"
        self.scenes[ticket] = scene
        return {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket}"}

    def _person_fault(self, openid: object) -> int:
        if openid in self.followers:
            return 0
        return 43004 if openid in self.former else 40003

    async def _user_info(self, request: Request) -> Response:
        fault = self.tokens.fault_of(request.query_params.get("access_token"))
        openid = request.query_params.get("openid", "")
        if fault or (openid not in self.followers and openid not in self.former):
            return JSONResponse(error(fault or 40003))
        if openid in self.former:
            return JSONResponse({"subscribe": 0, "openid": openid})
        return JSONResponse({"subscribe": 1, "openid": openid, "language": "zh_CN"})

    def _media_lives(self, media_id: str) -> bool:
        return media_id in self.media and self.clock() < self.media[media_id].ends

    async def _upload(self, request: Request) -> Response:
        fault = self.tokens.fault_of(request.query_params.get("access_token"))
        if fault:
            return JSONResponse(error(fault))
        part = (await request.form()).get("media")
        if part is None or isinstance(part, str):
            return JSONResponse(error(41005, "media data missing"))
        media_id = self.put_media(await part.read(), part.content_type or "image/jpeg")
        return JSONResponse({"type": "image", "media_id": media_id, "created_at": self.clock.timestamp()})

    async def _download(self, request: Request) -> Response:
        fault = self.tokens.fault_of(request.query_params.get("access_token"))
        media_id = request.query_params.get("media_id", "")
        if fault or not self._media_lives(media_id):
            return JSONResponse(error(fault or 40007))
        found = self.media[media_id]
        if found.mime.startswith("video/"):
            return JSONResponse({"video_url": f"{self.base}/_video/{media_id}"})
        return Response(found.data, media_type=found.mime)

    async def _video(self, request: Request) -> Response:
        found = self.media[request.path_params["media_id"]]
        return Response(found.data, media_type=found.mime)

    async def _sign_in(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("appid") != self.app_id or asked.get("secret") != self.app_secret:
            return JSONResponse(error(40125))
        openid, spent = self.codes.get(asked.get("code", ""), ("", True))
        if spent:
            return JSONResponse(error(40163 if openid else 40029))
        self.codes[asked["code"]] = (openid, True)
        return JSONResponse({"access_token": "page-token", "openid": openid, "scope": "snsapi_base"})
