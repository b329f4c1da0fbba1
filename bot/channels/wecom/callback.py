"""The door for WeCom's callbacks, which are always encrypted: from query and body to one Incoming.

The same seal as WeChat's with the corp id in place of the app id; the address check is encrypted too.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.channels.ports import NonceStore
from bot.channels.safe_input import check_xml, decode_body
from bot.channels.wechat.crypto import Seal, SignedQuery, claim_nonce
from bot.channels.wechat.envelope import ciphertext_of
from bot.channels.wecom.parse import parse_callback
from bot.messages import Incoming


class WeComCallback:
    """Opens the callbacks of one application."""

    def __init__(self, seal: Seal, nonces: NonceStore) -> None:
        self._seal = seal
        self._nonces = nonces

    def verify_address(self, params: Mapping[str, str], now: datetime) -> str:
        """The opened echo that the platform's GET must be answered with; WebhookForbidden otherwise."""
        query = SignedQuery.read(params, now)
        return self._seal.open(query.echostr, query)

    async def receive(self, params: Mapping[str, str], body: bytes, now: datetime) -> Incoming:
        """One callback. WebhookForbidden 403, MalformedBody 400, BodyTooLarge 413; nothing else is raised."""
        query = SignedQuery.read(params, now)
        xml = self._seal.open(ciphertext_of(check_xml(decode_body(body))), query)
        await claim_nonce(self._nonces, self._seal.receiver, query, xml, now)
        return parse_callback(xml, self._seal.receiver)
