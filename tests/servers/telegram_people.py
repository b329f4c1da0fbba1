"""A person in Telegram: what they do becomes an update, polled by the product or posted to its webhook."""

from typing import Any

import httpx

from tests.servers.telegram import TelegramServer

Update = dict[str, Any]
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
TRIES = 3


class TelegramPerson:
    """One person. Without a `door` updates wait for polling; with one they go to `path` with the webhook's secret."""

    def __init__(
        self,
        number: int,
        server: TelegramServer,
        door: httpx.AsyncClient | None = None,
        *,
        path: str = "/telegram",
        secret: str = "",
        name: str = "王芳",
        group: int = 0,
    ) -> None:
        self.number = number
        self._server = server
        self._door = door
        self._path = path
        self._secret = secret
        self._user = {"id": number, "is_bot": False, "first_name": name, "language_code": "zh-hans"}
        kind = "supergroup" if group else "private"
        self.chat: Update = {
            "id": group or number,
            "type": kind,
            "first_name" if kind == "private" else "title": name,
        }
        server.chats[self.chat["id"]] = self.chat

    async def send(self, kind: str, part: Update) -> int:
        """One update; the status the product answered, 0 while it waits for polling."""
        update = {"update_id": self._server.next_number(), kind: part}
        return await self.bring(update)

    async def bring(self, update: Update) -> int:
        """Deliver an update, again if the product does not answer 200 (three tries)."""
        if self._door is None:
            self._server.updates.append(update)
            return 0
        status = 0
        for _ in range(TRIES):
            headers = {SECRET_HEADER: self._secret or self._server.webhook.get("secret", "")}
            answer = await self._door.post(self._path, json=update, headers=headers)
            status = answer.status_code
            if status == 200:
                break
        return status

    def message(self, **content: Any) -> Update:
        """A message of this person as Telegram writes it."""
        return {
            "message_id": self._server.next_number(),
            "from": self._user,
            "chat": self.chat,
            "date": self._server.clock.timestamp(),
            **content,
        }

    async def say(self, text: str) -> int:
        """Write a text; commands get their entity."""
        content: Update = {"text": text}
        if text.startswith("/"):
            length = len(text.split(" ")[0])
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return await self.send("message", self.message(**content))

    async def edit(self, message_id: int, text: str) -> int:
        """Correct an earlier text."""
        changed = {
            **self.message(text=text),
            "message_id": message_id,
            "edit_date": self._server.clock.timestamp(),
        }
        return await self.send("edited_message", changed)

    async def show(self, photo: bytes, caption: str = "", album: str = "") -> int:
        """Send a photo in two sizes, perhaps as part of an album."""
        small, large = self._server.put_file(photo[:64]), self._server.put_file(photo)
        content: Update = {"photo": [_size(small, 90, 67), _size(large, 1280, 960)]}
        if caption:
            content["caption"] = caption
        if album:
            content["media_group_id"] = album
        return await self.send("message", self.message(**content))

    async def place(self, lat: float, lon: float) -> int:
        """Send a location."""
        return await self.send("message", self.message(location={"latitude": lat, "longitude": lon}))

    async def give_number(self, phone: str) -> int:
        """Share the own telephone number."""
        contact = {"phone_number": phone, "first_name": self._user["first_name"], "user_id": self.number}
        return await self.send("message", self.message(contact=contact))

    async def press(self, data: str, message_id: int = 0) -> int:
        """Press the button `data` under a message (the last one that has it, when not told)."""
        message = self._server.messages.get((self.chat["id"], message_id)) or self._last_with(data)
        query = {
            "id": str(10**15 + self._server.next_number()),
            "from": self._user,
            "message": message,
            "chat_instance": f"ci-{self.chat['id']}",
            "data": data,
        }
        return await self.send("callback_query", query)

    def _last_with(self, data: str) -> Update:
        """The newest message to this chat with such a button."""
        for (chat, _), message in reversed(self._server.messages.items()):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            if chat == self.chat["id"] and any(button.get("callback_data") == data for row in rows for button in row):
                return message
        raise AssertionError(f"no message with the button {data!r}")

    async def block(self) -> int:
        """Block the bot."""
        self._server.blocked.add(self.chat["id"])
        return await self._membership("member", "kicked")

    async def unblock(self) -> int:
        """Let the bot speak again."""
        self._server.blocked.discard(self.chat["id"])
        return await self._membership("kicked", "member")

    async def _membership(self, before: str, after: str) -> int:
        change = {
            "chat": self.chat,
            "from": self._user,
            "date": self._server.clock.timestamp(),
            "old_chat_member": _membership(self._server.me(), before),
            "new_chat_member": _membership(self._server.me(), after),
        }
        return await self.send("my_chat_member", change)


def _membership(bot: Update, status: str) -> Update:
    return {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}


def _size(file_id: str, width: int, height: int) -> Update:
    return {"file_id": file_id, "file_unique_id": f"u{file_id}", "width": width, "height": height}
