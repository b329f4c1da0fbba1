"""A stand-in for qyapi.weixin.qq.com: it drops over the limit without a word, and cards update once per click.

Alone: `python -m tests.servers.wecom --port 9002`.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.clock import TurnableClock
from tests.servers.running import StandIn, serve_alone

Answer = dict[str, Any]
LIMITS = ((30, timedelta(minutes=1)), (1_000, timedelta(hours=1)))
CODE_LIFE = timedelta(hours=72)
TOKEN_LIFE = 7_200


def error(code: int, words: str = "error") -> Answer:
    """The platform's error form."""
    return {"errcode": code, "errmsg": f"{words}, hint: [stand-in], from ip: 127.0.0.1"}


@dataclass
class Code:
    """The right to change one card once."""

    task_id: str
    member: str
    ends: datetime
    spent: bool = False


class WeComServer(StandIn):
    """The WeCom platform for one application."""

    def __init__(
        self,
        *,
        corp_id: str = "ww0linli",
        agent_id: int = 1_000_002,
        secret: str = "s3cret",  # noqa: S107  (made up)
        clock: TurnableClock | None = None,
    ) -> None:
        super().__init__(clock)
        self.corp_id, self.agent_id, self.secret = corp_id, agent_id, secret
        self.members: set[str] = set()
        self.unlicensed: set[str] = set()
        self.refuse_tokens = False
        self.tokens_fetched = 0
        self.dropped: list[tuple[str, str]] = []
        self.cards: dict[str, Answer] = {}
        self.codes: dict[str, Code] = {}
        self.media: dict[str, tuple[bytes, str]] = {}
        self._token, self._token_ends = "", self.clock()
        self._sent: dict[str, list[datetime]] = defaultdict(list)
        self._once: dict[str, datetime] = {}
        self._number = 0

    def _next(self) -> int:
        self._number += 1
        return self._number

    def revoke_token(self) -> None:
        """The token ends early, as the platform may do."""
        self._token = ""

    def put_media(self, data: bytes, mime: str = "image/jpeg") -> str:
        """A file that a member sent."""
        media_id = f"media-{self._next()}"
        self.media[media_id] = (data, mime)
        return media_id

    def new_code(self, task_id: str, member: str) -> str:
        """A response code for a card, as each click brings one."""
        code = f"rc-{self._next()}"
        self.codes[code] = Code(task_id, member, self.clock() + CODE_LIFE)
        return code

    def routes(self) -> list[Route]:
        """The platform's addresses."""
        table = [
            ("/cgi-bin/gettoken", "GET", self._gettoken),
            ("/cgi-bin/message/send", "POST", self._send),
            ("/cgi-bin/message/update_template_card", "POST", self._update),
            ("/cgi-bin/media/get", "GET", self._download),
            ("/cgi-bin/media/upload", "POST", self._upload),
        ]
        return [Route(path, self.faulty(path, act), methods=[method]) for path, method, act in table]

    async def _gettoken(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("corpid") != self.corp_id:
            return JSONResponse(error(40013, "invalid corpid"))
        if asked.get("corpsecret") != self.secret:
            return JSONResponse(error(40001, "invalid credential"))
        self.tokens_fetched += 1
        if not self._token or self.clock() >= self._token_ends:
            self._token = f"wecom-token-{self._next()}"
            self._token_ends = self.clock() + timedelta(seconds=TOKEN_LIFE)
        left = int((self._token_ends - self.clock()).total_seconds())
        return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": self._token, "expires_in": left})

    def _token_fault(self, request: Request) -> int:
        given = request.query_params.get("access_token")
        if not given:
            return 41001
        if self.refuse_tokens or given != self._token:
            return 40014
        return 42001 if self.clock() >= self._token_ends else 0

    async def _send(self, request: Request) -> Response:
        fault = self._token_fault(request)
        if fault:
            return JSONResponse(error(fault))
        body = json.loads(await request.body())
        kind = body.get("msgtype")
        part = body.get(kind)
        if body.get("agentid") != self.agent_id:
            return JSONResponse(error(40056, "invalid agentid"))
        if not isinstance(part, dict) or not _shown(kind, part):
            return JSONResponse(error(44004, "content is empty"))
        if kind == "template_card" and _card_fault(part, self.cards):
            return JSONResponse(error(40058, _card_fault(part, self.cards)))
        wanted = [name for name in str(body.get("touser", "")).split("|") if name]
        invalid = [name for name in wanted if name not in self.members]
        unlicensed = [name for name in wanted if name in self.unlicensed]
        reached = [name for name in wanted if name in self.members and name not in self.unlicensed]
        if not reached and not unlicensed:
            return JSONResponse(error(81013, "user & party & tag all invalid"))
        return JSONResponse(self._deliver(body, kind, part, reached, invalid, unlicensed))

    def _deliver(
        self,
        body: Answer,
        kind: str,
        part: Answer,
        reached: list[str],
        invalid: list[str],
        unlicensed: list[str],
    ) -> Answer:
        answer: Answer = {"errcode": 0, "errmsg": "ok", "msgid": f"msg-{self._next()}"}
        if invalid:
            answer["invaliduser"] = "|".join(invalid)
        if unlicensed:
            answer["unlicenseduser"] = "|".join(unlicensed)
        if self._is_repeat(body):
            return answer
        for member in reached:
            self._reach(member, kind, part)
        if kind == "template_card":
            self.cards[part["task_id"]] = part
            answer["response_code"] = self.new_code(part["task_id"], reached[0] if reached else "")
        return answer

    def _is_repeat(self, body: Answer) -> bool:
        """`enable_duplicate_check`: the same content to the same people within the interval."""
        if not body.get("enable_duplicate_check"):
            return False
        key = json.dumps(body, sort_keys=True)
        last = self._once.get(key)
        self._once.setdefault(key, self.clock())
        return last is not None and self.clock() - last < timedelta(seconds=body["duplicate_check_interval"])

    def _reach(self, member: str, kind: str, part: Answer) -> None:
        """Into the ledger, or silently nowhere when the member has had too much."""
        now, sent = self.clock(), self._sent[member]
        for most, span in LIMITS:
            if sum(at > now - span for at in sent) >= most:
                self.dropped.append((member, _shown(kind, part)))
                return
        sent.append(now)
        route = "card" if kind == "template_card" else kind
        self.ledger.add(member, route, _shown(kind, part), now, **part)

    async def _update(self, request: Request) -> Response:
        fault = self._token_fault(request)
        if fault:
            return JSONResponse(error(fault))
        body = json.loads(await request.body())
        code = self.codes.get(body.get("response_code", ""))
        if code is None or code.spent or self.clock() >= code.ends:
            return JSONResponse(error(40058, "invalid response_code"))
        code.spent = True
        shown = body["button"]["replace_name"]
        for member in body["userids"]:
            self.ledger.add(member, "card_update", shown, self.clock(), task_id=code.task_id)
        return JSONResponse({"errcode": 0, "errmsg": "ok"})

    async def _download(self, request: Request) -> Response:
        fault = self._token_fault(request)
        found = self.media.get(request.query_params.get("media_id", ""))
        if fault or found is None:
            return JSONResponse(error(fault or 40007, "invalid media_id"))
        return Response(found[0], media_type=found[1])

    async def _upload(self, request: Request) -> Response:
        fault = self._token_fault(request)
        if fault:
            return JSONResponse(error(fault))
        part = (await request.form()).get("media")
        assert part is not None
        assert not isinstance(part, str)
        return JSONResponse({"errcode": 0, "type": "image", "media_id": self.put_media(await part.read())})


def _shown(kind: str, part: Answer) -> str:
    """What the member reads."""
    if kind == "template_card":
        facts = [f"{row['keyname']}：{row['value']}" for row in part.get("horizontal_content_list", [])]
        title = part.get("main_title", {})
        lines = [title.get("title"), title.get("desc"), *facts, part.get("sub_title_text")]
        return "\n".join(line for line in lines if line)
    return str(part.get("content") or part.get("media_id") or "")


def _card_fault(card: Answer, known: dict[str, Answer]) -> str:
    """Why the platform refuses a card, "" when it does not."""
    if card.get("card_type") != "button_interaction":
        return "invalid card_type"
    if not card.get("task_id") or len(card["task_id"]) > 128:
        return "invalid task_id"
    if card["task_id"] in known:
        return ""  # the same card again is left to the duplicate check
    buttons = card.get("button_list") or []
    if not 1 <= len(buttons) <= 6 or any(not row.get("text") or not row.get("key") for row in buttons):
        return "invalid button_list"
    return ""


if __name__ == "__main__":
    serve_alone(WeComServer(), 9002)
