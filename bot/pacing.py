"""The vendors' limits in the form the sender keeps to."""

from backend.notices.pace import DAY, Limit, Limits
from bot.channels.limits import RATES, RateLimit, Scope
from bot.messages import Channel

FEW_AT_ONCE = 3  # answers of two or three parts to one person; the vendors' own word is "avoid", not "never"
DAILY_ROUTES = {Channel.WECHAT: ("template",)}  # the only daily quota is on template messages


def _limit(channel: Channel, rate: RateLimit) -> Limit:
    routes = DAILY_ROUTES.get(channel, ()) if rate.seconds >= DAY and rate.scope is Scope.ACCOUNT else ()
    return Limit(rate.scope.value, rate.count, rate.seconds, _burst(rate), routes)


def _burst(rate: RateLimit) -> int:
    """One second's worth for a person; otherwise half of the count may go at once."""
    if rate.scope is Scope.ACCOUNT:
        return 1
    return FEW_AT_ONCE if rate.count == 1 and rate.seconds == 1 else max(rate.count // 2, 1)


def vendor_limits() -> Limits:
    """Every channel's limits."""
    return {channel: tuple(_limit(channel, rate) for rate in rates) for channel, rates in RATES.items()}
