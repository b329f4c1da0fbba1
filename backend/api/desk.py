"""The verbs of the API, shared by REST and Open311: list, show, file, move."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.admin.scope import cases_of
from backend.admin.who import Who
from backend.api.wire import MoveIn, NewCaseIn
from backend.areas.placement import Placement
from backend.cases.filing import NewCase, file_new
from backend.cases.models import Case
from backend.cases.moving import move
from backend.domain.case_view import Actor
from backend.domain.words import Source
from backend.notices.letters import Pin
from backend.office import Office
from backend.people.residents import new_resident, remember, resident_by_phone
from nlu.contract import Urgency
from nlu.errors import LinliError
from nlu.reader import Reader

PAGE = 50


class CaseUnknown(LinliError):
    """There is no such case in your area."""

    code: ClassVar[str] = "case_unknown"
    status: ClassVar[int] = 404


class CaseChanged(LinliError):
    """Somebody changed this case meanwhile; read it again before you move it."""

    code: ClassVar[str] = "case_changed"
    status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class ApiDesk:
    """The office, the reader and the clock behind every call."""

    office: Office
    reader: Reader
    clock: Callable[[], datetime]

    async def cases(
        self, session: AsyncSession, who: Who, *, state: str = "", category: str = "", before: int | None = None
    ) -> list[Case]:
        """One page of the caller's cases, newest first, by keyset."""
        statement = select(Case).where(cases_of(who)).order_by(col(Case.id).desc()).limit(PAGE)
        if state:
            statement = statement.where(Case.state == state)
        if category:
            statement = statement.where(col(Case.category_code).startswith(category, autoescape=True))
        if before is not None:
            statement = statement.where(col(Case.id) < before)
        return list((await session.exec(statement)).all())

    async def case(self, session: AsyncSession, who: Who, number: str) -> Case:
        """A case of the caller's. Raises `CaseUnknown` for all others alike."""
        found = (await session.exec(select(Case).where(Case.number == number, cases_of(who)))).first()
        if found is None:
            raise CaseUnknown
        return found

    async def file(self, new: NewCaseIn, actor: Actor, name: str, source: Source, now: datetime) -> Case:
        """Classifies, places and files; a phone makes (or finds) the resident who will hear of it."""
        meaning = self.reader.read(new.text, now)
        placed = self._place(new)
        category = new.category or (meaning.category.code if meaning.category is not None else "")
        if new.category:
            self.office.taxonomy.leaf(new.category)
        sure = placed.sure if placed is not None else None
        draft = NewCase(
            text=new.text,
            kind=new.kind,
            category=category,
            urgency=Urgency(new.urgency) if new.urgency is not None else meaning.urgency,
            source=source,
            area_code=self._area(new, sure.area_code if sure is not None else ""),
            place=new.address,
            lat=placed.lat if placed is not None else None,
            lon=placed.lon if placed is not None else None,
            entities=meaning.entities,
            category_sure=bool(new.category) or meaning.decision.value == "act",
            candidates=tuple(one.area_code for one in placed.candidates) if placed is not None and sure is None else (),
        )
        async with self.office.database.write() as session:
            resident_id = await self._resident(session, new.phone, now)
            return await file_new(session, self.office, replace(draft, resident_id=resident_id), actor, now, name)

    async def move(self, who: Who, number: str, asked: MoveIn, now: datetime) -> Case:
        """Makes a move as the caller. Raises `CaseUnknown`, `CaseChanged` or the rules' refusal."""
        async with self.office.database.write() as session:
            case = await self.case(session, who, number)
            if case.version != asked.version:
                raise CaseChanged
            await move(session, self.office, case, who.actor, asked.move, asked.facts, now, who.name)
            return case

    def _place(self, new: NewCaseIn) -> Placement | None:
        pin = Pin(new.lat, new.lon) if new.lat is not None and new.lon is not None else None
        if new.area_code or not (new.address or pin):
            return None
        return self.office.atlas.gazetteer.resolve(new.address, pin)

    def _area(self, new: NewCaseIn, found: str) -> str:
        if new.area_code and self.office.atlas.area(new.area_code) is None:
            raise CaseUnknown(f"no area {new.area_code}")
        return new.area_code or found or self.office.district_code

    async def _resident(self, session: AsyncSession, phone: str, now: datetime) -> int | None:
        if not phone:
            return None
        digits = phone.lstrip("+").replace("-", "")
        resident = await resident_by_phone(session, self.office, digits)
        if resident is None:
            resident = await new_resident(session, self.office, now)
            await remember(session, self.office, resident, phone=digits)
        return resident.id
