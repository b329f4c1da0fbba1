"""What each refusal of the WeCom API means for the sender. Source: the platform's global code list, late 2026."""

from collections.abc import Mapping

from bot.channels.wechat.errors import Handling

POLICY: Mapping[int, Handling] = {
    -1: Handling.RETRY,
    40014: Handling.REFRESH,
    41001: Handling.REFRESH,
    42001: Handling.REFRESH,
    45033: Handling.RETRY,  # too many calls at the same time
    45009: Handling.NEXT_MINUTE,  # WeCom counts its call rate by the minute
    45011: Handling.NEXT_MINUTE,
    40003: Handling.UNREACHABLE,
    40031: Handling.UNREACHABLE,
    46004: Handling.UNREACHABLE,  # no such member
    60111: Handling.UNREACHABLE,
    81013: Handling.UNREACHABLE,  # none of the receivers may be reached
    40001: Handling.STOP,  # the corp secret is wrong
    40013: Handling.STOP,
    40056: Handling.STOP,
    48002: Handling.STOP,
    50001: Handling.STOP,
    60011: Handling.STOP,
    60020: Handling.STOP,  # our address is not on the trusted list
    301002: Handling.STOP,  # the application may not be used
    44004: Handling.BUG,
    45002: Handling.BUG,
    40008: Handling.BUG,
    40058: Handling.BUG,
}
