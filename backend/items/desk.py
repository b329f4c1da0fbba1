"""The item desk: the verbs about service items and applications, bound to one transaction, one person, one moment.

A verb answers in plain facts (`facts.py`). An application of somebody else and one that does not exist are refused
alike (`NotYourCase`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Staff
from backend.areas.working_days import calendar_of
from backend.domain.case_view import Actor
from backend.domain.refusals import NotYourCase
from backend.domain.words import Role
from backend.items import appointments, delivering, volunteering
from backend.items.applying import NewApplication, file_new, move_application
from backend.items.appointments import AppointmentFacts
from backend.items.desk_days import next_visit
from backend.items.door import delivery_address
from backend.items.facts import ApplicationFacts, DoorResult, ItemFacts, Slot
from backend.items.models import Application
from backend.items.papers import bring_papers
from backend.items.proxies import appoint_proxy
from backend.items.sentences import refusal_sentence
from backend.items.showing import application_facts
from backend.items.volunteering import VolunteerFacts, VolunteerKind
from backend.office import Office
from backend.people.residents import Speaker, resident_key
from nlu.errors import LinliError


@dataclass(frozen=True, slots=True)
class ItemDesk:
    """One visit to the item desk."""

    session: AsyncSession
    office: Office
    speaker: Speaker
    now: datetime

    # ── the catalogue ────────────────────────────────────────────────────────────────────────────────────
    async def find(self, text: str, limit: int = 3) -> list[ItemFacts]:
        """Items the words may mean, best first, with `score` and `sure`; abolished ones too, with the reason."""
        shelf = await self.office.library.shelf(self.session)
        found = shelf.item_index.find(text, limit)
        return [
            replace(await self._with_desk_day(shelf.items[one.code]), score=one.score, sure=one.sure) for one in found
        ]

    async def item(self, code: str) -> ItemFacts | None:
        """One item; None for unknown codes and for drafts."""
        facts = (await self.office.library.shelf(self.session)).items.get(code)
        if facts is None or facts.state in ("draft", "review"):
            return None
        return await self._with_desk_day(facts)

    async def _with_desk_day(self, facts: ItemFacts) -> ItemFacts:
        if not facts.desk_days:
            return facts
        calendar = await calendar_of(self.session, self.office.district_code, self.office.zone)
        return replace(facts, next_desk_day=next_visit(facts.desk_days, calendar, self.office.local(self.now).date()))

    # ── the applicant ────────────────────────────────────────────────────────────────────────────────────
    async def apply(
        self,
        item_code: str,
        *,
        source: str,
        area_code: str = "",
        attachments: Sequence[int] = (),
        brought: Sequence[str] | None = None,
        delivery_wanted: bool = False,
        text: str = "",
    ) -> ApplicationFacts:
        """Files an application as this resident. `source`: a `Source` value. `area_code` "": the usual address, else
        the whole district. `brought`: names of papers said to be there; None when nobody asked. Raises ItemUnknown,
        ItemCancelled and ItemNotOffered.
        """
        new = NewApplication(
            item_code=item_code,
            resident_id=self.speaker.resident_id,
            area_code=area_code or self.speaker.resident.home_area_code or self.office.district_code,
            source=str(source),
            attachments=tuple(attachments),
            brought=None if brought is None else tuple(brought),
            delivery_wanted=delivery_wanted,
            text=text,
        )
        application = await file_new(self.session, self.office, new, self.actor(), self.now)
        return await self._facts(application)

    async def mine(self, limit: int = 5) -> list[ApplicationFacts]:
        """This resident's applications and those they act for, newest first."""
        me = self.speaker.resident_id
        found = await self.session.exec(
            select(Application)
            .where(or_(Application.resident_id == me, Application.proxy_resident_id == me))
            .order_by(col(Application.id).desc())
            .limit(limit)
        )
        return [await self._facts(application) for application in found.all()]

    async def my_application(self, number: str) -> ApplicationFacts | None:
        """One application; None for unknown numbers and for other people's alike."""
        application = await self._find(number)
        return await self._facts(application) if application is not None and self._is_mine(application) else None

    async def add_papers(
        self, number: str, attachments: Sequence[int] = (), brought: Sequence[str] = (), text: str = ""
    ) -> ApplicationFacts:
        """Adds photos or says which papers are there now; `missing` of the answer is what still lacks."""
        application = await self._mine(number)
        await bring_papers(self.session, self.office, application, self.actor(), attachments, brought, text, self.now)
        return await self._facts(application)

    async def choose_collect(self, number: str) -> ApplicationFacts:
        """They will fetch it; a visit that was agreed on is called off."""
        application = await self._mine(number)
        if application.state == "delivering":
            await delivering.cancel_delivery(self.session, self.office, application, self.actor(), "", self.now)
        return await self._facts(application)

    async def slots(self, number: str) -> list[Slot]:
        """Times at which it can be brought home, earliest first."""
        await self._mine(number)
        return await delivering.slots_for(self.session, self.office, self.now, self.speaker.resident.language)

    async def choose_delivery(
        self, number: str, slot: str, *, address_text: str = "", area_code: str = ""
    ) -> ApplicationFacts:
        """Agrees on a visit: `slot` is a `Slot.id`. Without an address the one given before, else the usual one, is
        meant. The answer holds the door code. Raises OutsideDistrict, DeliveryAddressUnclear (facts: candidates),
        DeliveryAddressNeeded, SlotGone and the rules' refusals.
        """
        application = await self._mine(number)
        address = address_text or await self._known_address(application)
        where = delivering.destination(self.office, address, area_code)
        await delivering.request_delivery(self.session, self.office, application, self.actor(), where, slot, self.now)
        return await self._facts(application)

    async def name_proxy(self, number: str, name: str, phone: str) -> ApplicationFacts:
        """Lets somebody act for the applicant (代办): this call is the applicant's consent, so ask before it."""
        application = await self._mine(number)
        await appoint_proxy(self.session, self.office, application, self.actor(), name, phone, self.now)
        return await self._facts(application)

    async def withdraw(self, number: str, reason: str = "") -> ApplicationFacts:
        """Takes the application back; a visit under way must be called off first (`choose_collect`)."""
        application = await self._mine(number)
        facts = {"reason": reason or None}
        await move_application(self.session, self.office, application, self.actor(), "withdraw", facts, self.now)
        return await self._facts(application)

    # ── the grid worker who brings it ────────────────────────────────────────────────────────────────────
    async def my_deliveries(self) -> list[ApplicationFacts]:
        """What this worker still has to bring, the earliest visit first."""
        staff = await self._staff()
        rows = await delivering.carried_by(self.session, [staff.id] if staff is not None and staff.id else [])
        return [await self._facts(application, for_courier=True) for application in rows]

    async def set_out(self, number: str, eta: str = "") -> ApplicationFacts:
        """The worker is on the way; the resident is told, with the door code."""
        staff, application = await self._carried(number)
        actor = delivering.courier_actor(staff)
        await move_application(
            self.session, self.office, application, actor, "set_out", {"eta": eta or None}, self.now, staff.name
        )
        return await self._facts(application, for_courier=True)

    async def visit_failed(self, number: str, reason: str) -> ApplicationFacts:
        """Nobody was there: it goes back, and the resident chooses again."""
        staff, application = await self._carried(number)
        await delivering.visit_failed(
            self.session, self.office, application, delivering.courier_actor(staff), reason, self.now, staff.name
        )
        return await self._facts(application, for_courier=True)

    async def hand_over(self, number: str, check: str, value: str, *, signature: int, photo: int) -> DoorResult:
        """Hands it over if `value` answers the `check` (code, last_four, proxy); a wrong answer is no error."""
        staff, application = await self._carried(number)
        done, left = await delivering.hand_over(
            self.session,
            self.office,
            application,
            delivering.courier_actor(staff),
            check=check,
            value=value,
            signature=signature,
            photo=photo,
            now=self.now,
            actor_name=staff.name,
        )
        return DoorResult(done, left, await self._facts(application, for_courier=True))

    # ── appointments and volunteers ──────────────────────────────────────────────────────────────────────
    async def desk_slots(self, desk: str, days: int = 14) -> list[appointments.OpenSlot]:
        """Open times of a counter or rotating desk (an item's code or a desk's name)."""
        return await appointments.open_slots(self.session, self.office, desk, self.now, days, self._language())

    async def book(self, slot_id: int) -> AppointmentFacts:
        """Books a place; a full slot gives a place in its waiting list (`state` waiting)."""
        return await appointments.book(self.session, self.office, slot_id, self.speaker.resident, self.now)

    async def my_appointments(self) -> list[AppointmentFacts]:
        """Appointments to come, the next first."""
        return await appointments.coming(self.session, self.office, self.speaker.resident, self.now)

    async def cancel_appointment(self, appointment_id: int) -> AppointmentFacts:
        """Gives the place back; the first in the waiting list gets it and is told."""
        return await appointments.cancel(self.session, self.office, appointment_id, self.speaker.resident, self.now)

    async def volunteer_kind(self, text: str) -> VolunteerKind | None:
        """Which kind of volunteer help the words ask for; None when none is near."""
        return volunteering.kinds().find(text)

    async def ask_volunteer(self, kind: str, text: str, area_code: str = "") -> VolunteerFacts:
        """Asks for a volunteer: the nearest group of that kind, else the staff. `text` is masked."""
        area = area_code or self.speaker.resident.home_area_code or self.office.district_code
        return await volunteering.ask(self.session, self.office, self.speaker.resident, kind, text, area, self.now)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────
    def sentence(self, error: LinliError, language: str = "") -> str:
        """What to say to the person about a refusal."""
        return refusal_sentence(self.office.texts, error, language or self._language())

    def actor(self) -> Actor:
        """This resident, as the rules see them."""
        return Actor(resident_key(self.speaker.resident_id), Role.RESIDENT)

    def _language(self) -> str:
        return self.speaker.resident.language

    async def _find(self, number: str) -> Application | None:
        return (await self.session.exec(select(Application).where(Application.number == number))).first()

    def _is_mine(self, application: Application) -> bool:
        return self.speaker.resident_id in (application.resident_id, application.proxy_resident_id)

    async def _mine(self, number: str) -> Application:
        application = await self._find(number)
        if application is None or not self._is_mine(application):
            raise NotYourCase
        return application

    async def _staff(self) -> Staff | None:
        if self.speaker.identity.staff_id is None:
            return None
        person = await self.session.get(Staff, self.speaker.identity.staff_id)
        return person if person is not None and person.is_active else None

    async def _carried(self, number: str) -> tuple[Staff, Application]:
        staff, application = await self._staff(), await self._find(number)
        if staff is None or application is None or application.delivery_staff_id != staff.id:
            raise NotYourCase
        return staff, application

    async def _known_address(self, application: Application) -> str:
        given = await delivery_address(self.session, self.office, application)
        if not given and application.resident_id == self.speaker.resident_id:
            given = self.office.vault.open(self.speaker.wrapped_key, self.speaker.resident.home_sealed)
        return given.reveal()

    async def _facts(self, application: Application, *, for_courier: bool = False) -> ApplicationFacts:
        language = "zh_CN" if for_courier else self._language()
        return await application_facts(self.session, self.office, application, language, with_code=not for_courier)
