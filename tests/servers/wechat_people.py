"""A WeChat resident at the other end: what they do reaches the product's webhook as the platform would send it.

The platform gives up after 5 s and tries three times in all, with the same MsgId; passive replies land in the ledger.
"""

import zlib
from collections.abc import Mapping
from xml.etree import ElementTree

import httpx

from tests.servers.wechat import WeChatServer
from tests.servers.wechat_signer import Callback, Signer

TRIES = 3
PATIENCE_SECONDS = 5.0


def element(name: str, value: str | int) -> str:
    """One field of a callback; `]]>` inside is split as a careful sender does."""
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    return f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"


class WeChatPerson:
    """One resident by openid. `door` is a client whose base address is the product."""

    def __init__(
        self,
        openid: str,
        server: WeChatServer,
        signer: Signer,
        door: httpx.AsyncClient,
        *,
        path: str = "/wechat",
        account: str = "gh_linli",
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.openid = openid
        self._server = server
        self._signer = signer
        self._door = door
        self._path = path
        self._account = account
        self._patience = patience
        self._sequence = 0

    def _xml(self, kind: str, fields: Mapping[str, str | int], *, numbered: bool = True, raw: str = "") -> str:
        self._sequence += 1
        parts = {
            "ToUserName": self._account,
            "FromUserName": self.openid,
            "CreateTime": self._server.clock.timestamp(),
            "MsgType": kind,
            **fields,
        }
        if numbered:
            parts["MsgId"] = 24_000_000_000_000_000 + zlib.crc32(self.openid.encode()) * 1_000 + self._sequence
        return "<xml>" + "".join(element(name, value) for name, value in parts.items()) + raw + "</xml>"

    def _callback(self, xml: str) -> Callback:
        nonce = f"{self.openid}{self._sequence}"
        return self._signer.sealed_callback(xml, self._server.clock.timestamp(), nonce, self._account)

    async def deliver(self, xml: str) -> list[int]:
        """Bring one callback to the product; the statuses of all tries (0: no answer in time)."""
        callback = self._callback(xml)
        statuses: list[int] = []
        for _ in range(TRIES):
            try:
                answer = await self._door.post(
                    self._path, params=callback.params, content=callback.body, timeout=self._patience
                )
            except httpx.HTTPError:
                statuses.append(0)
                continue
            statuses.append(answer.status_code)
            if answer.status_code == 200:
                self._take_reply(answer.text)
                break
        return statuses

    def _take_reply(self, body: str) -> None:
        if body in ("", "success"):
            return
        reply = ElementTree.fromstring(self._signer.open_reply(body))  # noqa: S314  (the product's own reply)
        assert reply.findtext("ToUserName") == self.openid, "a reply for somebody else"
        text, kind = reply.findtext("Content") or "", reply.findtext("MsgType")
        self._server.ledger.add(self.openid, "passive", text, self._server.clock(), kind=kind)

    # -- what people do ---------------------------------------------------------------------------------------
    async def say(self, text: str) -> list[int]:
        """Write a text."""
        return await self._message("text", {"Content": text})

    async def tap(self, choice_id: str, label: str) -> list[int]:
        """Tap a line of a menu message."""
        return await self._message("text", {"Content": label, "bizmsgmenuid": choice_id})

    async def show(self, photo: bytes, mime: str = "image/jpeg") -> list[int]:
        """Send a photo."""
        media_id = self._server.put_media(photo, mime)
        return await self._message("image", {"PicUrl": f"{self._server.base}/_pic", "MediaId": media_id})

    async def speak(self, voice: bytes) -> list[int]:
        """Send a voice message; `Recognition` is empty as it is today."""
        narrow, wide = (
            self._server.put_media(voice, "audio/amr"),
            self._server.put_media(voice, "audio/speex"),
        )
        fields = {"MediaId": narrow, "Format": "amr", "Recognition": "", "MediaId16K": wide}
        return await self._message("voice", fields)

    async def place(self, lat: float, lon: float, label: str = "") -> list[int]:
        """Send a location pin (GCJ-02)."""
        fields: dict[str, str | int] = {
            "Location_X": str(lat),
            "Location_Y": str(lon),
            "Scale": 16,
            "Label": label,
        }
        return await self._message("location", fields)

    async def _message(self, kind: str, fields: Mapping[str, str | int]) -> list[int]:
        self._server.windows.wrote(self.openid)
        return await self.deliver(self._xml(kind, fields))

    async def follow(self, scene: str = "") -> list[int]:
        """Follow the account, perhaps through a poster's code."""
        self._server.follow(self.openid)
        key = f"qrscene_{scene}" if scene else ""
        return await self._event("subscribe", {"EventKey": key, "Ticket": "T"} if scene else {"EventKey": ""})

    async def unfollow(self) -> list[int]:
        """Leave."""
        self._server.unfollow(self.openid)
        return await self._event("unsubscribe", {"EventKey": ""}, opens=False)

    async def scan(self, scene: str) -> list[int]:
        """Scan a poster's code as a follower."""
        return await self._event("SCAN", {"EventKey": scene, "Ticket": "T"})

    async def click(self, key: str) -> list[int]:
        """Click a menu item."""
        return await self._event("CLICK", {"EventKey": key})

    async def consent(self, template_id: str, *, accepts: bool = True) -> list[int]:
        """Answer a subscribe pop-up; an acceptance is good for one notice."""
        status = "accept" if accepts else "reject"
        if accepts:
            self._server.consents[self.openid, template_id] += 1
        row = element("TemplateId", template_id) + element("SubscribeStatusString", status) + element("PopupScene", 1)
        raw = f"<SubscribeMsgPopupEvent><List>{row}</List></SubscribeMsgPopupEvent>"
        return await self._event("subscribe_msg_popup_event", {}, raw=raw, opens=False)

    async def _event(
        self, name: str, fields: Mapping[str, str | int], *, raw: str = "", opens: bool = True
    ) -> list[int]:
        if opens:
            self._server.windows.touched(self.openid)
        return await self.deliver(self._xml("event", {"Event": name, **fields}, numbered=False, raw=raw))
