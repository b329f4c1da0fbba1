"""Open311 GeoReport v2 (JSON): services are our categories, service requests our cases, without identities.

Reading needs no key; filing needs `api_key`, an API token. Fields we do not keep (agency, zipcode) are left out.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy import or_
from sqlmodel import col, select

from backend.api.desk import ApiDesk
from backend.api.tokens import TokenRefused, user_of
from backend.api.wire import NewCaseIn
from backend.cases.models import Case
from backend.domain.words import ENDS, Kind, Source
from backend.people.users import actor_of
from nlu.errors import LinliError

MOST = 200
PUBLIC_CLASSES = ("urban", "environment", "transport")  # matters of public places; never wages, health or disputes
OPEN_KINDS = [Kind.COMPLAINT.value, Kind.REPORT.value, Kind.REPAIR.value]
router = APIRouter()


def _desk(request: Request) -> ApiDesk:
    desk: ApiDesk = request.app.state.desk
    return desk


@router.get("/discovery.json")
async def discovery(request: Request) -> dict[str, Any]:
    """Where the endpoints are."""
    url = f"{_desk(request).office.public_url}/open311/v2"
    endpoint = {"specification": "http://wiki.open311.org/GeoReport_v2", "url": url, "type": "production"}
    return {"changeset": "2026-11-23", "key_service": "", "endpoints": [{**endpoint, "formats": ["application/json"]}]}


@router.get("/services.json")
async def services(request: Request) -> list[dict[str, Any]]:
    """Every category as a service."""
    return [
        {
            "service_code": leaf.code,
            "service_name": leaf.name,
            "description": "、".join(leaf.examples),
            "metadata": False,
            "type": "realtime",
            "keywords": ",".join(leaf.aliases[:6]),
            "group": _desk(request).office.taxonomy.classes[leaf.class_code],
        }
        for leaf in _desk(request).office.taxonomy.leaves.values()
    ]


@router.get("/requests.json")
async def list_requests(
    request: Request,
    service_request_id: Annotated[str, Query(max_length=1200)] = "",
    service_code: Annotated[str, Query(max_length=60, pattern=r"^[a-z_.]*$")] = "",
    status: Annotated[str, Query(pattern=r"^(open|closed|)$")] = "",
    start_date: datetime | None = None,
    end_date: datetime | None = None,
) -> list[dict[str, Any]]:
    """Requests, newest first, at most 200; only problems of public places."""
    public = or_(*(col(Case.category_code).startswith(f"{one}.") for one in PUBLIC_CLASSES))
    statement = select(Case).where(public, col(Case.kind).in_(OPEN_KINDS)).order_by(col(Case.id).desc()).limit(MOST)
    if service_request_id:
        statement = statement.where(col(Case.number).in_(service_request_id.split(",")[:MOST]))
    if service_code:
        statement = statement.where(Case.category_code == service_code)
    if status:
        ended = col(Case.state).in_([state.value for state in ENDS])
        statement = statement.where(ended if status == "closed" else ~ended)
    if start_date is not None:
        statement = statement.where(Case.created_at >= _aware(start_date))
    if end_date is not None:
        statement = statement.where(Case.created_at <= _aware(end_date))
    async with _desk(request).office.database.read() as session:
        rows = (await session.exec(statement)).all()
    return [_as_request(_desk(request), row) for row in rows]


@router.get("/requests/{number}.json")
async def show_request(request: Request, number: str) -> list[dict[str, Any]]:
    """One request, in a list as the standard has it."""
    return await list_requests(request, service_request_id=number)


@router.post("/requests.json", status_code=201)
async def file_request(
    request: Request,
    api_key: Annotated[str, Form(max_length=80)],
    service_code: Annotated[str, Form(max_length=60)] = "",
    description: Annotated[str, Form(min_length=1, max_length=4000)] = "",
    lat: Annotated[float | None, Form(ge=-90, le=90)] = None,
    long: Annotated[float | None, Form(ge=-180, le=180)] = None,
    address_string: Annotated[str, Form(max_length=200)] = "",
    phone: Annotated[str, Form(max_length=20, pattern=r"^\+?[0-9-]*$")] = "",
) -> JSONResponse:
    """Files a request; the answer names its number."""
    desk = _desk(request)
    now = desk.clock()
    try:
        async with desk.office.database.read() as session:
            user = await user_of(session, api_key, now)
        new = NewCaseIn(text=description, address=address_string, category=service_code, lat=lat, lon=long, phone=phone)
        case = await desk.file(new, actor_of(user), user.display_name, Source.OPEN311, now)
    except LinliError as refused:
        status = 403 if isinstance(refused, TokenRefused) else refused.status
        return JSONResponse([{"code": status, "description": str(refused)}], status_code=status)
    answer = {"service_request_id": case.number, "service_notice": "", "account_id": None}
    return JSONResponse([answer], status_code=201)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _as_request(desk: ApiDesk, case: Case) -> dict[str, Any]:
    ended = case.state in {state.value for state in ENDS}
    return {
        "service_request_id": case.number,
        "status": "closed" if ended else "open",
        "status_notes": case.state,
        "service_code": case.category_code,
        "service_name": desk.office.taxonomy.name_of(case.category_code),
        "description": case.title,
        "requested_datetime": case.created_at.isoformat(),
        "updated_datetime": case.updated_at.isoformat(),
        "expected_datetime": case.due_at.isoformat() if case.due_at else None,
        "address": desk.office.atlas.full_name(case.area_code),
        "lat": round(case.lat, 4) if case.lat is not None else None,
        "long": round(case.lon, 4) if case.lon is not None else None,
    }
