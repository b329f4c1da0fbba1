"""How a webhook is refused, and what can be wrong with a file: one class per answer a vendor gets.

All failures of signature, freshness, nonce, key and account look the same from outside; `facts["why"]` is for the
log and the security event only.
"""

from nlu.errors import LinliError


class WebhookForbidden(LinliError):
    """The callback is not accepted."""

    code = "webhook_forbidden"
    status = 403

    def __init__(self, why: str) -> None:
        super().__init__("", why=why)

    @property
    def why(self) -> str:
        """The true reason, for the log; never for the answer."""
        return str(self.facts["why"])


class NonceReused(WebhookForbidden):
    """The callback is not accepted."""  # the same sentence on purpose: the answer must not tell


class MalformedBody(LinliError):
    """The body cannot be read."""

    code = "malformed_body"
    status = 400


class BodyTooLarge(LinliError):
    """The body is larger or deeper than any real message."""

    code = "body_too_large"
    status = 413


class MediaTooLarge(LinliError):
    """The file is larger than we accept."""

    code = "media_too_large"
    status = 413


class MediaUnavailable(LinliError):
    """The file can no longer be fetched from the channel."""

    code = "media_unavailable"
    status = 404


class ChannelMisconfigured(LinliError):
    """A channel's keys are missing or malformed; the channel does not start."""

    code = "channel_misconfigured"
    status = 500
