"""The routes of /api/v1: each reads the query, asks the desk, answers in the wire's own models."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import col, select

from backend.admin.move_fields import fields_of
from backend.admin.scope import applications_of
from backend.api.access import Called
from backend.api.wire import (
    HIGHEST_ID,
    ApplicationOut,
    CaseOut,
    CasePage,
    CaseWithHistory,
    EventOut,
    MeaningIn,
    MoveIn,
    NewCaseIn,
)
from backend.cases.history import events_of, view_of
from backend.domain.lifecycle import available
from backend.domain.words import CaseState, Source
from backend.items.models import Application, ServiceItem

PAGE = 50
router = APIRouter()


@router.get("/cases")
async def list_cases(
    call: Called,
    state: CaseState | None = None,
    category: Annotated[str, Query(max_length=60, pattern=r"^[a-z_.]*$")] = "",
    q: Annotated[str, Query(max_length=60, description="words, the beginning of a number, or a phone")] = "",
    before: Annotated[int | None, Query(ge=1, le=HIGHEST_ID)] = None,
) -> CasePage:
    """The caller's cases, newest first; `before` continues from the last page's `next`."""
    async with call.desk.office.database.read() as session:
        found = await call.desk.cases(
            session, call.who, state=state.value if state else "", category=category, q=q, before=before
        )
    more = found[-1].id if len(found) == PAGE else None
    return CasePage(cases=[CaseOut.of(call.desk.office, case) for case in found], next=more)


@router.post("/cases", status_code=201)
async def file_case(call: Called, new: NewCaseIn) -> CaseOut:
    """Files a problem; classified and placed like one from a resident, dispatched at once."""
    case = await call.desk.file(new, call.who, Source.API, call.now)
    return CaseOut.of(call.desk.office, case)


@router.get("/cases/{number}")
async def show_case(call: Called, number: str) -> CaseWithHistory:
    """One case with its history and the moves the caller may make."""
    async with call.desk.office.database.read() as session:
        case = await call.desk.case(session, call.who, number)
        assert case.id is not None
        history = await events_of(session, case.id)
        moves = available(await view_of(session, case), call.who.actor)
    return CaseWithHistory(
        case=CaseOut.of(call.desk.office, case),
        history=[EventOut.of(row) for row in history],
        moves={move.name: [field.name for field in fields_of(move)] for move in moves if move.offered},
    )


@router.post("/cases/{number}/moves")
async def move_case(call: Called, number: str, asked: MoveIn) -> CaseOut:
    """Makes a legal move; refusals come back with their code."""
    return CaseOut.of(call.desk.office, await call.desk.move(call.who, number, asked, call.now))


@router.get("/applications")
async def list_applications(
    call: Called, before: Annotated[int | None, Query(ge=1, le=HIGHEST_ID)] = None
) -> list[ApplicationOut]:
    """The caller's applications, newest first."""
    statement = select(Application).where(applications_of(call.who)).order_by(col(Application.id).desc()).limit(PAGE)
    if before is not None:
        statement = statement.where(col(Application.id) < before)
    async with call.desk.office.database.read() as session:
        rows = (await session.exec(statement)).all()
    return [ApplicationOut.of(row) for row in rows]


@router.get("/items")
async def list_items(call: Called) -> list[dict[str, Any]]:
    """The admitted service items."""
    wanted = ("code", "name", "level", "unit", "materials", "limit_working_days", "fee", "place", "hours", "desk_days")
    async with call.desk.office.database.read() as session:
        rows = (await session.exec(select(ServiceItem).where(ServiceItem.state == "admitted"))).all()
    return [{name: getattr(row, name) for name in wanted} for row in rows]


@router.get("/areas")
async def list_areas(call: Called) -> list[dict[str, Any]]:
    """Every area with its parent."""
    atlas = call.desk.office.atlas
    levels = ("district", "street", "community", "grid")
    facts = [atlas.area(code) for level in levels for code in atlas.codes(level)]
    return [
        {"code": one.code, "name": one.name, "level": one.level, "parent_code": one.parent_code}
        for one in facts
        if one is not None
    ]


@router.get("/categories")
async def list_categories(call: Called) -> list[dict[str, Any]]:
    """The taxonomy with its default limits."""
    return [
        {
            "code": leaf.code,
            "name": leaf.name,
            "limit": leaf.limit.amount,
            "unit": leaf.limit.unit,
            "highest_level": leaf.highest_level,
        }
        for leaf in call.desk.office.taxonomy.leaves.values()
    ]


@router.post("/meaning")
async def understand(call: Called, asked: MeaningIn) -> dict[str, Any]:
    """What a text means, in the form of `linli nlu parse`."""
    return (await call.desk.meaning(asked.text, call.now)).as_json()
