"""Sealing of personal data: AES-256-GCM with a key per resident, and blind indexes to look a phone up.

One master secret (setting `LINLI_SECRET_KEY`) yields separate keys by HKDF. Each resident's own key is stored wrapped
under the master; erasing a resident drops that key, and every sealed value of theirs is noise from then on.
"""

import hashlib
import hmac
import os
import re
from itertools import pairwise
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.people.masked import Masked, Secret
from nlu.errors import LinliError

NONCE_BYTES = 12
KEY_BYTES = 32


class WeakSecret(LinliError):
    """LINLI_SECRET_KEY is missing, too short or a known default: run `linli init` or set 32 random characters."""

    code: ClassVar[str] = "weak_secret"
    status: ClassVar[int] = 500


class SealBroken(LinliError):
    """A sealed value does not open: the key was erased, or the row was altered."""

    code: ClassVar[str] = "seal_broken"
    status: ClassVar[int] = 410


_PLACEHOLDERS = re.compile(
    r"changeme|change|please|secret|default|linli|password|passwd|your|key|here|random|characters?|example|admin|me"
)
_FEWEST_CHARACTERS, _FEWEST_JUMPS, _FEWEST_FRESH = 32, 10, 16


def is_weak(plain: str) -> bool:
    """Whether a master secret could be guessed: too short, a placeholder, one thing said twice, or a row of keys."""
    own = re.sub(r"[^0-9a-z]", "", _PLACEHOLDERS.sub("", plain.lower()))
    unit = (plain + plain).find(plain, 1)  # the shortest piece of which it is made
    jumps = sum(abs(ord(one) - ord(other)) > 1 for one, other in pairwise(plain))
    return (
        len(plain) < _FEWEST_CHARACTERS
        or len(set(plain)) < 8
        or len(own) < _FEWEST_FRESH
        or unit < len(plain)
        or plain.startswith(plain[len(plain) // 2 + 1 :])
        or jumps < _FEWEST_JUMPS
    )


class Vault:
    """Keys derived from the master secret; all methods are pure but for fresh nonces and keys."""

    def __init__(self, master: Secret) -> None:
        plain = master.reveal()
        if is_weak(plain):
            raise WeakSecret
        self._master = plain.encode()
        self._office = AESGCM(self.subkey("office"))
        self._index = self.subkey("blind-index")

    def subkey(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (`audit-chain`, `sessions`, `models`, …); never stored."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"linli/{purpose}".encode()).derive(self._master)

    def new_resident_key(self) -> bytes:
        """A fresh resident key, already wrapped for storage."""
        return self._seal_with(self._office, AESGCM.generate_key(bit_length=256))

    def seal(self, wrapped_key: bytes, value: str) -> bytes:
        """Seals `value` under a resident's wrapped key."""
        return self._seal_with(self._unwrap(wrapped_key), value.encode())

    def open(self, wrapped_key: bytes, sealed: bytes | None, kind: str = "text") -> Masked:
        """Opens a resident's sealed value as `Masked`; an absent value is an empty one. Raises `SealBroken`."""
        if not sealed:
            return Masked("", kind)
        return Masked(self._open_with(self._unwrap(wrapped_key), sealed).decode(), kind)

    def seal_office(self, value: str) -> bytes:
        """Seals what belongs to the office (staff phones, vendor tokens, raw webhooks) under the office key."""
        return self._seal_with(self._office, value.encode())

    def open_office(self, sealed: bytes | None, kind: str = "text") -> Masked:
        """Opens a value sealed with `seal_office`."""
        return Masked(self._open_with(self._office, sealed).decode() if sealed else "", kind)

    def blind_index(self, value: str) -> str:
        """A keyed digest of a normal form (a phone's digits), equal for equal values, useless without the key."""
        return hmac.new(self._index, value.encode(), hashlib.sha256).hexdigest()[:40]

    def _unwrap(self, wrapped_key: bytes) -> AESGCM:
        if not wrapped_key:
            raise SealBroken
        return AESGCM(self._open_with(self._office, wrapped_key))

    @staticmethod
    def _seal_with(key: AESGCM, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + key.encrypt(nonce, plain, None)

    @staticmethod
    def _open_with(key: AESGCM, sealed: bytes) -> bytes:
        try:
            return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as broken:
            raise SealBroken from broken
