"""What each error of the Bot API means for the sender. aiogram sorts them by what the caller can do; so do we."""

from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from bot.messages import Outcome, SendResult

STOPPED_FOR = 1_800.0  # a wrong token is put right by a person: try again after half an hour
_GONE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "chat_write_forbidden")
_UNCHANGED = "message is not modified"
_CANNOT_EDIT = ("message to edit not found", "message can't be edited", "message_id_invalid")


def is_unchanged(error: TelegramBadRequest) -> bool:
    """The message already reads like this: an edit made twice."""
    return _UNCHANGED in str(error).lower()


def cannot_be_edited(error: TelegramBadRequest) -> bool:
    """The message is gone or too old: say it anew."""
    return any(mark in str(error).lower() for mark in _CANNOT_EDIT)


def result_of(error: AiogramError) -> SendResult:
    """The send result of a failed call. `uncertain:` marks what may have arrived all the same."""
    reason = _first_line(error)
    match error:
        case TelegramRetryAfter():
            return SendResult(Outcome.RETRY, retry_after=float(error.retry_after), reason="429 flood control")
        case TelegramForbiddenError():
            return SendResult(Outcome.UNREACHABLE, reason=reason)
        case TelegramUnauthorizedError() | TelegramNotFound() | TelegramConflictError():
            return SendResult(Outcome.CHANNEL_DOWN, retry_after=STOPPED_FOR, reason=reason)
        case TelegramBadRequest() if any(mark in str(error).lower() for mark in _GONE):
            return SendResult(Outcome.UNREACHABLE, reason=reason)
        case TelegramEntityTooLarge() | TelegramBadRequest():
            return SendResult(Outcome.BUG, reason=reason)
        case TelegramNetworkError() | TelegramServerError() | ClientDecodeError():
            return SendResult(Outcome.RETRY, reason=f"uncertain: {type(error).__name__}")
        case _:
            return SendResult(Outcome.BUG, reason=reason)


def _first_line(error: AiogramError) -> str:
    return str(error).split("\n")[0][:200]
