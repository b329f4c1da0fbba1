"""How the person of a notice can be reached, read from the tables for the planner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.conversations.models import Conversation
from backend.notices.consents import allowed
from backend.notices.letters import Channel
from backend.notices.models import ApprovedTemplate, Notice, SendWindow
from backend.notices.planner import Person, Reach
from backend.notices.worth import deserves_call
from backend.people.models import ChannelIdentity, Resident


@dataclass(frozen=True, slots=True)
class Approved:
    """Which milestones have an approved template, by route: milestone key → the vendor's template id."""

    by_route: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def template(self, route: str, milestone: str) -> str:
        """The template id, "" when nothing is approved."""
        return self.by_route.get(route, {}).get(milestone, "")


async def approved_templates(session: AsyncSession) -> Approved:
    """The table of approved templates as it stands now."""
    by_route: dict[str, dict[str, str]] = {}
    for row in (await session.exec(select(ApprovedTemplate))).all():
        by_route.setdefault(row.route, {})[row.milestone] = row.template_id
    return Approved(by_route)


def milestone_key(notice: Notice) -> str:
    """The milestone as templates name it: `resident.done`, `worker.task_new`, `chiefs.unowned`."""
    audience = {"worker": "worker", "staff": "chiefs"}.get(notice.audience, "resident")
    return f"{audience}.{notice.milestone}"


@dataclass
class Known:
    """Everything that the planner may ask about the people of one batch, read with a handful of statements."""

    residents: dict[int, Resident] = field(default_factory=dict)
    staff: dict[int, Staff] = field(default_factory=dict)
    conversations: dict[int, Conversation] = field(default_factory=dict)
    identities: list[ChannelIdentity] = field(default_factory=list)
    windows: dict[tuple[str, str], int] = field(default_factory=dict)  # (account, person) → messages left


async def know(session: AsyncSession, notices: Sequence[Notice], now: datetime) -> Known:
    """Reads who the notices of a batch are for."""
    known = Known()
    asked = {
        name: {getattr(one, name) for one in notices} - {None}
        for name in ("resident_id", "staff_id", "conversation_id")
    }
    if asked["conversation_id"]:
        talks = await session.exec(select(Conversation).where(col(Conversation.id).in_(asked["conversation_id"])))
        known.conversations = {one.id or 0: one for one in talks.all()}
    if asked["resident_id"]:
        people = await session.exec(select(Resident).where(col(Resident.id).in_(asked["resident_id"])))
        known.residents = {one.id or 0: one for one in people.all()}
    if asked["staff_id"]:
        staff = await session.exec(select(Staff).where(col(Staff.id).in_(asked["staff_id"])))
        known.staff = {one.id or 0: one for one in staff.all()}
    if asked["resident_id"] or asked["staff_id"]:
        found = await session.exec(
            select(ChannelIdentity)
            .where(
                or_(
                    col(ChannelIdentity.resident_id).in_(asked["resident_id"]),
                    col(ChannelIdentity.staff_id).in_(asked["staff_id"]),
                )
            )
            .order_by(col(ChannelIdentity.id))
        )
        known.identities = list(found.all())
    await _read_windows(session, known, now)
    return known


async def _read_windows(session: AsyncSession, known: Known, now: datetime) -> None:
    wechat = Channel.WECHAT.value
    people = {one.external_id for one in known.identities if one.channel == wechat}
    people |= {one.chat for one in known.conversations.values() if one.channel == wechat}
    if not people:
        return
    rows = await session.exec(
        select(SendWindow).where(
            SendWindow.channel == wechat, col(SendWindow.person).in_(people), col(SendWindow.closes_at) > now
        )
    )
    for row in rows.all():
        key = (row.account, row.person)
        known.windows[key] = known.windows.get(key, 0) + max(row.allowed - row.spent, 0)


def person_of(known: Known, notice: Notice, approved: Approved, now: datetime) -> Person:
    """Whoever a notice is for: a chat that waits for its answer, a member of staff, or a resident."""
    if notice.conversation_id is not None:
        return _of_conversation(known, notice.conversation_id, now)
    sms = bool(approved.template("sms", milestone_key(notice)))
    calls = deserves_call(notice.milestone, notice.audience)
    if notice.staff_id is not None:
        return _of_staff(known, notice, approved, sms, calls)
    resident = known.residents.get(notice.resident_id or 0)
    if resident is None or resident.erased_at is not None:
        return Person(())
    reaches = tuple(_reach(known, one, notice, approved) for one in known.identities if one.resident_id == resident.id)
    phone = f"resident:{resident.id}" if resident.phone_sealed else ""
    may = resident.may_contact
    return Person(reaches, resident.preferred_channel, phone, sms=sms, calls=calls, may_contact=may)


def _of_conversation(known: Known, conversation_id: int, now: datetime) -> Person:
    conversation = known.conversations.get(conversation_id)
    if conversation is None:
        return Person(())
    channel, account = Channel(conversation.channel), conversation.account
    who = conversation.person or conversation.chat
    window = known.windows.get((account, who), 0)
    return Person((Reach(channel, account, who, now, None, window, chat=conversation.chat),))


def _of_staff(known: Known, notice: Notice, approved: Approved, sms: bool, calls: bool) -> Person:
    """The chats a member of staff is bound to, and the one on the staff list even if nobody spoke there yet."""
    bound = [one for one in known.identities if one.staff_id == notice.staff_id]
    reaches = [_reach(known, identity, notice, approved) for identity in bound]
    staff = known.staff.get(notice.staff_id or 0)
    if staff is not None and staff.channel and staff.channel_id:
        chats = {(reach.channel.value, reach.person) for reach in reaches}
        if (staff.channel, staff.channel_id) not in chats:
            reaches.append(Reach(Channel(staff.channel), "", staff.channel_id, chat=staff.channel_id))
    phone = f"staff:{notice.staff_id}" if staff is not None and staff.phone_sealed else ""
    preferred = staff.channel if staff is not None else None
    return Person(tuple(reaches), preferred, phone, is_staff=True, sms=sms, calls=calls)


def _reach(known: Known, identity: ChannelIdentity, notice: Notice, approved: Approved) -> Reach:
    milestone = milestone_key(notice)
    subscribe = approved.template("wechat.subscribe", milestone)
    return Reach(
        Channel(identity.channel),
        identity.account,
        identity.external_id,
        identity.last_seen_at,
        identity.unreachable,
        known.windows.get((identity.account, identity.external_id), 0),
        has_template=bool(approved.template("wechat.template", milestone)),
        has_consent=bool(subscribe) and allowed(identity, subscribe),
        chat=identity.external_id,
    )
