"""The verbs of the API, shared by REST and Open311: list, show, file, move.

Rows and moves go through the panel's own scope and lists: what a user cannot see or choose there, their token cannot
see or choose here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.admin.case_filters import Filters
from backend.admin.case_finding import find_cases
from backend.admin.case_moves import Posted, make_move
from backend.admin.finding import NotHere, case_by_number
from backend.admin.move_facts import FormRefused
from backend.admin.move_fields import fields_of
from backend.admin.who import NOWHERE, Who
from backend.api.tokens import user_of
from backend.api.wire import MoveIn, NewCaseIn
from backend.areas.placement import Placement
from backend.cases.filing import NewCase, file_new
from backend.cases.models import Case
from backend.domain.lifecycle import MOVES
from backend.domain.refusals import UnknownMove
from backend.domain.words import Role, Source
from backend.notices.letters import Pin
from backend.office import Office
from backend.people.models import User
from backend.people.residents import new_resident, remember, resident_by_phone
from backend.people.users import actor_of
from nlu.contract import Understanding, Urgency
from nlu.reader import Reader

PAGE = 50


@dataclass(frozen=True, slots=True)
class ApiDesk:
    """The office, the reader and the clock behind every call."""

    office: Office
    reader: Reader
    clock: Callable[[], datetime]

    async def who(self, token: str, now: datetime) -> Who:
        """The user behind a token, with their role and area as they are now. Raises `TokenRefused`."""
        async with self.office.database.read() as session:
            user = await user_of(session, token, now)
        return self._who(user)

    def _who(self, user: User) -> Who:
        area = self.office.atlas.area(user.area_code)
        return Who(
            user_id=user.id or 0,
            username=user.username,
            name=user.display_name,
            role=Role(user.role),
            actor=actor_of(user),
            area_code=user.area_code,
            area_path="".join(f"{code}/" for code in area.path) if area is not None else NOWHERE,
            language=user.language,
            csrf="",
            session_digest="",
            has_second_factor=bool(user.totp_sealed),
        )

    async def cases(
        self,
        session: AsyncSession,
        who: Who,
        *,
        state: str = "",
        category: str = "",
        q: str = "",
        before: int | None = None,
    ) -> list[Case]:
        """One page of the caller's cases, newest first, by keyset; `q` finds words, a number or a phone."""
        asked = Filters(
            tab="all", state=state, category=category.rstrip("."), text=q.strip(), after=str(before) if before else ""
        )
        return (await find_cases(session, self.office, who, asked, self.clock()))[0]

    async def case(self, session: AsyncSession, who: Who, number: str) -> Case:
        """A case of the caller's. Raises `NotHere` for all others alike."""
        return await case_by_number(session, who, number)

    async def meaning(self, text: str, now: datetime) -> Understanding:
        """What a text means; beside the event loop, since an engine may take its time."""
        return await asyncio.to_thread(self.reader.read, text, now)

    async def file(self, new: NewCaseIn, who: Who, source: Source, now: datetime) -> Case:
        """Classifies, places and files; a phone makes (or finds) the resident who will hear of it.

        Raises `NotHere` for an area outside the caller's, `UnknownCategory`, or the rules' refusal.
        """
        if new.category:
            self.office.taxonomy.leaf(new.category)
        meaning = await self.meaning(new.text, now)
        placed = self._place(new)
        category = new.category or (meaning.category.code if meaning.category is not None else "")
        sure = placed.sure if placed is not None else None
        draft = NewCase(
            text=new.text,
            kind=new.kind,
            category=category,
            urgency=Urgency(new.urgency) if new.urgency is not None else meaning.urgency,
            source=source,
            area_code=self._area(new, who, sure.area_code if sure is not None else ""),
            place=new.address,
            lat=placed.lat if placed is not None else None,
            lon=placed.lon if placed is not None else None,
            entities=meaning.entities,
            category_sure=bool(new.category) or meaning.decision.value == "act",
            candidates=tuple(one.area_code for one in placed.candidates) if placed is not None and sure is None else (),
        )
        async with self.office.database.write() as session:
            resident_id = await self._resident(session, new.phone, now)
            draft = replace(draft, resident_id=resident_id)
            return await file_new(session, self.office, draft, who.actor, now, who.name)

    async def move(self, who: Who, number: str, asked: MoveIn, now: datetime) -> Case:
        """Makes a move as the caller. Raises `NotHere`, `Stale`, `FormRefused` or the rules' refusal."""
        row = MOVES.get(asked.move)
        if row is None:
            raise UnknownMove(move=asked.move)
        unknown = asked.facts.keys() - {field.name for field in fields_of(row) if field.kind != "photo"}
        if unknown:
            raise FormRefused(need=min(unknown))
        values = {name: str(value) for name, value in asked.facts.items()}
        async with self.office.database.write() as session:
            posted = Posted(number, asked.move, values, [], asked.version)
            return await make_move(session, self.office, who, posted, now)

    def _place(self, new: NewCaseIn) -> Placement | None:
        pin = Pin(new.lat, new.lon) if new.lat is not None and new.lon is not None else None
        if new.area_code or not (new.address or pin):
            return None
        return self.office.atlas.gazetteer.resolve(new.address, pin)

    def _area(self, new: NewCaseIn, who: Who, found: str) -> str:
        """The area named, else the one found, else the caller's own, whose queue decides."""
        if not new.area_code:
            return found or who.area_code
        area = self.office.atlas.area(new.area_code)
        if area is None or not "".join(f"{code}/" for code in area.path).startswith(who.area_path):
            raise NotHere
        return new.area_code

    async def _resident(self, session: AsyncSession, phone: str, now: datetime) -> int | None:
        digits = phone.replace("-", "").removeprefix("+").removeprefix("86" if len(phone) > 11 else "")
        if not digits:
            return None
        resident = await resident_by_phone(session, self.office, digits)
        if resident is None:
            resident = await new_resident(session, self.office, now)
            await remember(session, self.office, resident, phone=digits)
        return resident.id
