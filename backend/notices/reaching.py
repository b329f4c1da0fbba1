"""How the person of a notice can be reached, read from the tables for the planner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

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


async def person_of(session: AsyncSession, notice: Notice, approved: Approved, now: datetime) -> Person:
    """Everyone a notice may be for: a chat that waits for its answer, a member of staff, or a resident."""
    if notice.conversation_id is not None:
        return await _of_conversation(session, notice.conversation_id, now)
    if notice.staff_id is not None:
        return await _of_staff(session, notice, approved, now)
    return await _of_resident(session, notice, approved, now)


async def _of_conversation(session: AsyncSession, conversation_id: int, now: datetime) -> Person:
    conversation = await session.get(Conversation, conversation_id)
    if conversation is None:
        return Person(())
    channel, account = Channel(conversation.channel), conversation.account
    who = conversation.person or conversation.chat
    window = await _window(session, channel, account, who, now)
    return Person((Reach(channel, account, who, now, None, window, chat=conversation.chat),))


async def _of_staff(session: AsyncSession, notice: Notice, approved: Approved, now: datetime) -> Person:
    identities = await session.exec(select(ChannelIdentity).where(ChannelIdentity.staff_id == notice.staff_id))
    reaches = [await _reach(session, identity, notice, approved, now) for identity in identities.all()]
    staff = await session.get(Staff, notice.staff_id)
    if staff is not None and staff.channel and staff.channel_id:
        known = {(reach.channel.value, reach.person) for reach in reaches}
        if (staff.channel, staff.channel_id) not in known:
            reaches.append(Reach(Channel(staff.channel), "", staff.channel_id, chat=staff.channel_id))
    phone = f"staff:{notice.staff_id}" if staff is not None and staff.phone_sealed else ""
    preferred = staff.channel if staff is not None else None
    sms = bool(approved.template("sms", milestone_key(notice)))
    calls = deserves_call(notice.milestone, notice.audience)
    return Person(tuple(reaches), preferred, phone, is_staff=True, sms=sms, calls=calls)


async def _of_resident(session: AsyncSession, notice: Notice, approved: Approved, now: datetime) -> Person:
    resident = await session.get(Resident, notice.resident_id) if notice.resident_id else None
    if resident is None or resident.erased_at is not None:
        return Person(())
    identities = await session.exec(
        select(ChannelIdentity)
        .where(ChannelIdentity.resident_id == resident.id)
        .order_by(col(ChannelIdentity.last_seen_at).desc())
    )
    reaches = [await _reach(session, identity, notice, approved, now) for identity in identities.all()]
    phone = f"resident:{resident.id}" if resident.phone_sealed else ""
    sms = bool(approved.template("sms", milestone_key(notice)))
    calls = deserves_call(notice.milestone, notice.audience)
    return Person(tuple(reaches), resident.preferred_channel, phone, sms=sms, calls=calls)


async def _reach(
    session: AsyncSession, identity: ChannelIdentity, notice: Notice, approved: Approved, now: datetime
) -> Reach:
    channel = Channel(identity.channel)
    window = await _window(session, channel, identity.account, identity.external_id, now)
    milestone = milestone_key(notice)
    subscribe = approved.template("wechat.subscribe", milestone)
    return Reach(
        channel,
        identity.account,
        identity.external_id,
        identity.last_seen_at,
        identity.unreachable,
        window,
        has_template=bool(approved.template("wechat.template", milestone)),
        has_consent=bool(subscribe) and allowed(identity, subscribe),
        chat=identity.external_id,
    )


async def _window(session: AsyncSession, channel: Channel, account: str, person: str, now: datetime) -> int:
    if channel is not Channel.WECHAT:
        return 0
    rows = await session.exec(
        select(SendWindow).where(
            SendWindow.channel == channel.value,
            SendWindow.account == account,
            SendWindow.person == person,
            SendWindow.closes_at > now,
        )
    )
    return sum(max(row.allowed - row.spent, 0) for row in rows.all())
