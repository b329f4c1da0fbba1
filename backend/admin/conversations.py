"""Conversations that wait for a person: the queue, taking one over (the bot falls silent), answering, handing back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.finding import conversation_by_id
from backend.admin.panel import BASE, panel_of
from backend.admin.rendering import render
from backend.admin.scope import cases_of, conversations_of
from backend.admin.spoken import masked, opened
from backend.admin.who import Who, who_of
from backend.cases.models import Case
from backend.conversations.models import Conversation
from backend.conversations.talk import load_state, messages_of, write_down
from backend.domain.refusals import TextRequired
from backend.notices.letters import Outgoing
from backend.notices.outbox import URGENT, ToTell
from backend.office import Office
from backend.people.models import Resident, User
from backend.people.residents import name_of, phone_of, wrapped_key
from nlu.errors import LinliError

MOST = 100


class ConversationTaken(LinliError):
    """A colleague already talks with this resident."""

    code: ClassVar[str] = "conversation_taken"
    status: ClassVar[int] = 409


async def conversation_list(request: Request) -> Response:
    """Who waits longest stands first; below, the talks I hold and those of colleagues."""
    panel, who = panel_of(request), who_of(request)
    waiting = select(Conversation).where(Conversation.mode == "waiting", conversations_of(who))
    held = select(Conversation).where(Conversation.mode == "person", conversations_of(who))
    async with panel.office.database.read() as session:
        rows = list((await session.exec(waiting.order_by(col(Conversation.waiting_since)).limit(MOST))).all())
        talks = list((await session.exec(held.order_by(col(Conversation.updated_at).desc()).limit(MOST))).all())
        names = await _colleagues(session, [row.claimed_by_id for row in talks])
    mine = [row for row in talks if row.claimed_by_id == who.user_id]
    others = [row for row in talks if row.claimed_by_id != who.user_id]
    return render(request, "conversations.html", waiting=rows, mine=mine, others=others, names=names, now=panel.clock())


async def _colleagues(session: AsyncSession, ids: list[int | None]) -> dict[int, str]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    people = await session.exec(select(User).where(col(User.id).in_(wanted)))
    return {person.id or 0: person.display_name for person in people.all()}


async def show_conversation(request: Request) -> Response:
    """What was said; the form to answer when the reader holds it. htmx asks for the lines alone."""
    panel, who = panel_of(request), who_of(request)
    async with panel.office.database.read() as session:
        talk = await conversation_by_id(session, who, int(request.path_params["conversation_id"]))
        assert talk.id is not None
        key = await wrapped_key(session, talk.resident_id)
        lines = opened(panel.office, key, await messages_of(session, talk.id))
        resident = await session.get(Resident, talk.resident_id)
        facts: dict[str, Any] = {
            "talk": talk,
            "lines": lines,
            "name": str(await name_of(session, panel.office, resident)) if resident else "",
            "phone": str(await phone_of(session, panel.office, resident)) if resident else "",
            "drafts": _drafts(panel.office, talk, key),
            "cases": await _cases_of(session, who, talk.resident_id),
            "holder": (await _colleagues(session, [talk.claimed_by_id])).get(talk.claimed_by_id or 0, ""),
        }
    template = "conversation_lines.html" if request.query_params.get("part") == "lines" else "conversation.html"
    return render(request, template, mine=talk.claimed_by_id == who.user_id and talk.mode == "person", **facts)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A problem the resident has begun to tell the bot: whoever takes over need not ask again."""

    text: str
    category: str
    place: str
    area: str


def _drafts(office: Office, talk: Conversation, key: bytes) -> list[Unfinished]:
    drafts = load_state(office, talk, key).get("drafts", []) if key else []
    return [
        Unfinished(
            masked(str(one.get("text", ""))),
            office.taxonomy.name_of(str(one.get("category", ""))) if one.get("category") else "",
            masked(str(one.get("place", ""))),
            office.atlas.full_name(str(one["area_code"])) if one.get("area_code") else "",
        )
        for one in drafts
        if isinstance(one, dict)
    ]


async def _cases_of(session: AsyncSession, who: Who, resident_id: int) -> list[Case]:
    found = await session.exec(
        select(Case).where(Case.resident_id == resident_id, cases_of(who)).order_by(col(Case.id).desc()).limit(5)
    )
    return list(found.all())


async def claim(request: Request) -> Response:
    """Takes the conversation over; of two who press at once, one gets it."""
    panel, who = panel_of(request), who_of(request)
    now = panel.clock()
    async with panel.office.database.write() as session:
        talk = await conversation_by_id(session, who, int(request.path_params["conversation_id"]))
        taken = await session.execute(
            update(Conversation)
            .where(col(Conversation.id) == talk.id, col(Conversation.mode).in_(("waiting", "bot")))
            .values(mode="person", claimed_by_id=who.user_id, claimed_at=now)
            .returning(col(Conversation.id))
        )
        if taken.scalar_one_or_none() is None and talk.claimed_by_id != who.user_id:
            raise ConversationTaken
        await _audit(session, panel.office, who, "claim_conversation", talk, now)
    return RedirectResponse(f"{BASE}/conversations/{talk.id}", status_code=303)


async def answer(request: Request) -> Response:
    """Sends a line to the resident, in their channel, through the outbox."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    text = str(form.get("text", "")).strip()[:2000]
    if not text:
        raise TextRequired
    now = panel.clock()
    async with panel.office.database.write() as session:
        talk = await _held(session, who, request)
        key = await wrapped_key(session, talk.resident_id)
        line = await write_down(session, panel.office, talk, key, "person", text, now, user_id=who.user_id)
        talk.updated_at = now
        session.add(talk)
        await panel.office.outbox.write(
            session,
            ToTell(
                milestone="reply_in_chat",
                audience="resident",
                letter=Outgoing(text),
                dedupe_key=f"person:{line.id}",
                order_key=f"conversation:{talk.id}",
                lane=URGENT,
                conversation_id=talk.id,
                resident_id=talk.resident_id,
            ),
            now,
        )
    return RedirectResponse(f"{BASE}/conversations/{talk.id}", status_code=303)


async def hand_back(request: Request) -> Response:
    """The bot answers again."""
    panel, who = panel_of(request), who_of(request)
    now = panel.clock()
    async with panel.office.database.write() as session:
        talk = await _held(session, who, request)
        talk.mode, talk.claimed_by_id, talk.claimed_at = "bot", None, None
        talk.waiting_since, talk.waiting_for = None, ""
        session.add(talk)
        await _audit(session, panel.office, who, "hand_back_conversation", talk, now)
    return RedirectResponse(f"{BASE}/conversations", status_code=303)


async def _held(session: AsyncSession, who: Who, request: Request) -> Conversation:
    """The conversation, if this reader holds it now."""
    talk = await conversation_by_id(session, who, int(request.path_params["conversation_id"]))
    if talk.mode != "person" or talk.claimed_by_id != who.user_id:
        raise ConversationTaken
    return talk


async def _audit(
    session: AsyncSession, office: Office, who: Who, action: str, talk: Conversation, now: datetime
) -> None:
    await office.auditor.record(session, at=now, actor=who.audit_key, action=action, subject=f"conversation:{talk.id}")
