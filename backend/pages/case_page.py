"""The resident's page of a case: where it stands, what happened, and what they may do about it.

Whoever has the link sees no words of the resident, no name, no number, no exact place: links get forwarded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.areas.models import Staff
from backend.cases.history import events_of, view_of
from backend.cases.models import Case, CaseEvent
from backend.cases.moving import move
from backend.cases.photos import StoredFile
from backend.domain.lifecycle import available
from backend.domain.refusals import ScoreRequired, UnknownMove
from backend.domain.words import CaseState
from backend.office import Office
from backend.pages.bearers import Reader, own_case, reader_of
from backend.pages.forms import Posted, read_form
from backend.pages.kit import PageKit
from backend.pages.masking import masked
from backend.pages.pictures import is_known, join_photos, picture_answer, pictures_of, stored
from backend.pages.progress import CASE_PLACE, CASE_STEPS, Told, history, line
from backend.pages.rendering import is_large, language_of
from backend.people.masked import mask_numbers

MOVES = ("verify", "fail_verification", "resume", "feedback", "request_reopen", "supplement", "add_evidence", "urge")
COMMUNITY_DEPTH = 3  # district, street, community: nearer than that would point at a home
SAFE_PICTURES = ("after",)  # what the worker showed; never what residents sent


@dataclass(frozen=True)
class CasePages:
    """The routes below `/c/{token}` for cases; the page itself is shown by `show`."""

    kit: PageKit

    def routes(self) -> list[Route]:
        """Moves and photos."""
        return [
            Route("/c/{token}/moves", self.kit.guarded(self.make_move), methods=["POST"]),
            Route("/c/{token}/photos/{photo:int}", self.kit.guarded(self.photo), methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The case behind the link."""
        office, now, token = self.kit.office, self.kit.clock(), request.path_params["token"]
        async with office.database.read() as session:
            reader = await reader_of(session, token, now)
            case, view = await own_case(session, reader)
            language = language_of(request, reader.resident.language)
            told = await self._told(session, case, reader, language)
            pictures = await pictures_of(session, case.id or 0, SAFE_PICTURES)
        place = CASE_PLACE.get(view.state)
        possible = {one.name for one in available(view, reader.actor)}
        return self.kit.pages.answer(
            "case.html",
            language,
            large=is_large(request, reader.resident.large_text),
            token=token,
            number=case.number,
            category=office.taxonomy.name_of(case.category_code) if case.category_code else "",
            area=_community(office, case),
            filed_at=case.created_at,
            state=view.state.value,
            due_at=case.due_at,
            steps=line(CASE_STEPS, place),
            told=[(one, masked(one.detail, now)) for one in told],
            pictures=[one.id for one in pictures],
            moves=[name for name in MOVES if name in possible],
            said=request.query_params.get("said", ""),
        )

    async def _told(self, session: AsyncSession, case: Case, reader: Reader, language: str) -> list[Told]:
        office, titles = self.kit.office, await _titles(session, await events_of(session, case.id or 0))

        def called(event: CaseEvent) -> str:
            role = titles.get(event.actor, event.actor_role)
            key = f"notices.role.{role}"
            return office.texts.say(key, language, surname=event.actor_name[:1]) if office.texts.has(key) else "office"

        return history(await events_of(session, case.id or 0), reader.actor.id, called)

    async def photo(self, request: Request) -> Response:
        """A photo of the finished work."""
        async with self.kit.office.database.read() as session:
            reader = await reader_of(session, request.path_params["token"], self.kit.clock())
            case, _ = await own_case(session, reader)
            pictures = await pictures_of(session, case.id or 0, SAFE_PICTURES)
        return picture_answer(self.kit.office, pictures, request.path_params["photo"])

    async def make_move(self, request: Request) -> Response:
        """One of the resident's own moves."""
        office, now, token = self.kit.office, self.kit.clock(), request.path_params["token"]
        async with office.database.read() as session:
            await reader_of(session, token, now)
        form = await read_form(request)
        name = form.text("move", 30)
        if name not in MOVES:
            raise UnknownMove
        async with stored(office, form.photos()) as files, office.database.write() as session:
            reader = await reader_of(session, token, now)
            case, _ = await own_case(session, reader)
            if name == "feedback":
                await self._feedback(session, case, reader, form)
            else:
                await self._move(session, case, reader, name, form, files)
        return self.kit.done(request, f"/c/{token}", name)

    async def _move(
        self,
        session: AsyncSession,
        case: Case,
        reader: Reader,
        name: str,
        form: Posted,
        files: Sequence[StoredFile],
    ) -> None:
        office, now, me = self.kit.office, self.kit.clock(), reader.actor
        if files and name == "add_evidence" and await is_known(session, case.id or 0, files, me.id):
            return
        photos = await join_photos(session, office, case.id or 0, files, "before", me.id, now)
        facts: dict[str, object] = {}
        if text := form.text("text"):
            facts["reason" if name in ("fail_verification", "request_reopen") else "text"] = text
        if photos:
            facts.update(photo=[str(one) for one in photos], evidence=["photo"])
        await move(session, office, case, me, name, facts, now)
        if name == "supplement" and (await view_of(session, case)).state is CaseState.WAITING:
            await move(session, office, case, me, "resume", {}, now)

    async def _feedback(self, session: AsyncSession, case: Case, reader: Reader, form: Posted) -> None:
        score = form.text("score", 2)
        if score not in ("1", "2", "3", "4", "5"):
            raise ScoreRequired
        contact = {"yes": True, "no": False}.get(form.text("contact", 4))
        facts = {"score": int(score), "text": mask_numbers(form.text("text")), "contact_again": contact}
        await move(session, self.kit.office, case, reader.actor, "feedback", facts, self.kit.clock())


async def _titles(session: AsyncSession, events: Sequence[CaseEvent]) -> dict[str, str]:
    """Roles of the staff in a history, by actor key."""
    keys = {event.actor for event in events if event.actor.startswith("staff:")}
    people = [await session.get(Staff, int(key.removeprefix("staff:"))) for key in sorted(keys)]
    return {f"staff:{one.id}": one.role for one in people if one is not None}


def _community(office: Office, case: Case) -> str:
    """The community at most: the grid or house would point at the person."""
    codes = case.area_path.strip("/").split("/")[:COMMUNITY_DEPTH]
    return office.atlas.full_name(codes[-1])
