"""A grid worker in WeCom: what they write or click reaches the product's webhook, always encrypted."""

import zlib
from collections.abc import Mapping

import httpx

from tests.servers.wechat_people import element
from tests.servers.wechat_signer import Signer
from tests.servers.wecom import WeComServer


class WeComMember:
    """One member by user id. `door` is a client whose base address is the product."""

    def __init__(
        self,
        member: str,
        server: WeComServer,
        signer: Signer,
        door: httpx.AsyncClient,
        *,
        path: str = "/wecom",
    ) -> None:
        self.member = member
        self._server = server
        self._signer = signer
        self._door = door
        self._path = path
        self._sequence = 0
        server.members.add(member)

    async def _deliver(self, kind: str, fields: Mapping[str, str | int]) -> int:
        self._sequence += 1
        parts = {
            "ToUserName": self._server.corp_id,
            "FromUserName": self.member,
            "CreateTime": self._server.clock.timestamp(),
            "MsgType": kind,
            **fields,
            "AgentID": self._server.agent_id,
        }
        xml = "<xml>" + "".join(element(name, value) for name, value in parts.items()) + "</xml>"
        nonce = f"{self.member}{self._sequence}"
        callback = self._signer.sealed_callback(xml, self._server.clock.timestamp(), nonce, self._server.corp_id)
        params = {name: value for name, value in callback.params.items() if name not in ("signature", "encrypt_type")}
        answer = await self._door.post(self._path, params=params, content=callback.body)
        return answer.status_code

    async def say(self, text: str) -> int:
        """Write a text; the status the product answered."""
        return await self._deliver("text", {"Content": text, "MsgId": self._message_id()})

    async def show(self, photo: bytes) -> int:
        """Send a photo."""
        fields: dict[str, str | int] = {
            "MediaId": self._server.put_media(photo),
            "PicUrl": "",
            "MsgId": self._message_id(),
        }
        return await self._deliver("image", fields)

    async def click(self, task_id: str, key: str) -> int:
        """Press a card's button; the event brings a fresh response code."""
        fields = {
            "Event": "template_card_event",
            "EventKey": key,
            "TaskId": task_id,
            "CardType": "button_interaction",
            "ResponseCode": self._server.new_code(task_id, self.member),
        }
        return await self._deliver("event", fields)

    def _message_id(self) -> int:
        return 7_000_000_000_000 + zlib.crc32(self.member.encode()) * 1_000 + self._sequence
