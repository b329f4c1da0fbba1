"""The desk: the verbs the counter may call, bound to one transaction, one person and one moment.

The counter owns no facts; whatever it wants to know or do about places, cases, items and answers goes through here.
A verb answers in plain facts (`backend/desk_facts.py`), never in rows, and raises the rules' own refusals.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.coordinates import PointOnMap
from backend.areas.models import Staff
from backend.areas.placement import Placement
from backend.areas.roster import staff_key
from backend.cases.filing import NewCase, file_new, mask_entities
from backend.cases.links import new_link
from backend.cases.models import Case, CaseReporter
from backend.cases.moving import move
from backend.cases.similar import similar_open
from backend.conversations.models import Conversation
from backend.conversations.talk import load_state
from backend.desk_facts import CaseFacts, SimilarFacts, Visitor
from backend.domain.case_view import Actor
from backend.domain.refusals import NotYourCase
from backend.domain.words import Kind, Role, Source, Urgency
from backend.items.desk import ItemDesk
from backend.knowledge.answering import Answer, about_item, answers_for
from backend.notices.ledger import SAID_AT_COUNTER
from backend.notices.models import Notice
from backend.office import Office
from backend.people.masked import mask_numbers
from backend.people.residents import Speaker, phone_of, remember, resident_by_phone, resident_key
from backend.personal import linking
from backend.personal.erasing import erase_person
from backend.personal.linking import Linked
from nlu.contract import Understanding


@dataclass(frozen=True, slots=True)
class Desk:
    """One visit to the desk."""

    session: AsyncSession
    office: Office
    speaker: Speaker
    conversation: Conversation
    now: datetime

    # ── who ──────────────────────────────────────────────────────────────────────────────────────────────
    async def visitor(self) -> Visitor:
        """What is known of the person who speaks; the phone only as a mask."""
        resident = self.speaker.resident
        staff = await self.staff()
        return Visitor(
            resident_id=self.speaker.resident_id,
            phone=await phone_of(self.session, self.office, resident),
            language=resident.language,
            large_text=resident.large_text,
            has_consented=str(self.conversation.channel) in self.speaker.identity.consents.get("privacy", []),
            staff_id=staff.id if staff is not None else None,
            staff_name=staff.name if staff is not None else "",
            home_area_code=resident.home_area_code,
        )

    async def staff(self) -> Staff | None:
        """The member of staff behind this channel identity, if it is bound to one who is still active."""
        if self.speaker.identity.staff_id is None:
            return None
        person = await self.session.get(Staff, self.speaker.identity.staff_id)
        return person if person is not None and person.is_active else None

    async def give_consent(self) -> None:
        """Remembers that this channel's consent text was shown and agreed to; once per channel."""
        identity = self.speaker.identity
        agreed = [*identity.consents.get("privacy", []), self.conversation.channel]
        identity.consents = {**identity.consents, "privacy": sorted(set(agreed))}
        self.speaker.resident.consent_at = self.now
        await self.session.flush()

    async def remember_phone(self, phone: str) -> bool:
        """Seals the phone number. True when another resident of ours has it: then the two are offered to be linked."""
        other = await resident_by_phone(self.session, self.office, phone)
        await remember(self.session, self.office, self.speaker.resident, phone=phone)
        return other is not None and other.id != self.speaker.resident_id

    async def ask_link(self, phone: str) -> int | None:
        """Sends a code to the chat where this phone is known already; the other resident's id, None when there is no
        such chat, or too many codes were asked for."""
        other = await linking.known_elsewhere(self.session, self.office, self.speaker, phone)
        channel = self.conversation.channel
        if other is None or self.conversation.is_group:
            return None
        sent = await linking.send_code(self.session, self.office, self.speaker, other, channel, self.now)
        return other.id if sent else None

    async def link(self, other_id: int, code: str) -> Linked | None:
        """Proves with the six digits that both are one person, and makes them one; None when they are wrong."""
        return await linking.prove(self.session, self.office, self.speaker, other_id, code, self.now)

    async def unfinished_elsewhere(self) -> list[dict[str, Any]]:
        """The states of this resident's other private talks; they begin anew there, and go on here."""
        rows = await self.session.exec(
            select(Conversation)
            .where(
                Conversation.resident_id == self.speaker.resident_id,
                Conversation.id != self.conversation.id,
                Conversation.mode == "bot",
                col(Conversation.is_group).is_(False),
            )
            .order_by(col(Conversation.updated_at))
        )
        states = []
        for row in rows.all():
            states.append(load_state(self.office, row, self.speaker.wrapped_key))
            row.state_sealed, row.remind_at = None, None
            self.session.add(row)
        await self.session.flush()
        return [state for state in states if state.get("drafts")]

    async def remember_name(self, name: str) -> None:
        """Seals the name they gave."""
        await remember(self.session, self.office, self.speaker.resident, name=name)

    async def set_language(self, language: str) -> None:
        """`zh_CN` or `en`, for everything we say from now on."""
        self.speaker.resident.language = language
        await self.session.flush()

    async def forget_me(self) -> None:
        """Erases the resident: the key is dropped; cases stay, without anyone behind them."""
        await erase_person(self.session, self.office, self.speaker.resident, self.actor().id, "asked in chat", self.now)

    # ── places ───────────────────────────────────────────────────────────────────────────────────────────
    def locate(self, said: str | Mapping[str, str], pin: PointOnMap | None = None) -> Placement:
        """Areas for an address or a pin, with confidence and reasons."""
        return self.office.atlas.gazetteer.resolve(said, pin)

    def area_name(self, code: str) -> str:
        """An area as people say it, e.g. "云桥街道清泉社区第三网格"."""
        return self.office.atlas.full_name(code)

    # ── problems ─────────────────────────────────────────────────────────────────────────────────────────
    async def file(self, new: NewCase) -> CaseFacts:
        """Files a complete draft as this resident (or, for staff on patrol, as that worker). The counter reads number
        and holder out in the same breath: the notice that would say it again is held back, with that reason."""
        case = await self._filed(new)
        facts = await self._facts(case)
        if new.resident_id is None or self.conversation.is_group:  # a group reads along: their page comes privately
            return facts
        await self._held_back(case, new.resident_id)
        page = await new_link(self.session, self.office, "case", self.now, case_id=case.id, resident_id=new.resident_id)
        return replace(facts, page=page)

    async def _filed(self, new: NewCase) -> Case:
        staff = await self.staff() if new.source.value == "patrol" else None
        actor = self._staff_actor(staff) if staff else self.actor()
        return await file_new(self.session, self.office, new, actor, self.now)

    async def _held_back(self, case: Case, resident_id: int) -> None:
        await self.session.execute(
            update(Notice)
            .where(
                col(Notice.case_id) == case.id,
                col(Notice.resident_id) == resident_id,
                col(Notice.milestone) == "dispatched",
                col(Notice.status) == "ready",
            )
            .values(status="suppressed", reason=SAID_AT_COUNTER, ended_at=self.now)
        )

    async def file_unclassified(self, text: str) -> CaseFacts:
        """Files what nobody could read, so that a person looks at it: the last resort against losing a message."""
        home = self.speaker.resident.home_area_code or self.office.district_code
        new = NewCase(
            text=text or self.office.texts.say("notices.part.unreadable"),
            kind=Kind.HELP,
            category="",
            urgency=Urgency.NORMAL,
            source=Source(self.conversation.channel),
            area_code=home,
            resident_id=self.speaker.resident_id,
            category_sure=False,
        )
        return await self._facts(await self._filed(new))

    async def similar(self, area_code: str, category: str, place: str, text: str) -> list[SimilarFacts]:
        """Open cases that may be the same event, best first."""
        return await similar_open(self.session, self.office, area_code, category, place, text, self.now)

    async def join(self, number: str) -> CaseFacts:
        """Joins an open case: this resident hears of it from now on."""
        case = await self._case(number)
        if case is None:
            raise NotYourCase
        await move(self.session, self.office, case, self.actor(), "join", {"person": self.actor().id}, self.now)
        return await self._facts(case)

    async def my_cases(self, limit: int = 5) -> list[CaseFacts]:
        """This resident's cases, newest first."""
        found = await self.session.exec(
            select(Case)
            .join(CaseReporter, col(CaseReporter.case_id) == col(Case.id))
            .where(CaseReporter.resident_id == self.speaker.resident_id)
            .order_by(col(Case.id).desc())
            .limit(limit)
        )
        return [await self._facts(case) for case in found.all()]

    async def my_case(self, number: str) -> CaseFacts | None:
        """One of this resident's cases; None for unknown numbers and for other people's alike."""
        case = await self._case(number)
        if case is None or not await self._is_mine(case):
            return None
        return await self._facts(case)

    async def act(self, number: str, name: str, **facts: object) -> CaseFacts:
        """A resident's own move on their case: supplement, urge, withdraw, verify, fail_verification, feedback,
        request_reopen, resume. Raises the rules' refusals; a stranger's case is `NotYourCase`."""
        case = await self._case(number)
        if case is None or not await self._is_mine(case):
            raise NotYourCase
        said = {key: mask_numbers(fact) if isinstance(fact, str) else fact for key, fact in facts.items()}
        await move(self.session, self.office, case, self.actor(), name, said, self.now)
        return await self._facts(case)

    # ── the worker's side ────────────────────────────────────────────────────────────────────────────────
    async def work(self, number: str, name: str, **facts: object) -> CaseFacts:
        """A grid worker's move by chat: accept, on_the_way, done, return_, wait_for_resident, request_extension."""
        staff = await self.staff()
        case = await self._case(number)
        if staff is None or case is None:
            raise NotYourCase
        await move(self.session, self.office, case, self._staff_actor(staff), name, dict(facts), self.now, staff.name)
        return await self._facts(case)

    async def my_tasks(self, limit: int = 10) -> list[CaseFacts]:
        """What this worker holds now, the most pressing first."""
        staff = await self.staff()
        if staff is None:
            return []
        found = await self.session.exec(
            select(Case)
            .where(Case.assignee == staff_key(staff.id), col(Case.state).in_(("dispatched", "accepted", "waiting")))
            .order_by(col(Case.due_at), col(Case.id))
            .limit(limit)
        )
        return [await self._facts(case) for case in found.all()]

    # ── items, answers, people ───────────────────────────────────────────────────────────────────────────
    @property
    def items(self) -> ItemDesk:
        """The verbs about service items and applications."""
        return ItemDesk(self.session, self.office, self.speaker, self.now)

    async def answers(self, text: str, area_code: str = "") -> list[Answer]:
        """Answers to a question, best first; `Answer.sure` says whether the first may be given without asking."""
        language = self.speaker.resident.language
        return await answers_for(self.session, self.office, text, area_code, self.now, language=language)

    async def about_item(self, code: str, text: str) -> str:
        """What is asked of this item in so many words, from the catalogue; "" when nothing exact is asked."""
        language = self.speaker.resident.language
        return await about_item(self.session, self.office, code, text, self.now, language=language)

    async def call_a_person(self, why: str) -> None:
        """Puts the conversation into the operators' queue."""
        if self.conversation.mode == "bot":
            self.conversation.mode = "waiting"
            self.conversation.waiting_since = self.now
            self.conversation.waiting_for = why[:120]
        await self.session.flush()

    def masked(self, meaning: Understanding) -> str:
        """The text of a message with phones, id cards and names masked."""
        return mask_entities(meaning.text, meaning.entities)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────
    def actor(self) -> Actor:
        """This resident, as the rules see them."""
        return Actor(resident_key(self.speaker.resident_id), Role.RESIDENT)

    @staticmethod
    def _staff_actor(staff: Staff) -> Actor:
        return Actor(staff_key(staff.id), Role(staff.role), (staff.area_code,), staff.unit)

    async def _case(self, number: str) -> Case | None:
        return (await self.session.exec(select(Case).where(Case.number == number))).first()

    async def _is_mine(self, case: Case) -> bool:
        found = await self.session.exec(
            select(CaseReporter).where(
                CaseReporter.case_id == case.id, CaseReporter.resident_id == self.speaker.resident_id
            )
        )
        return found.first() is not None

    async def _facts(self, case: Case) -> CaseFacts:
        return await case_facts(self.session, self.office, case)


async def case_facts(session: AsyncSession, office: Office, case: Case) -> CaseFacts:
    """A case as the counter speaks of it: no identity, the holder by surname only."""
    holder = None
    if case.assignee and case.assignee.startswith("staff:"):
        holder = await session.get(Staff, int(case.assignee.removeprefix("staff:")))
    return CaseFacts(
        number=case.number,
        title=case.title,
        description=case.description,
        state=case.state,
        kind=case.kind,
        category_code=case.category_code,
        category_name=office.taxonomy.name_of(case.category_code),
        urgency=case.urgency,
        place=case.place,
        area_code=case.area_code,
        area_name=office.atlas.full_name(case.area_code),
        holder_surname=holder.name[:1] if holder is not None else "",
        holder_role=holder.role if holder is not None else "",
        unit=case.unit or "",
        due_at=case.due_at,
        created_at=case.created_at,
        updated_at=case.updated_at,
        has_owner=bool(case.assignee or case.unit),
    )
