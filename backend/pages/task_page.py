"""The worker's task page: one task with its legal moves, the list of all tasks, and the photos of a task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.cases.history import events_of
from backend.cases.models import Case, CaseClock, CaseEvent
from backend.cases.moving import move
from backend.domain.lifecycle import available
from backend.domain.refusals import UnknownMove
from backend.domain.words import CaseState
from backend.items.delivering import carried_by
from backend.items.slots import slot_label
from backend.pages.bearers import Worker, task_case, worker_of
from backend.pages.field_moves import BY_NAME, facts_from, is_after, offered
from backend.pages.forms import read_form
from backend.pages.kit import PageKit
from backend.pages.masking import masked
from backend.pages.pictures import is_known, join_photos, picture_answer, pictures_of, stored
from backend.pages.rendering import is_large, language_of

OPEN = (CaseState.DISPATCHED, CaseState.ACCEPTED, CaseState.WAITING)
MOST_TASKS = 100
HEARD = ("supplement", "urge", "instruct", "supervise", "fail_verification", "reopen", "refuse_extension", "reassign")


@dataclass(frozen=True)
class TaskPages:
    """The routes below `/t/{token}` for tasks."""

    kit: PageKit

    def routes(self) -> list[Route]:
        """The own task, other tasks by number, the list, photos and moves."""
        g = self.kit.guarded
        return [
            Route("/t/{token}/tasks", g(self.tasks), methods=["GET"]),
            Route("/t/{token}/tasks/{number}", g(self.task), methods=["GET"]),
            Route("/t/{token}/tasks/{number}/moves", g(self.make_move), methods=["POST"]),
            Route("/t/{token}/moves", g(self.make_move), methods=["POST"]),
            Route("/t/{token}/photos/{photo:int}", g(self.photo), methods=["GET"]),
            Route("/t/{token}/tasks/{number}/photos/{photo:int}", g(self.photo), methods=["GET"]),
        ]

    async def task(self, request: Request) -> Response:
        """One task; a delivery link is shown by its own page."""
        now, token = self.kit.clock(), request.path_params["token"]
        number = request.path_params.get("number", "")
        async with self.kit.office.database.read() as session:
            worker = await worker_of(session, token, now)
            case, view = await task_case(session, worker, number)
            pictures = await pictures_of(session, case.id or 0)
            facts = await self._facts(session, case)
        return self.kit.pages.answer(
            "task.html",
            language_of(request),
            large=is_large(request),
            case=case,
            base=f"/t/{token}/tasks/{number}" if number else f"/t/{token}",
            token=token,
            moves=[row for row in offered(available(view, worker.actor)) if row.name not in facts["made"]],
            wants_photo="photo_after" in view.demands and "photo_after" not in view.evidence,
            before=[one.id for one in pictures if one.kind == "before"],
            after=[one.id for one in pictures if one.kind != "before"],
            map_url=_map_url(case),
            said=request.query_params.get("said", ""),
            **facts,
        )

    async def _facts(self, session: AsyncSession, case: Case) -> dict[str, Any]:
        """What the task page tells besides the case's own row."""
        office, now = self.kit.office, self.kit.clock()
        clocks = await session.exec(
            select(CaseClock).where(CaseClock.case_id == case.id).order_by(col(CaseClock.due_at))
        )
        running = [one for one in clocks.all() if one.stopped_at is None and not one.is_paused]
        history = await events_of(session, case.id or 0)
        events = [one for one in history if one.move in HEARD and _words(one)]
        return {
            "category": office.taxonomy.name_of(case.category_code),
            "area": office.atlas.full_name(case.area_code),
            "is_late": case.due_at is not None and case.due_at < now,
            "reasons": running[0].reasons if running else [],
            "made": ("on_the_way",) if _has_set_out(history) else (),
            "description": masked(case.description, now),
            "heard": [(one.move, one.at, masked(_words(one), now)) for one in events[-10:][::-1]],
        }

    async def tasks(self, request: Request) -> Response:
        """Everything this worker holds, by due time; the phone itself may sort by distance."""
        now, token = self.kit.clock(), request.path_params["token"]
        office = self.kit.office
        async with office.database.read() as session:
            worker = await worker_of(session, token, now)
            cases = await tasks_of(session, worker)
            deliveries = await carried_by(session, [worker.staff.id or 0])
        language = language_of(request)
        return self.kit.pages.answer(
            "tasks.html",
            language,
            large=is_large(request),
            token=token,
            cases=cases,
            deliveries=[(one, slot_label(one.delivery_slot, office.texts, language)) for one in deliveries],
            category=office.taxonomy.name_of,
            now=now,
            said=request.query_params.get("said", ""),
        )

    async def photo(self, request: Request) -> Response:
        """A photo of a task this worker holds."""
        now = self.kit.clock()
        async with self.kit.office.database.read() as session:
            worker = await worker_of(session, request.path_params["token"], now)
            case, _ = await task_case(session, worker, request.path_params.get("number", ""))
            pictures = await pictures_of(session, case.id or 0)
        return picture_answer(self.kit.office, pictures, request.path_params["photo"])

    async def make_move(self, request: Request) -> Response:
        """One move with its photos, in one transaction; a refused one leaves nothing behind."""
        office, now = self.kit.office, self.kit.clock()
        token, number = request.path_params["token"], request.path_params.get("number", "")
        async with office.database.read() as session:
            await worker_of(session, token, now)  # strangers send us no bodies
        form = await read_form(request)
        row = BY_NAME.get(form.text("move", 30))
        if row is None:
            raise UnknownMove
        async with stored(office, form.photos()) as files, office.database.write() as session:
            worker = await worker_of(session, token, now)
            case, _ = await task_case(session, worker, number)
            if row.name != "add_evidence" or not await is_known(session, case.id or 0, files, worker.actor.id):
                kind = "after" if is_after(row, form) else "before"
                photos = await join_photos(session, office, case.id or 0, files, kind, worker.actor.id, now)
                facts = facts_from(row, form, photos)
                await move(session, office, case, worker.actor, row.name, facts, now, worker.staff.name)
        stays = row.name not in ("return_",)
        base = f"/t/{token}/tasks/{number}" if number else f"/t/{token}"
        return self.kit.done(request, base if stays else f"/t/{token}/tasks", row.name)


async def tasks_of(session: AsyncSession, worker: Worker) -> list[Case]:
    """What this worker holds now, also through their unit while nobody in it is named; the most pressing first."""
    mine = [col(Case.assignee) == worker.actor.id]
    if worker.staff.unit:
        mine.append((col(Case.unit) == worker.staff.unit) & col(Case.assignee).is_(None))
    found = await session.exec(
        select(Case)
        .where(or_(*mine), col(Case.state).in_([state.value for state in OPEN]))
        .order_by(col(Case.due_at).is_(None), col(Case.due_at), col(Case.id))
        .limit(MOST_TASKS)
    )
    return list(found.all())


def _has_set_out(history: Sequence[CaseEvent]) -> bool:
    """Whether the worker has set out since the task last came to them."""
    last = next((one.move for one in reversed(history) if one.move == "on_the_way" or one.to_state is not None), "")
    return last == "on_the_way"


def _words(event: CaseEvent) -> str:
    return str(event.facts.get("text") or event.facts.get("reason") or "")


def _map_url(case: Case) -> str:
    """A map app at the place; only the point travels, and only when tapped."""
    if case.lat is None or case.lon is None:
        return ""
    asked = {"position": f"{case.lon:.6f},{case.lat:.6f}", "coordinate": "wgs84", "callnative": "1"}
    return "https://uri.amap.com/marker?" + urlencode(asked)
