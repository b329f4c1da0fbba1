"""The resident's page of an application: where it stands, what is missing, and whether to fetch it or have it brought.

A link gets forwarded: so it shows no papers and no door code, and delivers only to the address the applicant gave in
the chat.
"""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.cases.photos import attach
from backend.domain.application_life import available
from backend.domain.refusals import PhotoRequired, UnknownMove
from backend.domain.words import ApplicationState
from backend.items import delivering
from backend.items.door import delivery_address
from backend.items.history import events_of, view_of
from backend.items.models import Application
from backend.items.papers import bring_papers
from backend.items.showing import application_facts
from backend.pages.bearers import Reader, own_application, reader_of
from backend.pages.forms import Posted, read_form
from backend.pages.kit import PageKit
from backend.pages.pictures import stored
from backend.pages.progress import APPLICATION_PLACE, APPLICATION_STEPS, line
from backend.pages.refusals import NoAddressKnown
from backend.pages.rendering import is_large, language_of
from backend.people.residents import wrapped_key

MOVES = ("bring_materials", "request_delivery", "cancel_delivery")


@dataclass(frozen=True)
class ApplicationPages:
    """What a `/c/` link to an application shows and does."""

    kit: PageKit

    def routes(self) -> list[Route]:
        """The steps; the page itself is shown by `show`."""
        return [Route("/c/{token}/application", self.kit.guarded(self.take_step), methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """The application behind the link."""
        office, now, token = self.kit.office, self.kit.clock(), request.path_params["token"]
        async with office.database.read() as session:
            reader = await reader_of(session, token, now)
            application = await own_application(session, reader)
            language = language_of(request, reader.resident.language)
            facts = await application_facts(session, office, application, language)
            possible = {step.name for step in available(await view_of(session, application), reader.actor)}
            moves = [name for name in MOVES if name in possible]
            slots = await delivering.slots_for(session, office, now, language) if "request_delivery" in moves else []
            knows_address = bool(await self._address(session, application, reader)) if slots else False
            events = [one for one in await events_of(session, application.id or 0) if one.to_state]
        return self.kit.pages.answer(
            "application.html",
            language,
            large=is_large(request, reader.resident.large_text),
            token=token,
            facts=facts,
            steps=line(APPLICATION_STEPS, APPLICATION_PLACE.get(ApplicationState(facts.state))),
            moves=moves,
            slots=slots,
            knows_address=knows_address,
            told=[(one.to_state, one.at) for one in events[::-1]],
            said=request.query_params.get("said", ""),
        )

    async def take_step(self, request: Request) -> Response:
        """Papers, a slot, or fetching it after all."""
        office, now, token = self.kit.office, self.kit.clock(), request.path_params["token"]
        async with office.database.read() as session:
            await reader_of(session, token, now)
        form = await read_form(request)
        name = form.text("move", 30)
        if name not in MOVES:
            raise UnknownMove
        async with stored(office, form.photos()) as files, office.database.write() as session:
            reader = await reader_of(session, token, now)
            application = await own_application(session, reader)
            if name == "bring_materials":
                if not files:
                    raise PhotoRequired
                by = reader.actor.id
                ids = [await attach(session, office.district_code, one, now, kind="paper", by=by) for one in files]
                await bring_papers(session, office, application, reader.actor, ids, (), form.text("text"), now)
            elif name == "request_delivery":
                await self._deliver(session, application, reader, form)
            else:
                await delivering.cancel_delivery(session, office, application, reader.actor, "", now)
        return self.kit.done(request, f"/c/{token}", name)

    async def _deliver(self, session: AsyncSession, application: Application, reader: Reader, form: Posted) -> None:
        office, now = self.kit.office, self.kit.clock()
        address = await self._address(session, application, reader)
        if not address:
            raise NoAddressKnown
        where = delivering.destination(office, address)
        slot = form.text("slot", 40)
        await delivering.request_delivery(session, office, application, reader.actor, where, slot, now)

    async def _address(self, session: AsyncSession, application: Application, reader: Reader) -> str:
        """Where the applicant has had things brought, or lives; never shown here."""
        office = self.kit.office
        given = await delivery_address(session, office, application)
        if not given and application.resident_id == reader.resident.id and reader.resident.home_sealed:
            key = await wrapped_key(session, reader.resident.id or 0)
            given = office.vault.open(key, reader.resident.home_sealed)
        return given.reveal()
