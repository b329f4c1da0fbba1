"""Open311 GeoReport v2 (JSON): services are our categories, service requests our cases, without identities.

Reading needs no key, so strangers read it: only repairs in public space, their place to about a hundred metres, and
none of the words people wrote. Filing needs `api_key`, an API token. Fields we do not keep (agency, zipcode) are left
out.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, ValidationError
from sqlalchemy import ColumnElement, Text, cast, exists, or_
from sqlmodel import col, select

from backend.admin.finding import NotHere
from backend.api.desk import ApiDesk
from backend.api.tokens import TokenRefused
from backend.api.wire import NewCaseIn
from backend.cases.models import Case, CaseEvent
from backend.domain.words import ENDS, Kind, Source

MOST = 200
PLACES = 3  # decimals of a degree: about a hundred metres, a street and no door
PUBLIC_CLASSES = ("urban", "environment", "transport", "rural")


def _in_reason(moment: datetime) -> datetime:
    """Aware (UTC when the caller left it out), and in a year that calendars can convert."""
    if not 1970 <= moment.year <= 2200:
        raise ValueError("out of range")
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_reason)]
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
    start_date: Moment | None = None,
    end_date: Moment | None = None,
) -> list[dict[str, Any]]:
    """Requests, newest first, at most 200."""
    statement = select(Case).where(*_public()).order_by(col(Case.id).desc()).limit(MOST)
    if service_request_id:
        statement = statement.where(col(Case.number).in_(service_request_id.split(",")[:MOST]))
    if service_code:
        statement = statement.where(Case.category_code == service_code)
    if status:
        ended = col(Case.state).in_([state.value for state in ENDS])
        statement = statement.where(ended if status == "closed" else ~ended)
    if start_date is not None:
        statement = statement.where(Case.created_at >= start_date)
    if end_date is not None:
        statement = statement.where(Case.created_at <= end_date)
    async with _desk(request).office.database.read() as session:
        rows = (await session.exec(statement)).all()
    return [_as_request(_desk(request), row) for row in rows]


@router.get("/requests/{number}.json")
async def show_request(request: Request, number: str) -> list[dict[str, Any]]:
    """One request, in a list as the standard has it. Raises `NotHere`."""
    async with _desk(request).office.database.read() as session:
        row = (await session.exec(select(Case).where(Case.number == number, *_public()))).first()
    if row is None:
        raise NotHere
    return [_as_request(_desk(request), row)]


@router.post("/requests.json", status_code=201)
async def file_request(
    request: Request,
    api_key: Annotated[str, Form(max_length=80)],
    description: Annotated[str, Form(min_length=1, max_length=4000)],
    service_code: Annotated[str, Form(max_length=60)] = "",
    lat: Annotated[float | None, Form(ge=-90, le=90, allow_inf_nan=False)] = None,
    long: Annotated[float | None, Form(ge=-180, le=180, allow_inf_nan=False)] = None,
    address_string: Annotated[str, Form(max_length=200)] = "",
    phone: Annotated[str, Form(max_length=20)] = "",
) -> JSONResponse:
    """Files a request; the answer names its number."""
    desk = _desk(request)
    now = desk.clock()
    try:
        who = await desk.who(api_key, now)
        new = NewCaseIn(
            text=description, address=address_string, category=service_code, lat=lat, lon=long, phone=phone,
            kind=Kind.REPAIR,
        )  # fmt: skip
        case = await desk.file(new, who, Source.OPEN311, now)
    except TokenRefused as refused:
        return JSONResponse([{"code": 403, "description": str(refused)}], status_code=403)
    except ValidationError as wrong:
        said = "; ".join(".".join(map(str, one["loc"])) for one in wrong.errors())
        return JSONResponse([{"code": 400, "description": said}], status_code=400)
    answer = {"service_request_id": case.number, "service_notice": "", "account_id": None}
    return JSONResponse([answer], status_code=201)


def _public() -> tuple[ColumnElement[bool], ...]:
    """What strangers may know of: broken things in public space, never a complaint, an accusation or a wish of one's
    own."""
    accuses = exists().where(
        col(CaseEvent.case_id) == col(Case.id),
        col(CaseEvent.move).in_(("file", "correct")),
        cast(col(CaseEvent.facts), Text).contains('"subjects"'),
    )
    in_public = or_(*(col(Case.category_code).startswith(f"{one}.", autoescape=True) for one in PUBLIC_CLASSES))
    return (
        col(Case.kind) == Kind.REPAIR.value,
        in_public,
        col(Case.against).is_(None),
        col(Case.anonymous).is_(False),
        ~accuses,
    )


def _as_request(desk: ApiDesk, case: Case) -> dict[str, Any]:
    """The case as strangers see it: what and roughly where, in our words; what people wrote stays inside."""
    ended = case.state in {state.value for state in ENDS}
    name = desk.office.taxonomy.name_of(case.category_code)
    return {
        "service_request_id": case.number,
        "status": "closed" if ended else "open",
        "status_notes": case.state,
        "service_code": case.category_code,
        "service_name": name,
        "description": name,
        "requested_datetime": case.created_at.isoformat(),
        "updated_datetime": case.updated_at.isoformat(),
        "expected_datetime": case.due_at.isoformat() if case.due_at else None,
        "address": desk.office.atlas.full_name(case.area_code),
        "lat": round(case.lat, PLACES) if case.lat is not None else None,
        "long": round(case.lon, PLACES) if case.lon is not None else None,
    }
