"""The door for Telegram's webhook: the secret is compared in constant time before the body is read."""

import hmac
import re

from bot.channels.refusals import ChannelMisconfigured, WebhookForbidden

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (a header's name)
_SECRET = re.compile(r"^[A-Za-z0-9_-]{16,256}$")


def require_secret(secret: str) -> str:
    """The secret if it is fit for webhook mode; without one the channel refuses to start."""
    if not _SECRET.match(secret):
        raise ChannelMisconfigured("webhook mode needs a secret of 16 to 256 letters, digits, _ or -")
    return secret


def check_secret(given: str | None, secret: str) -> None:
    """WebhookForbidden unless the header holds our secret."""
    if not hmac.compare_digest((given or "").encode("utf-8", "surrogatepass"), require_secret(secret).encode()):
        raise WebhookForbidden("secret does not match")
