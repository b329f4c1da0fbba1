"""Which way a notice goes now: the routes to a person in order, and the sentence that explains the choice.

Pure: facts in, plan out. Read the order as: where they just spoke, the channel they prefer, where they spoke last;
on WeChat what the windows still allow, the cheapest first; then SMS; then an operator calls back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """What the planner knows of the one to be told. `calls`: an operator may telephone as the last resort."""

    reaches: tuple[Reach, ...]
    preferred: str | None = None
    phone: str = ""  # a reference for the SMS route, never the number itself
    is_staff: bool = False
    sms: bool = False  # there is an approved SMS text for this news
    calls: bool = False
    may_contact: bool = True  # False: nothing but the news of their own matters


@dataclass(frozen=True, slots=True)
class Weather:
    """What holds for everybody at this moment: `stopped` accounts and routes with their end, channels that are on."""

    now: datetime
    zone: tzinfo
    stopped: Mapping[str, datetime] = field(default_factory=dict)
    on: frozenset[Channel] | None = None  # None: do not ask


@dataclass(frozen=True, slots=True)
class News:
    """What the planner knows of the notice: its lane, how long it may wait for a stopped channel, routes refused."""

    lane: int
    is_reply: bool
    patient_until: datetime | None = None
    tried: tuple[str, ...] = ()
    is_own: bool = True  # about the person's own case, application, appointment or chat; not a survey or a broadcast


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes best first; empty means nobody can be told. `wait_until`: not before (quiet hours, a stopped channel)."""

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


def plan(person: Person, news: News, weather: Weather) -> Plan:
    """Routes for one notice, and why: the sentence the ledger shows."""
    if not person.may_contact and not news.is_own:
        return Plan((), ("asked_not_to_be_contacted",))
    if news.lane != URGENT and not news.is_reply and not person.is_staff and not _is_fetched(person):
        until = quiet_until(weather.now, weather.zone)
        if until is not None:
            return Plan((), ("quiet_hours",), wait_until=until)
    routes: list[Route] = []
    why: list[str] = []
    ends: list[datetime] = []
    for reach in _in_order(person):
        if reach.unreachable:
            why.append(f"{reach.channel}: {reach.unreachable}")
        elif weather.on is not None and reach.channel not in weather.on:
            why.append(f"{reach.channel}: off")
        else:
            open_ones, stopped = _split(_routes(reach, news.is_reply), news, weather)
            routes += open_ones
            ends += stopped
            why += [f"{reach.channel}: stopped"] if stopped else []
    if not routes and ends and _worth_waiting(min(ends), news):
        return Plan((), (*why, "waits for its channel"), wait_until=min(ends))
    if not news.is_reply:
        routes += _split(_last_resorts(person, weather), news, weather)[0]
    if not routes and ends:
        return Plan((), (*why, "waits for its channel"), wait_until=min(ends))
    why.append(" > ".join(_name(route) for route in routes) or "no_route")
    return Plan(tuple(routes), tuple(why))


def _is_fetched(person: Person) -> bool:
    """Whether the first way to them rings nobody awake: a letter in a mailbox that they open themselves."""
    first = next((reach for reach in _in_order(person) if not reach.unreachable), None)
    return first is not None and first.channel in (Channel.WEB, Channel.TERMINAL)


def _split(routes: list[Route], news: News, weather: Weather) -> tuple[list[Route], list[datetime]]:
    """The routes that are open and untried, and when the stopped ones open again."""
    untried = [route for route in routes if _name(route) not in news.tried]
    open_ones, ends = [], []
    for route in untried:
        account = f"{route.channel}:{route.account}"
        until = weather.stopped.get(account) or weather.stopped.get(f"{account}/{route.kind}")
        if until is None:
            open_ones.append(route)
        else:
            ends.append(until)
    return open_ones, ends


def _worth_waiting(until: datetime, news: News) -> bool:
    return news.patient_until is not None and until <= news.patient_until


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
    """What one channel offers. WeChat: a customer message can carry buttons and the whole text, so an open window
    comes first; its last message is kept for an answer as long as a template or a consent can carry the news.
    """

    def way(kind: str) -> Route:
        return Route(reach.channel, reach.account, reach.person, kind, reach.chat)

    if reach.channel is not Channel.WECHAT:
        return [way("chat")]
    customer = [way("customer")] if reach.window > 0 else []
    if is_reply:
        return customer
    others = [way("subscribe")] if reach.has_consent else []
    others += [way("template")] if reach.has_template else []
    return [*others, *customer] if reach.window == 1 else [*customer, *others]


def _last_resorts(person: Person, weather: Weather) -> list[Route]:
    """An SMS where there is a number and an approved text; then an operator calls."""
    routes = []
    if person.phone and person.sms and (weather.on is None or Channel.SMS in weather.on):
        routes.append(Route(Channel.SMS, "sms", person.phone, "sms"))
    if person.phone and person.calls and (weather.on is None or Channel.PHONE in weather.on):
        routes.append(Route(Channel.PHONE, "desk", person.phone, "call_back"))
    return routes
