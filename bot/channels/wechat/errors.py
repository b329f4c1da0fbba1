"""What each refusal of the WeChat API means for the sender: the whole error policy in one table.

Sources: the platform's list of return codes, late 2026. A code that is not in the table is a dead letter that shows
the code, so that the table grows from what really happens.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.channels.vendor_http import VendorUnavailable
from bot.messages import Outcome, SendResult
from nlu.errors import LinliError


class Handling(StrEnum):
    """What the sender does about a refusal."""

    RETRY = "retry"  # the vendor is busy: back off
    REFRESH = "refresh"  # renew the token once, then give up
    NEXT_MINUTE = "next_minute"  # a rate of this minute is used up
    NEXT_DAY = "next_day"  # a quota of this day is used up: alarm
    PER_PERSON = "per_person"  # this person has had enough today
    OTHER_ROUTE = "other_route"  # window or consent is closed: another route may be open
    UNREACHABLE = "unreachable"  # not a follower, or refuses messages
    STOP = "stop"  # our account or settings: stop the channel, alarm
    BUG = "bug"  # what we sent is wrong: dead letter


POLICY: Mapping[int, Handling] = {
    -1: Handling.RETRY,
    40001: Handling.REFRESH,
    40014: Handling.REFRESH,
    42001: Handling.REFRESH,
    41001: Handling.REFRESH,
    45011: Handling.NEXT_MINUTE,
    45009: Handling.NEXT_DAY,
    43117: Handling.PER_PERSON,
    45015: Handling.OTHER_ROUTE,
    45047: Handling.OTHER_ROUTE,
    43101: Handling.OTHER_ROUTE,
    43004: Handling.UNREACHABLE,
    43019: Handling.UNREACHABLE,
    48002: Handling.UNREACHABLE,
    40003: Handling.UNREACHABLE,
    40164: Handling.STOP,
    40125: Handling.STOP,
    40013: Handling.STOP,
    48001: Handling.STOP,
    48004: Handling.STOP,
    50002: Handling.STOP,
    47003: Handling.BUG,
    45002: Handling.BUG,
    40033: Handling.BUG,
    40007: Handling.BUG,
    40037: Handling.BUG,
}

_BEIJING = ZoneInfo("Asia/Shanghai")
MINUTE = 60.0
STOPPED_FOR = 1_800.0  # an address list or a permission is put right by a person: try again after half an hour
REFUSED_FOR = 300.0  # the token stays refused after one renewal


class ApiRefused(LinliError):
    """The vendor answered with an error code."""

    code = "vendor_refused"
    status = 502

    def __init__(self, errcode: int, errmsg: str, handling: Handling) -> None:
        super().__init__(f"{errcode} {errmsg}".strip(), errcode=errcode, errmsg=errmsg)
        self.errcode = errcode
        self.errmsg = errmsg
        self.handling = handling


class TokenRefused(ApiRefused):
    """The access token is refused, and renewing it did not help or is not allowed again yet."""

    code = "token_refused"

    def __init__(self, errcode: int, why: str) -> None:
        super().__init__(errcode, why, Handling.REFRESH)


def handling_of(errcode: int, policy: Mapping[int, Handling] = POLICY) -> Handling:
    """What to do about a code; an unknown one is ours to look at."""
    return policy.get(errcode, Handling.BUG)


def seconds_to_next_day(now: datetime) -> float:
    """Seconds until the platform's quotas start again: midnight in Beijing, plus a minute of grace."""
    local = now.astimezone(_BEIJING)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=1, second=0, microsecond=0)
    return (midnight - local).total_seconds()


def result_of(error: LinliError, now: datetime) -> SendResult:
    """The send result of a failed call. CHANNEL_DOWN carries when the channel may be tried again."""
    if isinstance(error, ApiRefused):
        return _result_of_refusal(error, now)
    if isinstance(error, VendorUnavailable):
        doubt = "uncertain: " if error.uncertain else ""
        return SendResult(Outcome.RETRY, retry_after=error.retry_after, reason=f"{doubt}{error}")
    return SendResult(Outcome.BUG, reason=f"{error.code}: {error}")


def _result_of_refusal(error: ApiRefused, now: datetime) -> SendResult:
    reason = f"{error.errcode} {error.errmsg}".strip()
    match error.handling:
        case Handling.RETRY:
            return SendResult(Outcome.RETRY, reason=reason)
        case Handling.NEXT_MINUTE:
            return SendResult(Outcome.RETRY, retry_after=MINUTE, reason=reason)
        case Handling.NEXT_DAY:
            return SendResult(Outcome.CHANNEL_DOWN, retry_after=seconds_to_next_day(now), reason=reason)
        case Handling.PER_PERSON:
            return SendResult(Outcome.OTHER_ROUTE, retry_after=seconds_to_next_day(now), reason=reason)
        case Handling.OTHER_ROUTE:
            return SendResult(Outcome.OTHER_ROUTE, reason=reason)
        case Handling.UNREACHABLE:
            return SendResult(Outcome.UNREACHABLE, reason=reason)
        case Handling.STOP:
            return SendResult(Outcome.CHANNEL_DOWN, retry_after=STOPPED_FOR, reason=reason)
        case Handling.REFRESH:
            return SendResult(Outcome.CHANNEL_DOWN, retry_after=REFUSED_FOR, reason=reason)
        case Handling.BUG:
            return SendResult(Outcome.BUG, reason=reason)
