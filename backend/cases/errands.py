"""The desk's smaller verbs: placing a case afterwards, more photos, who is accused, is anybody in, sounding the alarm.

Bound like the desk to one transaction, one person and one moment; kept beside it so that each stays readable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.areas.roster import staff_key
from backend.areas.working_days import calendar_of
from backend.cases.dispatching import find_owner, hand_to_new_place
from backend.cases.history import path_codes, view_of
from backend.cases.milestones import Tell
from backend.cases.models import Attachment, Case, CaseReporter
from backend.cases.moving import move
from backend.cases.telling import Occasion, tell
from backend.conversations.models import Conversation
from backend.domain.case_view import SYSTEM, Actor
from backend.domain.refusals import NotYourCase
from backend.domain.words import LADDER, CaseState, Role
from backend.notices.outbox import URGENT
from backend.office import Office
from backend.people.residents import Speaker, resident_key

_WORKER_WORDS, _CHIEF_WORDS = ("网格员",), ("网格长",)
_COMMUNITY_WORDS, _STREET_WORDS = ("社区", "居委", "村支书", "村主任", "村长"), ("街道",)


@dataclass(frozen=True, slots=True)
class Errands:
    """Small verbs for one visit to the desk."""

    session: AsyncSession
    office: Office
    speaker: Speaker
    conversation: Conversation
    now: datetime

    async def place_case(
        self, number: str, place: str, area_code: str, lat: float | None = None, lon: float | None = None
    ) -> None:
        """Gives a case its place afterwards (it had none, or another was meant) and, where that matters, a new owner.

        A case that somebody works on already stays with them: they read the new place as a supplement.
        """
        case = await self._mine(number)
        path = await path_codes(self.session, area_code)
        case.place, case.lat, case.lon = place[:200], lat, lon
        self.session.add(case)
        before = await view_of(self.session, case)
        if before.area_path == path or case.state not in (CaseState.RECEIVED, CaseState.DISPATCHED):
            await move(self.session, self.office, case, self._resident(), "supplement", {"text": place}, self.now)
            return
        level = LADDER[max(0, 4 - len(path))]
        case.grid_code = path[-1] if level is LADDER[0] else None
        reason = self.office.texts.say("dialogue.part.place_given")
        facts: dict[str, object] = {"area_path": path, "level": level, "reason": reason}
        if case.against:  # whoever has that office there is known only now
            facts["subjects"] = tuple(dict.fromkeys((*before.subjects, *await self.accused(case.against, area_code))))
        view = await move(self.session, self.office, case, SYSTEM, "correct", facts, self.now)
        if case.state == CaseState.RECEIVED:
            await find_owner(self.session, self.office, case, view, self.now)
        else:
            await hand_to_new_place(self.session, self.office, case, view, self.now, reason)

    async def add_photos(self, number: str, attachments: Sequence[int], staff: Staff | None = None) -> None:
        """Joins photos to a case: the resident's as they are, a worker's as the photo after the work."""
        case = await self._mine(number) if staff is None else await self._case(number)
        rows = await self.session.exec(select(Attachment).where(col(Attachment.id).in_(attachments)))
        for row in rows.all():
            row.case_id = case.id
            if staff is not None:
                row.kind, row.by = "after", staff_key(staff.id)
            self.session.add(row)
        actor = self._resident() if staff is None else Actor(
            staff_key(staff.id), Role(staff.role), (staff.area_code,), staff.unit
        )  # fmt: skip
        evidence = ("photo",) if staff is None else ("photo", "photo_after")
        facts = {"photo": [str(one) for one in attachments], "evidence": evidence}
        await move(self.session, self.office, case, actor, "add_evidence", facts, self.now)

    async def accused(self, who: str, area_code: str, text: str = "") -> tuple[str, ...]:
        """Actor keys and area codes that a complaint must never reach: staff named in `who` or in `text`, wherever
        they serve; without a name everyone of that office at that place."""
        path = await path_codes(self.session, area_code)
        found = await self.session.exec(select(Staff).where(col(Staff.is_active)).order_by(col(Staff.id)))
        people = list(found.all())
        chosen = [person for person in people if person.name in who or person.name in text]
        if not chosen and who:
            chosen = [person for person in people if person.area_code in path and _has_office(person, who)]
        keys = [staff_key(person.id) for person in chosen]
        if any(word in who for word in _COMMUNITY_WORDS) and len(path) > 2:
            keys.append(path[2])
        if any(word in who for word in _STREET_WORDS) and len(path) > 1:
            keys.append(path[1])
        return tuple(keys)

    async def pass_praise_on(self, number: str) -> int:
        """Praise reaches those it names (without a name, those of that office at that place), in masked words; how
        many. Nobody else hears who gave it."""
        case = await self._mine(number)
        rows = await self.session.exec(select(Staff).where(col(Staff.is_active)).order_by(col(Staff.id)))
        plain = self.office.vault.open(self.speaker.wrapped_key, case.description_sealed).reveal() or case.description
        people = [person for person in rows.all() if person.name in plain]
        keys = tuple(staff_key(person.id) for person in people)
        if not keys:
            office_named = next((word for word in (*_WORKER_WORDS, *_CHIEF_WORDS) if word in plain), "")
            keys = await self.accused(office_named, case.area_code) if office_named else ()
        staff_only = tuple(key for key in keys if key.startswith("staff:"))
        if not staff_only:
            return 0
        occasion = Occasion(case, case.version, self.now, facts={"text": case.description}, persons=staff_only)
        return await tell(self.session, self.office, Tell("worker", "praised"), occasion)

    async def set_may_contact(self, may: bool) -> None:
        """Their answer to "may we contact you again?"; without it only the news of their own matters is sent."""
        self.speaker.resident.may_contact = may
        self.session.add(self.speaker.resident)
        await self.session.flush()

    async def sound_alarm(self, number: str, text: str) -> int:
        """Tells the dispatchers above the place of an emergency, whoever has the case; how many were told."""
        case = await self._case(number)
        occasion = Occasion(case, case.version, self.now, facts={"text": text})
        return await tell(self.session, self.office, Tell("chiefs", "emergency", URGENT), occasion)

    async def opens_again(self) -> datetime | None:
        """None while the office is open; else when it opens next (aware, the district's clock)."""
        calendar = await calendar_of(self.session, self.office.district_code, self.office.zone)
        local = self.office.local(self.now)
        for start, end in calendar.spans(local.date()):
            if start <= local < end:
                return None
            if start > local:
                return start.astimezone(self.office.zone)
        return None

    async def stop_waiting(self) -> None:
        """Takes the conversation back out of the operators' queue, unless one has claimed it already."""
        if self.conversation.mode == "waiting":
            self.conversation.mode = "bot"
            self.conversation.waiting_since, self.conversation.waiting_for = None, ""
            await self.session.flush()

    async def queue_length(self) -> int:
        """How many conversations wait for a person, this one included."""
        found = await self.session.exec(select(Conversation.id).where(Conversation.mode == "waiting"))
        return len(found.all())

    async def set_large_text(self, large: bool) -> None:
        """Whether pages for this resident open in large letters."""
        self.speaker.resident.large_text = large
        await self.session.flush()

    def _resident(self) -> Actor:
        return Actor(resident_key(self.speaker.resident_id), Role.RESIDENT)

    async def _case(self, number: str) -> Case:
        case = (await self.session.exec(select(Case).where(Case.number == number))).first()
        if case is None:
            raise NotYourCase
        return case

    async def _mine(self, number: str) -> Case:
        case = await self._case(number)
        found = await self.session.exec(
            select(CaseReporter).where(
                CaseReporter.case_id == case.id, CaseReporter.resident_id == self.speaker.resident_id
            )
        )
        if found.first() is None:
            raise NotYourCase
        return case


def _has_office(person: Staff, who: str) -> bool:
    if any(word in who for word in _WORKER_WORDS):
        return person.role == "worker"
    return any(word in who for word in _CHIEF_WORDS) and person.role == "responsible"
