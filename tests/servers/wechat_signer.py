"""The platform's side of the callback encryption, written from its description and apart from the product's code.

AES-256-CBC, key = base64(EncodingAESKey + "="), IV = the key's first 16 bytes, PKCS#7 to 32 bytes over
`16 random bytes ‖ length (4 bytes, big endian) ‖ message ‖ receiver id`; signature = SHA-1 of the sorted parts.
WeCom does the same with the corp id as receiver.
"""

import base64
import hashlib
from dataclasses import dataclass
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


@dataclass(frozen=True)
class Callback:
    """One signed request as the platform makes it."""

    params: dict[str, str]
    body: bytes


class Signer:
    """Signs and seals for one receiver."""

    def __init__(self, token: str, encoding_aes_key: str, receiver: str) -> None:
        self.token = token
        self.receiver = receiver
        self._key = base64.b64decode(encoding_aes_key + "=")

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))

    def digest(self, *parts: str) -> str:
        """The platform's signature over our token and the parts."""
        return hashlib.sha1("".join(sorted([self.token, *parts])).encode(), usedforsecurity=False).hexdigest()

    def seal(self, message: str, prefix: bytes = b"0123456789abcdef") -> str:
        """The base64 ciphertext of a message."""
        inner = message.encode()
        plain = prefix + len(inner).to_bytes(4, "big") + inner + self.receiver.encode()
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def unseal(self, ciphertext: str) -> str:
        """The message inside; AssertionError when it is not for the platform's partner."""
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(base64.b64decode(ciphertext)) + decryptor.finalize()
        plain = plain[: -plain[-1]]
        length = int.from_bytes(plain[16:20], "big")
        assert plain[20 + length :].decode() == self.receiver
        return plain[20 : 20 + length].decode()

    def sealed_callback(self, message: str, timestamp: int, nonce: str, to: str = "gh_linli") -> Callback:
        """A safe-mode POST: the envelope, and `signature` and `msg_signature` in the query."""
        ciphertext = self.seal(message)
        envelope = f"<xml><ToUserName><![CDATA[{to}]]></ToUserName><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>"
        stamp = str(timestamp)
        params = {
            "signature": self.digest(stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": self.digest(stamp, nonce, ciphertext),
        }
        return Callback(params, envelope.encode())

    def plain_callback(self, message: str, timestamp: int, nonce: str) -> Callback:
        """A plaintext-mode POST, whose signature covers nothing of the body."""
        stamp = str(timestamp)
        params = {"signature": self.digest(stamp, nonce), "timestamp": stamp, "nonce": nonce}
        return Callback(params, message.encode())

    def open_reply(self, body: str) -> str:
        """The XML inside an encrypted passive reply, after its signature was checked as the platform does."""
        root = ElementTree.fromstring(body)  # noqa: S314  (the product's own reply)
        ciphertext = root.findtext("Encrypt") or ""
        parts = [root.findtext("TimeStamp") or "", root.findtext("Nonce") or "", ciphertext]
        assert root.findtext("MsgSignature") == self.digest(*parts), "the reply is not signed"
        return self.unseal(ciphertext)
