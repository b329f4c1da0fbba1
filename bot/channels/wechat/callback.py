"""The door for WeChat's callbacks: from query and body to one Incoming, or a refusal with its HTTP status.

Safe (AES) mode is the rule. Plaintext signs neither body nor sender, so it must be allowed explicitly.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.channels.ports import NonceStore
from bot.channels.refusals import WebhookForbidden
from bot.channels.safe_input import check_xml, decode_body
from bot.channels.wechat.crypto import Seal, SignedQuery, claim_nonce
from bot.channels.wechat.envelope import ciphertext_of
from bot.channels.wechat.parse import parse_callback
from bot.channels.wechat.render import passive_reply
from bot.messages import Incoming, Outgoing


class WeChatCallback:
    """Opens callbacks and closes replies of one official account."""

    def __init__(self, seal: Seal, nonces: NonceStore, *, allow_plaintext: bool = False) -> None:
        self._seal = seal
        self._nonces = nonces
        self._allow_plaintext = allow_plaintext

    def verify_address(self, params: Mapping[str, str], now: datetime) -> str:
        """The answer to the platform's GET when the address is registered; WebhookForbidden otherwise."""
        query = SignedQuery.read(params, now)
        self._seal.check(query.signature, query.timestamp, query.nonce)
        return query.echostr

    async def receive(self, params: Mapping[str, str], body: bytes, now: datetime) -> Incoming:
        """One callback. WebhookForbidden 403, MalformedBody 400, BodyTooLarge 413; nothing else is raised."""
        text = decode_body(body)
        query = SignedQuery.read(params, now)
        xml = self._open(query, text)
        await claim_nonce(self._nonces, self._seal.receiver, query, xml, now)
        return parse_callback(xml, self._seal.receiver)

    def _open(self, query: SignedQuery, text: str) -> str:
        if query.encrypted:
            return self._seal.open(ciphertext_of(check_xml(text)), query)
        if not self._allow_plaintext:
            raise WebhookForbidden("plaintext mode is not allowed")
        self._seal.check(query.signature, query.timestamp, query.nonce)
        return text

    def answer(self, to: Incoming, message: Outgoing, now: datetime, *, encrypted: bool = True) -> str:
        """The body of a passive reply; `encrypted=False` only when the callback came in plaintext mode."""
        xml = passive_reply(to, message, now)
        return self._seal.close(xml, now) if encrypted else xml
