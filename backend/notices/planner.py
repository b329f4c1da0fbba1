"""Which way a notice goes now: the routes to a person in order, and the sentence that explains the choice.

Pure: facts in, plan out. Read the order as: where they just spoke, the channel they prefer, where they spoke last;
on WeChat what the windows still allow, the cheapest first; then SMS; then an operator calls back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from backend.notices.courier import Route
from backend.notices.letters import Channel
from backend.notices.outbox import URGENT

QUIET_FROM, QUIET_UNTIL = time(22, 0), time(8, 0)  # a decent hour: nothing but urgent news at night


@dataclass(frozen=True, slots=True)
class Reach:
    """One way a person could be reached. `window` is how many messages WeChat still allows there."""

    channel: Channel
    account: str
    person: str
    last_seen_at: datetime | None = None
    unreachable: str | None = None
    window: int = 0
    has_template: bool = False
    has_consent: bool = False
    chat: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What the planner knows of the one to be told."""

    reaches: tuple[Reach, ...]
    preferred: str | None = None
    phone: str = ""  # a reference for the SMS route, never the number itself
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes best first; empty means nobody can be told. `wait_until`: not before (quiet hours)."""

    routes: tuple[Route, ...]
    why: tuple[str, ...]
    wait_until: datetime | None = None


def quiet_until(now: datetime, zone: tzinfo) -> datetime | None:
    """The end of tonight's quiet hours when `now` lies in them (22:00–08:00 local), else None."""
    local = now.astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    morning = local if local.time() < QUIET_UNTIL else local + timedelta(days=1)
    return morning.replace(hour=QUIET_UNTIL.hour, minute=0, second=0, microsecond=0)


def plan(
    person: Person,
    *,
    lane: int,
    is_reply: bool,
    now: datetime,
    zone: tzinfo,
    tried: Sequence[str] = (),
    stopped: Sequence[str] = (),
) -> Plan:
    """Routes for one notice. `tried`: `channel.kind` already refused; `stopped`: accounts that are down now."""
    if lane != URGENT and not is_reply and not person.is_staff:
        until = quiet_until(now, zone)
        if until is not None:
            return Plan((), ("quiet_hours",), wait_until=until)
    routes: list[Route] = []
    why: list[str] = []
    for reach in _in_order(person):
        if reach.unreachable:
            why.append(f"{reach.channel}: {reach.unreachable}")
        elif f"{reach.channel}:{reach.account}" in stopped:
            why.append(f"{reach.channel}: stopped")
        else:
            routes += [route for route in _routes(reach, is_reply) if _name(route) not in tried]
    if person.phone and not is_reply:
        routes += [route for route in _last_resorts(person.phone) if _name(route) not in tried]
    why.append(" > ".join(_name(route) for route in routes) or "no_route")
    return Plan(tuple(routes), tuple(why))


def _name(route: Route) -> str:
    return f"{route.channel}.{route.kind}"


def _in_order(person: Person) -> list[Reach]:
    """The preferred channel first, then where they spoke last."""
    return sorted(
        person.reaches,
        key=lambda reach: (
            reach.channel != person.preferred,
            -(reach.last_seen_at.timestamp() if reach.last_seen_at else 0.0),
        ),
    )


def _routes(reach: Reach, is_reply: bool) -> list[Route]:
    """What one channel offers. WeChat: an open window is spent last for news, so that answers always find one."""

    def way(kind: str) -> Route:
        return Route(reach.channel, reach.account, reach.person, kind, reach.chat)

    if reach.channel is not Channel.WECHAT:
        return [way("chat")]
    template = [way("template")] if reach.has_template else []
    subscribe = [way("subscribe")] if reach.has_consent else []
    customer = [way("customer")] if reach.window > 0 else []
    return customer if is_reply else customer + subscribe + template


def _last_resorts(phone: str) -> list[Route]:
    return [Route(Channel.SMS, "sms", phone, "sms"), Route(Channel.PHONE, "desk", phone, "call_back")]
