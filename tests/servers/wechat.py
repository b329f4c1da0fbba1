"""A stand-in for api.weixin.qq.com: windows, templates, consents, quotas, and the ledger of what arrived.

Alone: `python -m tests.servers.wechat --port 9001`.
"""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.clock import TurnableClock
from tests.servers.running import serve_alone
from tests.servers.wechat_account import Answer, WeChatAccount, error
from tests.servers.wechat_rules import field_fault


class WeChatServer(WeChatAccount):
    """The official-account platform."""

    def __init__(
        self,
        *,
        app_id: str = "wx0linli",
        app_secret: str = "s3cret",  # noqa: S107  (made up)
        clock: TurnableClock | None = None,
    ) -> None:
        super().__init__(app_id=app_id, app_secret=app_secret, clock=clock)
        self._used: dict[str, list[datetime]] = defaultdict(list)

    # -- addresses --------------------------------------------------------------------------------------------
    def routes(self) -> list[Route]:
        """The platform's addresses."""
        posts: dict[str, Callable[[Answer], Answer]] = {
            "/cgi-bin/message/custom/send": self._custom,
            "/cgi-bin/message/template/send": self._template,
            "/cgi-bin/message/subscribe/bizsend": self._subscribe,
            "/cgi-bin/menu/create": self._create_menu,
            "/cgi-bin/qrcode/create": self._create_scene,
        }
        guarded = [
            Route(path, self.faulty(path, self._posted(path, act)), methods=["POST"]) for path, act in posts.items()
        ]
        others: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("/cgi-bin/stable_token", "POST", self._stable_token),
            ("/cgi-bin/user/info", "GET", self._user_info),
            ("/cgi-bin/media/upload", "POST", self._upload),
            ("/cgi-bin/media/get", "GET", self._download),
            ("/sns/oauth2/access_token", "GET", self._sign_in),
            ("/_video/{media_id}", "GET", self._video),
        ]
        return guarded + [Route(path, self.faulty(path, act), methods=[method]) for path, method, act in others]

    def _posted(self, path: str, act: Callable[[Answer], Answer]) -> Callable[[Request], Awaitable[Response]]:
        async def handler(request: Request) -> Response:
            fault = self.tokens.fault_of(request.query_params.get("access_token")) or self._rate_fault(path)
            if fault:
                return JSONResponse(error(fault))
            try:
                body = _read_like_the_platform(await request.body())
            except ValueError:
                return JSONResponse(error(47001))
            return JSONResponse(act(body))

        return handler

    def _rate_fault(self, path: str) -> int:
        now = self.clock()
        used = self._used[path]
        if path in self.quota_of_day and len(used) >= self.quota_of_day[path]:
            return 45009
        recent = [at for at in used if at > now - timedelta(minutes=1)]
        if path in self.quota_of_minute and len(recent) >= self.quota_of_minute[path]:
            return 45011
        used.append(now)
        return 0

    # -- messages ---------------------------------------------------------------------------------------------
    def _custom(self, body: Answer) -> Answer:
        openid, kind = body.get("touser", ""), str(body.get("msgtype", ""))
        shown = _shown(kind, body)
        if shown is None or not openid:
            return error(47001)
        if len(shown.encode()) > 2_048:
            return error(45002)
        if kind == "image" and not self._media_lives(shown):
            return error(40007)
        fault = self._person_fault(openid) or self.windows.spend(openid)
        if fault:
            return error(fault)
        self.ledger.add(openid, "customer", shown, self.clock(), kind=kind, **body[kind])
        return {"errcode": 0, "errmsg": "ok"}

    def _template(self, body: Answer) -> Answer:
        openid, template_id = body.get("touser", ""), body.get("template_id", "")
        fault = self._person_fault(openid)
        if fault:
            return error(fault)
        refused = _template_fault(self.templates, template_id, body.get("data"))
        if refused:
            return refused
        once = body.get("client_msg_id")
        if once and (openid, once) in self._once:
            sent_at, message_id = self._once[openid, once]
            if self.clock() - sent_at < timedelta(minutes=10):
                return {"errcode": 0, "errmsg": "ok", "msgid": message_id}
        return self._deliver(openid, "template", body, once)

    def _subscribe(self, body: Answer) -> Answer:
        openid, template_id = body.get("touser", ""), body.get("template_id", "")
        fault = self._person_fault(openid)
        if fault:
            return error(fault)
        refused = _template_fault(self.notices, template_id, body.get("data"))
        if refused:
            return refused
        if (openid, template_id) not in self.long_term:
            if not self.consents[openid, template_id]:
                return error(43101)
            self.consents[openid, template_id] -= 1
        return self._deliver(openid, "subscribe", body)

    def _deliver(self, openid: str, route: str, body: Answer, once: str | None = None) -> Answer:
        values = {name: part["value"] for name, part in body["data"].items()}
        self.ledger.add(
            openid,
            route,
            " ".join(values.values()),
            self.clock(),
            template_id=body["template_id"],
            data=values,
            url=body.get("url") or body.get("page", ""),
        )
        message_id = 3_000_000_000 + self._next()
        if once:
            self._once[openid, once] = (self.clock(), message_id)
        return {"errcode": 0, "errmsg": "ok", "msgid": message_id}


def _read_like_the_platform(raw: bytes) -> Answer:
    r"""JSON in which `\uXXXX` is shown to people as it stands: the platform does not unescape it."""
    body = json.loads(raw.decode().replace("\\u", "\\\\u"))
    if not isinstance(body, dict):
        raise ValueError("not an object")
    return body


def _shown(kind: object, body: Answer) -> str | None:
    """What the person sees of a customer message; None when its form is wrong."""
    part = body.get(str(kind))
    if not isinstance(part, dict):
        return None
    match kind:
        case "text":
            return part.get("content") or None
        case "image":
            return part.get("media_id") or None
        case "msgmenu":
            rows = part.get("list")
            if not rows or any(set(row) != {"id", "content"} for row in rows):
                return None
            lines = [
                part.get("head_content", ""),
                *(row["content"] for row in rows),
                part.get("tail_content", ""),
            ]
            return "\n".join(line for line in lines if line)
        case _:
            return None


def _template_fault(known: dict[str, tuple[str, ...]], template_id: str, data: object) -> Answer | None:
    if template_id not in known:
        return error(40037)
    given = data if isinstance(data, dict) else {}
    for name in known[template_id]:
        why = field_fault(name, given.get(name, {}).get("value"))
        if why:
            return error(47003, f"argument invalid! {why}")
    return None


if __name__ == "__main__":
    serve_alone(WeChatServer(), 9001)
