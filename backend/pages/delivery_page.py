"""The courier's page: where and when to bring it, and the check at the door with signature and photo.

The link names nobody. The address is shown on request while the visit is under way, and the request is logged.
"""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.cases.models import Attachment
from backend.cases.photos import StoredFile, attach
from backend.domain.application_life import available
from backend.domain.refusals import PhotoRequired, UnknownMove
from backend.items import delivering
from backend.items.applying import move_application
from backend.items.door import DOOR_CHECKS, delivery_address
from backend.items.history import view_of
from backend.items.models import Application
from backend.items.showing import application_facts
from backend.pages.bearers import Worker, carried, worker_of
from backend.pages.forms import Posted, read_form
from backend.pages.kit import PageKit, wants_json
from backend.pages.pictures import stored
from backend.pages.refusals import PageUnknown
from backend.pages.rendering import is_large, language_of, page_headers

STEPS = ("set_out", "hand_over_at_door", "visit_failed")


@dataclass(frozen=True)
class DeliveryPages:
    """What a delivery link shows and does."""

    kit: PageKit

    def routes(self) -> list[Route]:
        """The steps and the address; the page itself is shown by `show`."""
        return [
            Route("/t/{token}/address", self.kit.guarded(self.address), methods=["POST"]),
            Route("/t/{token}/delivery", self.kit.guarded(self.take_step), methods=["POST"]),
        ]

    async def show(self, request: Request, *, address: str = "", problem: str = "", status: int = 200) -> Response:
        """The delivery behind the link."""
        now, token = self.kit.clock(), request.path_params["token"]
        async with self.kit.office.database.read() as session:
            worker = await worker_of(session, token, now)
            application = await carried(session, worker)
            facts = await application_facts(session, self.kit.office, application, language_of(request))
            possible = {step.name for step in available(await view_of(session, application), worker.actor)}
        return self.kit.pages.answer(
            "delivery.html",
            language_of(request),
            status=status,
            large=is_large(request),
            token=token,
            facts=facts,
            steps=[name for name in STEPS if name in possible],
            checks=DOOR_CHECKS if facts.proxy else DOOR_CHECKS[:2],
            address=address,
            problem=problem,
            said=request.query_params.get("said", ""),
        )

    async def address(self, request: Request) -> Response:
        """Where to bring it: shown once, written into the audit log."""
        office, now = self.kit.office, self.kit.clock()
        async with office.database.write() as session:
            worker = await worker_of(session, request.path_params["token"], now)
            application = await carried(session, worker)
            if application.state != "delivering":
                raise PageUnknown
            address = await delivery_address(session, office, application)
            await office.auditor.record(
                session,
                at=now,
                actor=worker.actor.id,
                action="reveal_delivery_address",
                subject=f"application:{application.number}",
            )
        if wants_json(request):
            return JSONResponse({"address": address.reveal()}, headers=page_headers())
        return await self.show(request, address=address.reveal())

    async def take_step(self, request: Request) -> Response:
        """Sets out, hands over after the check, or notes that nobody was there."""
        office, now, token = self.kit.office, self.kit.clock(), request.path_params["token"]
        async with office.database.read() as session:
            await worker_of(session, token, now)
        form = await read_form(request)
        name = form.text("move", 30)
        if name == "hand_over_at_door":
            return await self._hand_over(request, form)
        async with office.database.write() as session:
            worker = await worker_of(session, token, now)
            application = await carried(session, worker)
            actor, called = worker.actor, worker.staff.name
            if name == "set_out":
                await move_application(session, office, application, actor, "set_out", {}, now, called)
            elif name == "visit_failed":
                reason = form.text("reason")
                await delivering.visit_failed(session, office, application, actor, reason, now, called)
            else:
                raise UnknownMove
        to = f"/t/{token}" if name == "set_out" else f"/t/{token}/over"
        return self.kit.done(request, to, name)

    async def _hand_over(self, request: Request, form: Posted) -> Response:
        office, token = self.kit.office, request.path_params["token"]
        drawn = form.photos("signature") or form.photos("signature_photo")
        if not form.photos() or not drawn:
            raise PhotoRequired
        async with stored(office, (drawn[0], form.photos()[0])) as files, office.database.write() as session:
            worker = await worker_of(session, token, self.kit.clock())
            application = await carried(session, worker)
            done, left = await self._check(session, worker, application, form, files)
        if done:
            return self.kit.done(request, f"/t/{token}/over", "handed_over")
        language = language_of(request)
        sentence = office.texts.say("pages.delivery.wrong", language, left=left)
        if wants_json(request):
            body = {"code": "wrong_answer", "sentence": sentence, "tries_left": left}
            return JSONResponse(body, status_code=409, headers=page_headers())
        return await self.show(request, problem=sentence, status=409)

    async def _check(
        self,
        session: AsyncSession,
        worker: Worker,
        application: Application,
        form: Posted,
        files: tuple[StoredFile, ...],
    ) -> tuple[bool, int]:
        """Hands over if the answer is right. A wrong one is counted; its signature and photo are not kept."""
        office, now = self.kit.office, self.kit.clock()
        signature, photo = [
            await attach(session, office.district_code, file, now, kind=kind, by=worker.actor.id)
            for file, kind in zip(files, ("signature", "other"), strict=True)
        ]
        done, left = await delivering.hand_over(
            session,
            office,
            application,
            worker.actor,
            check=form.text("check", 12),
            value=form.text("value", 60),
            signature=signature,
            photo=photo,
            now=now,
            actor_name=worker.staff.name,
        )
        if not done:
            for row_id, file in zip((signature, photo), files, strict=True):
                row = await session.get(Attachment, row_id)
                await session.delete(row)
                (office.media_folder / file.path).unlink(missing_ok=True)
        return done, left
