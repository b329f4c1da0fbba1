"""One case on one page: what was said, what happened, which clocks run and why, and the moves that are legal now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.admin.case_moves import Posted, Stale, make_move, preview
from backend.admin.choices import Choices, choices_for
from backend.admin.finding import NotHere, case_by_number
from backend.admin.identity import Shown, shown_identity
from backend.admin.move_facts import stored_photos, typed
from backend.admin.move_fields import FIRST, Field, fields_of, in_order
from backend.admin.panel import BASE, panel_of
from backend.admin.rendering import render, sentence_for
from backend.admin.spoken import Line, conversation_lines
from backend.admin.who import Who, who_of
from backend.areas.models import Staff
from backend.cases.history import events_of, view_of
from backend.cases.models import Attachment, Case, CaseClock, CaseEvent
from backend.cases.similar import similar_open
from backend.desk_facts import SimilarFacts
from backend.domain.case_view import CaseView
from backend.domain.lifecycle import available
from backend.domain.moves import CaseMove
from backend.domain.visibility import Sight, in_conflict, sight_of
from backend.notices.models import Notice
from backend.office import Office
from backend.people.residents import resident_key
from nlu.errors import LinliError

TELLS_RESIDENT = frozenset(
    {"reply", "done", "answer", "dispatch", "reassign", "transfer", "transfer_out", "reject", "wait_for_resident"}
    | {"hand_over", "fail_verification", "approve_extension", "approve_pending", "void", "merge", "decline_reopen"}
)


@dataclass(frozen=True, slots=True)
class Tried:
    """A move that was refused: its name, what was typed, and why. `changes`: what others did meanwhile."""

    name: str = ""
    values: dict[str, str] = field(default_factory=dict)
    sentence: str = ""
    changes: Sequence[CaseEvent] = ()


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything the template shows of a case."""

    case: Case
    view: CaseView
    moves: list[tuple[CaseMove, tuple[Field, ...]]]
    events: list[CaseEvent]
    clocks: list[CaseClock]
    photos: list[Attachment]
    lines: list[Line]
    identity: list[Shown]
    notices: list[Notice]
    similar: list[SimilarFacts]
    choices: Choices
    names: dict[str, str]


async def gather(session: AsyncSession, office: Office, who: Who, number: str, now: datetime) -> CasePage:
    """The page of one case for one reader. Raises `NotHere`."""
    case = await case_by_number(session, who, number)
    view = await view_of(session, case)
    if in_conflict(view, who.actor):
        raise NotHere
    assert case.id is not None
    events = await events_of(session, case.id)
    moves = [(move, fields_of(move)) for move in in_order(available(view, who.actor))]
    similar = [] if view.ended else await _similar(session, office, case, now)
    return CasePage(
        case=case,
        view=view,
        moves=moves,
        events=list(reversed(events)),
        clocks=list((await session.exec(select(CaseClock).where(CaseClock.case_id == case.id))).all()),
        photos=await _photos(session, case.id),
        lines=await conversation_lines(session, office, case) if _sees_talk(who, case, view) else [],
        identity=await shown_identity(session, office, who, case, view),
        notices=await _notices(session, case.id),
        similar=similar,
        choices=await choices_for(session, office, who, case, now) if moves else Choices((), (), (), ()),
        names=await _names(session, case, events),
    )


async def _similar(session: AsyncSession, office: Office, case: Case, now: datetime) -> list[SimilarFacts]:
    found = await similar_open(
        session, office, case.grid_code or case.area_code, case.category_code, case.place, case.description, now
    )
    return [one for one in found if one.number != case.number]


def _sees_talk(who: Who, case: Case, view: CaseView) -> bool:
    """Whoever may not see who reported it may not read along either: people say their names."""
    if case.resident_id is None:
        return False
    return sight_of(view, who.actor, resident_key(case.resident_id), case.anonymous) is not Sight.HIDDEN


async def _photos(session: AsyncSession, case_id: int) -> list[Attachment]:
    found = await session.exec(select(Attachment).where(Attachment.case_id == case_id).order_by(col(Attachment.id)))
    return list(found.all())


async def _notices(session: AsyncSession, case_id: int) -> list[Notice]:
    found = await session.exec(
        select(Notice).where(Notice.case_id == case_id).order_by(col(Notice.id).desc()).limit(30)
    )
    return list(found.all())


async def _names(session: AsyncSession, case: Case, events: Sequence[CaseEvent]) -> dict[str, str]:
    """Names of the staff that the history points at."""
    keys = {case.assignee, case.doer, *(str(event.facts.get(name, "")) for event in events for name in _POINTERS)}
    ids = {int(key[6:]) for key in keys if key and key.startswith("staff:") and key[6:].isdecimal()}
    if not ids:
        return {}
    people = await session.exec(select(Staff).where(col(Staff.id).in_(ids)))
    return {f"staff:{person.id}": person.name for person in people.all()}


_POINTERS = ("assignee", "person")


async def show_case(request: Request) -> Response:
    """The case page."""
    return await _page(request, Tried())


async def _page(request: Request, tried: Tried, status: int = 200) -> Response:
    panel, who = panel_of(request), who_of(request)
    now = panel.clock()
    async with panel.office.database.read() as session:
        page = await gather(session, panel.office, who, request.path_params["number"], now)
    facts: dict[str, Any] = {
        "page": page,
        "case": page.case,
        "tried": tried,
        "now": now,
        "tells": TELLS_RESIDENT,
    } | _grouped(page)
    return render(request, "case.html", status=status, **facts)


def _grouped(page: CasePage) -> dict[str, Any]:
    """The names of the moves that stand at the top, and of those folded away below."""
    names = [move.name for move, _ in page.moves]
    first = [name for name in names if name in FIRST] or names[:6]
    return {"first": first, "others": [name for name in names if name not in first]}


async def post_move(request: Request) -> Response:
    """Makes a move and shows the case again; a refusal keeps what was typed."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    name = request.path_params["move"]
    values: dict[str, str] = {}
    try:
        values = typed(form)
        photos = await stored_photos(panel.office, form)
        version = int(values["version"]) if values.get("version", "").isdecimal() else -1
        posted = Posted(request.path_params["number"], name, values, photos, version)
        async with panel.office.database.write() as session:
            case = await make_move(session, panel.office, who, posted, panel.clock())
    except NotHere:
        raise
    except LinliError as refused:
        changes = refused.changes if isinstance(refused, Stale) else ()
        tried = Tried(name, values, sentence_for(request, refused), changes)
        return await _page(request, tried, refused.status)
    return RedirectResponse(f"{BASE}/cases/{case.number}", status_code=303)


async def show_preview(request: Request) -> Response:
    """What residents would read if this move were made now, word for word."""
    panel, who = panel_of(request), who_of(request)
    form = await request.form()
    posted = Posted(request.path_params["number"], request.path_params["move"], typed(form), [], None)
    letters, refused = await preview(panel.office, who, posted, panel.clock())
    sentence = sentence_for(request, refused) if refused is not None else ""
    return render(request, "preview.html", letters=letters, sentence=sentence)


async def show_print(request: Request) -> Response:
    """The case on paper: no menu, no forms, identities masked, with who printed it and when."""
    panel, who = panel_of(request), who_of(request)
    now = panel.clock()
    async with panel.office.database.read() as session:
        page = await gather(session, panel.office, who, request.path_params["number"], now)
    return render(request, "case_print.html", page=page, case=page.case, now=now)
