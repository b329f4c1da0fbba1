"""One message inside its transaction: who speaks, what the platform reports, what the dialogue answers, what goes out.

What was said, where the dialogue stands, the case it made and the replies are stored together, or not at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.conversations.models import Conversation
from backend.conversations.talk import load_state, open_conversation, save_state, write_down
from backend.desk import Desk
from backend.intake.inbox import Claimed
from backend.notices.outbox import URGENT, ToTell
from backend.office import Office
from backend.people.residents import Speaker, speaker_for
from bot.dialogue.engine import Turn, respond
from bot.dialogue.reminders import remind_at
from bot.fetching import Fetched, keep
from bot.messages import Incoming, Outgoing, Said
from bot.platform_events import is_silent, note_arrival, take_departure, take_receipt
from nlu.contract import Understanding
from nlu.errors import LinliError

PASSIVE_FIRST = timedelta(seconds=5)  # WeChat's webhook may carry the first answer; only then a message is spent

Read = Callable[[str, datetime], Understanding]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed message with everything that networks and models had to give, ready for its transaction."""

    message: Claimed
    said: Incoming
    fetched: list[Fetched]
    meaning: Understanding | None
    read: Read


@dataclass(frozen=True, slots=True)
class Taken:
    """What a turn has answered; `bound` is the member of staff tied to this chat by a code just now."""

    replies: tuple[Outgoing, ...] = ()
    bound: Staff | None = None


async def take_turn(
    session: AsyncSession, office: Office, ready: Prepared, now: datetime, reached: Callable[[str], None]
) -> Taken:
    """Handles one message; the caller commits. `reached` names the steps for fault experiments."""
    said = ready.said
    if said.kind is Said.RECEIPT:
        await take_receipt(session, said, now)
        return Taken()
    if said.kind is Said.UNFOLLOW:
        await take_departure(session, said)
        return Taken()
    speaker, conversation = await who_speaks(session, office, said, now)
    bound = await note_arrival(session, office, said, speaker.identity, now)
    assert conversation.id is not None
    attachments = await keep(session, office.district_code, conversation.id, ready.fetched, now)
    await _record(session, office, said, attachments, speaker, conversation, now)
    if is_silent(said) or said.kind is Said.CONSENT:
        return Taken()
    replies = [_refusal(office, speaker, one.refusal) for one in ready.fetched if one.refusal is not None]
    if bound is not None:
        replies.append(_welcome(office, speaker, bound))
    elif conversation.mode != "person":
        replies += await _answers(session, office, ready, attachments, speaker, conversation, now)
    reached("case")
    for place, reply in enumerate(replies):
        await _reply(session, office, ready, conversation, speaker, place, reply, now)
    reached("outbox")
    return Taken(tuple(replies), bound)


async def who_speaks(
    session: AsyncSession, office: Office, said: Incoming, now: datetime
) -> tuple[Speaker, Conversation]:
    """The person behind a message and the conversation it belongs to; new ones on the first word."""
    ref = said.ref
    speaker = await speaker_for(session, office, ref.channel.value, ref.account, ref.sender, now)
    conversation = await open_conversation(
        session, office, speaker, now, chat=ref.chat, person=ref.person, is_group=ref.is_group
    )
    return speaker, conversation


async def _record(
    session: AsyncSession,
    office: Office,
    said: Incoming,
    attachments: tuple[int, ...],
    speaker: Speaker,
    conversation: Conversation,
    now: datetime,
) -> None:
    """What was said goes into the conversation; a message of several files makes a line for each."""
    stands_for = f"[{said.kind.value}] {said.choice}".strip()
    for place, attachment in enumerate(attachments or (None,)):
        await write_down(
            session,
            office,
            conversation,
            speaker.wrapped_key,
            "in",
            (said.text or stands_for) if place == 0 else stands_for,
            now,
            kind=said.kind.value,
            attachment_id=attachment,
        )


async def _answers(
    session: AsyncSession,
    office: Office,
    ready: Prepared,
    attachments: tuple[int, ...],
    speaker: Speaker,
    conversation: Conversation,
    now: datetime,
) -> list[Outgoing]:
    said, meaning = ready.said, ready.meaning
    turn = Turn(
        said=said,
        attachments=attachments,
        desk=Desk(session, office, speaker, conversation, now),
        read=lambda text: meaning if meaning is not None and text == said.text else ready.read(text, now),
        texts=office.texts,
        now=now,
        language=speaker.resident.language,
    )
    before = load_state(office, conversation, speaker.wrapped_key)
    replies, after = await respond(turn, before)
    save_state(office, conversation, speaker.wrapped_key, after)
    conversation.remind_at = remind_at(after)
    return replies


async def _reply(
    session: AsyncSession,
    office: Office,
    ready: Prepared,
    conversation: Conversation,
    speaker: Speaker,
    place: int,
    reply: Outgoing,
    now: datetime,
) -> None:
    await write_down(session, office, conversation, speaker.wrapped_key, "out", reply.text, now)
    rides_back = place == 0 and conversation.channel == "wechat"
    await office.outbox.write(
        session,
        ToTell(
            milestone="reply",
            audience="resident",
            letter=replace(reply, template="", fields={}),
            dedupe_key=f"reply:{ready.message.id}:{place}",
            order_key=f"conversation:{conversation.id}",
            lane=URGENT,
            conversation_id=conversation.id,
            resident_id=speaker.resident_id,
            not_before=now + PASSIVE_FIRST if rides_back else None,
        ),
        now,
    )


def _welcome(office: Office, speaker: Speaker, bound: Staff) -> Outgoing:
    role = office.texts.say(f"binding.role.{bound.role}", speaker.resident.language)
    area = office.atlas.full_name(bound.area_code)
    return Outgoing(office.texts.say("binding.done", speaker.resident.language, name=bound.name, role=role, area=area))


def _refusal(office: Office, speaker: Speaker, refusal: LinliError) -> Outgoing:
    """Why a file could not be taken, as a sentence."""
    key = f"errors.{refusal.code}"
    if not office.texts.has(key):
        key = "errors.photo_too_big" if refusal.status == 413 else "errors.media_gone"
    return Outgoing(office.texts.say(key, speaker.resident.language))
