"""How a request to the SMS gateway is signed: HMAC-SHA256 over method, path, time, nonce and the body's digest."""

import hashlib
import hmac


def body_digest(body: bytes) -> str:
    """SHA-256 of the body, hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def signature(secret: str, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The hexadecimal signature of one request."""
    lines = "\n".join((method.upper(), path, timestamp, nonce, body_digest(body)))
    return hmac.new(secret.encode(), lines.encode(), hashlib.sha256).hexdigest()
