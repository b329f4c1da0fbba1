"""A stand-in Bot API server: polling and webhook, messages with buttons, files, flood limits, blocked bots, a ledger.

Alone: `python -m tests.servers.telegram --port 9003`.
"""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.clock import TurnableClock
from tests.servers.running import StandIn, serve_alone
from tests.servers.telegram_form import Answer, Form, Refused, buttons_of, check_buttons, check_text, failure, read_form

POLL_STEP = 0.01


class TelegramServer(StandIn):
    """The Bot API for one bot."""

    def __init__(
        self,
        *,
        token: str = "4200:stand-in-token",  # noqa: S107  (made up)
        username: str = "linli_test_bot",
        clock: TurnableClock | None = None,
    ) -> None:
        super().__init__(clock)
        self.token, self.username = token, username
        self.bot_id = int(token.partition(":")[0])
        self.chats: dict[int, Answer] = {}
        self.blocked: set[int] = set()
        self.migrated: dict[int, int] = {}
        self.files: dict[str, bytes] = {}
        self.messages: dict[tuple[int, int], Answer] = {}
        self.answered: list[Answer] = []
        self.webhook: Answer = {"url": ""}
        self.flood_per_minute: int = 0  # 0: no limit; else messages per chat and minute
        self.updates: list[Answer] = []
        self._sent: dict[int, list[float]] = defaultdict(list)
        self._number = 0

    def next_number(self) -> int:
        """Message, update and file numbers come from one row."""
        self._number += 1
        return self._number

    def put_file(self, data: bytes) -> str:
        """A file on the server; returns its id."""
        file_id = f"file-{self.next_number()}"
        self.files[file_id] = data
        return file_id

    def routes(self) -> list[Route]:
        """Methods and files."""
        return [
            Route(f"/bot{self.token}/{{method}}", self._method, methods=["GET", "POST"]),
            Route(f"/file/bot{self.token}/{{path:path}}", self.faulty("file", self._file)),
            Route("/{rest:path}", self._unknown_token, methods=["GET", "POST"]),
        ]

    async def _unknown_token(self, _request: Request) -> Response:
        return failure(Refused(401, "Unauthorized"))

    async def _method(self, request: Request) -> Response:
        name = request.path_params["method"]
        act = self._acts().get(name.lower())
        if act is None:
            return failure(Refused(404, "Not Found: method not found"))

        async def answer(asked: Request) -> Response:
            try:
                return JSONResponse({"ok": True, "result": await act(await read_form(asked))})
            except Refused as refusal:
                return failure(refusal)

        return await self.faulty(name, answer)(request)

    def _acts(self) -> dict[str, Callable[[Form], Awaitable[Any]]]:
        return {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "setmycommands": self._agree,
            "sendchataction": self._agree,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "sendlocation": self._send_location,
            "editmessagetext": self._edit_text,
            "answercallbackquery": self._answer_press,
            "getfile": self._get_file,
        }

    # -- about the bot ------------------------------------------------------------------------------------------
    def me(self) -> Answer:
        """The bot as a user."""
        return {"id": self.bot_id, "is_bot": True, "first_name": "linli", "username": self.username}

    async def _get_me(self, _form: Form) -> Answer:
        return {**self.me(), "can_join_groups": True, "can_read_all_group_messages": False}

    async def _agree(self, _form: Form) -> bool:
        return True

    async def _set_webhook(self, form: Form) -> bool:
        self.webhook = {"url": form.get("url", ""), "secret": form.get("secret_token", "")}
        return True

    async def _delete_webhook(self, form: Form) -> bool:
        self.webhook = {"url": ""}
        if str(form.get("drop_pending_updates")).lower() == "true":
            self.updates.clear()
        return True

    async def _webhook_info(self, _form: Form) -> Answer:
        url = self.webhook["url"]
        return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self.updates)}

    async def _get_updates(self, form: Form) -> list[Answer]:
        """Long poll; an offset confirms everything before it."""
        if self.webhook["url"]:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        offset, most = int(form.get("offset") or 0), int(form.get("limit") or 100)
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        ends = time.monotonic() + float(form.get("timeout") or 0)
        while not self.updates and time.monotonic() < ends:  # noqa: ASYNC110  (updates come from another thread)
            await asyncio.sleep(POLL_STEP)
        return self.updates[:most]

    # -- messages -----------------------------------------------------------------------------------------------
    def _chat(self, form: Form) -> int:
        """The chat a message goes to, or why it cannot."""
        try:
            chat = int(form["chat_id"])
        except (KeyError, ValueError):
            raise Refused(400, "Bad Request: chat not found") from None
        if chat in self.migrated:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, words, migrate_to_chat_id=self.migrated[chat])
        if chat not in self.chats:
            raise Refused(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        self._flood(chat)
        return chat

    def _flood(self, chat: int) -> None:
        now = self.clock().timestamp()
        recent = [at for at in self._sent[chat] if at > now - 60]
        if self.flood_per_minute and len(recent) >= self.flood_per_minute:
            wait = int(recent[0] + 60 - now) + 1
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        self._sent[chat] = [*recent, now]

    def _deliver(self, chat: int, route: str, shown: str, form: Form, **content: Any) -> Answer:
        markup = json.loads(form.get("reply_markup") or "{}")
        check_buttons(markup)
        message = {
            "message_id": self.next_number(),
            "from": self.me(),
            "chat": self.chats[chat],
            "date": self.clock.timestamp(),
            **content,
            **({"reply_markup": markup} if markup else {}),
        }
        self.messages[chat, message["message_id"]] = message
        self.ledger.add(
            str(chat), route, shown, self.clock(), message_id=message["message_id"], buttons=buttons_of(markup)
        )
        return message

    async def _send_message(self, form: Form) -> Answer:
        chat, text = self._chat(form), form.get("text", "")
        check_text(text, 4_096, "message")
        return self._deliver(chat, "message", text, form, text=text)

    async def _send_photo(self, form: Form) -> Answer:
        chat, caption = self._chat(form), form.get("caption", "")
        if caption:
            check_text(caption, 1_024, "caption")
        file_id = self._photo_of(form)
        size = {"file_id": file_id, "file_unique_id": f"u{file_id}", "width": 800, "height": 600}
        return self._deliver(chat, "photo", caption, form, photo=[size], caption=caption or None)

    def _photo_of(self, form: Form) -> str:
        given = str(form.get("photo", ""))
        if given.startswith("attach://"):
            return self.put_file(form[given.removeprefix("attach://")])
        if given not in self.files:
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        return given

    async def _send_location(self, form: Form) -> Answer:
        chat = self._chat(form)
        place = {"latitude": float(form["latitude"]), "longitude": float(form["longitude"])}
        return self._deliver(chat, "location", f"{place['latitude']},{place['longitude']}", form, location=place)

    async def _edit_text(self, form: Form) -> Answer:
        chat, number = self._chat(form), int(form.get("message_id") or 0)
        message = self.messages.get((chat, number))
        if message is None:
            raise Refused(400, "Bad Request: message to edit not found")
        markup = json.loads(form.get("reply_markup") or "{}")
        check_text(form.get("text", ""), 4_096, "message")
        check_buttons(markup)
        if message.get("text") == form["text"] and message.get("reply_markup", {}) == markup:
            raise Refused(400, "Bad Request: message is not modified: specified new message content is the same")
        message["text"] = form["text"]
        message.pop("reply_markup", None)
        if markup:
            message["reply_markup"] = markup
        self.ledger.add(str(chat), "edit", form["text"], self.clock(), message_id=number, buttons=buttons_of(markup))
        return message

    async def _answer_press(self, form: Form) -> bool:
        self.answered.append({"id": form.get("callback_query_id"), "text": form.get("text", "")})
        return True

    # -- files --------------------------------------------------------------------------------------------------
    async def _get_file(self, form: Form) -> Answer:
        file_id = form.get("file_id", "")
        if file_id not in self.files:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        size = len(self.files[file_id])
        if size > 20 * 1024 * 1024:
            raise Refused(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": size,
            "file_path": f"photos/{file_id}",
        }

    async def _file(self, request: Request) -> Response:
        data = self.files.get(request.path_params["path"].rpartition("/")[2])
        return Response(data, media_type="application/octet-stream") if data is not None else Response(status_code=404)


if __name__ == "__main__":
    serve_alone(TelegramServer(), 9003)
