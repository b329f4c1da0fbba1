"""Which callbacks we believe: signed over the ciphertext, fresh, for our account, nonce not seen with other content.

wechatpy does the AES and the digest; around it stands what it leaves out. Every failure is one and the same 403.
"""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

from bot.channels.limits import FRESH_SECONDS
from bot.channels.ports import NonceStore
from bot.channels.refusals import ChannelMisconfigured, NonceReused, WebhookForbidden

AES_KEY_CHARS = 43
_CRYPTO_FAILURES = (ValueError, TypeError, IndexError, struct.error, WeChatException)


@dataclass(frozen=True, slots=True)
class SignedQuery:
    """The query string of a callback."""

    timestamp: str
    nonce: str
    signature: str = ""
    msg_signature: str = ""
    echostr: str = ""
    encrypted: bool = False

    @classmethod
    def read(cls, params: Mapping[str, str], now: datetime) -> "SignedQuery":
        """The query if its time is within ±300 s of `now` and its nonce is sane; else WebhookForbidden."""
        query = cls(
            timestamp=params.get("timestamp", ""),
            nonce=params.get("nonce", ""),
            signature=params.get("signature", ""),
            msg_signature=params.get("msg_signature", ""),
            echostr=params.get("echostr", ""),
            encrypted=params.get("encrypt_type", "") == "aes",
        )
        stamp = query.timestamp
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise WebhookForbidden("timestamp is not a number")
        if abs(now.timestamp() - int(stamp)) > FRESH_SECONDS:
            raise WebhookForbidden("timestamp is stale")
        if not query.nonce or len(query.nonce) > 128:
            raise WebhookForbidden("nonce is missing or too long")
        return query


class Seal:
    """Signs, opens and closes messages of one account; `receiver` is our app id or corp id."""

    def __init__(self, *, token: str, encoding_aes_key: str, receiver: str) -> None:
        if not token or not receiver or len(encoding_aes_key) != AES_KEY_CHARS:
            raise ChannelMisconfigured("token, id and a 43-character EncodingAESKey are needed")
        self.receiver = receiver
        self._token = token
        try:
            self._wechatpy = WeChatCrypto(token, encoding_aes_key, receiver)
            self._aes: Any = PrpCrypto(self._wechatpy.key)
        except (ValueError, AssertionError) as error:
            raise ChannelMisconfigured("EncodingAESKey is not base64 of 32 bytes") from error

    def check(self, given: str, *parts: str) -> None:
        """WebhookForbidden unless `given` is the digest over our token and `parts`; in constant time."""
        signer = WeChatSigner()
        signer.add_data(self._token, *parts)
        expected: str = signer.signature
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass")):
            raise WebhookForbidden("signature does not match")

    def open(self, ciphertext: str, query: SignedQuery) -> str:
        """The message inside, after `msg_signature` over the ciphertext was checked."""
        self.check(query.msg_signature, query.timestamp, query.nonce, ciphertext)
        try:
            text: str = self._aes.decrypt(ciphertext, self.receiver)
        except _CRYPTO_FAILURES as error:
            raise WebhookForbidden(f"cannot be opened: {type(error).__name__}") from None
        return text

    def close(self, xml: str, now: datetime) -> str:
        """An encrypted, signed reply body."""
        nonce = secrets.token_hex(8)
        sealed: str = self._wechatpy.encrypt_message(xml, nonce, str(int(now.timestamp())))
        return sealed


async def claim_nonce(store: NonceStore, account: str, query: SignedQuery, content: str, now: datetime) -> None:
    """NonceReused (403, and a security event for the caller) when the nonce came with other content."""
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    if not await store.claim(account, f"{query.timestamp}:{query.nonce}", digest, now):
        raise NonceReused("nonce came before with other content")
