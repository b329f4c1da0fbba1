"""Three months of invented applications: filed, completed, decided, fetched or brought home, through the rules."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.db.counters import next_number
from backend.demo.cast import Cast, Citizen, Dice, Player
from backend.domain.application_life import apply, file_application, replay
from backend.domain.case_view import SYSTEM, Event
from backend.domain.words import Role
from backend.imports.parsing import Progress
from backend.items.due import recompute_due
from backend.items.history import append, project
from backend.items.models import Application, ServiceItem
from backend.office import Office

EVERY_HOURS = 7  # a new application about so often, in office hours
DAYS = 92
APPEAL = "六十日内可向区人民政府申请行政复议，或六个月内向法院起诉"


class Step(NamedTuple):
    """After so many hours, this person takes this step."""

    hours: int
    who: Player
    name: str
    facts: Mapping[str, Any]


async def load_applications(
    session: AsyncSession, office: Office, cast: Cast, now: datetime, progress: Progress
) -> None:
    """Files and carries on about a hundred applications in the caller's transaction."""
    wanted = select(ServiceItem).where(col(ServiceItem.state).in_(("admitted", "adjusted"))).order_by(ServiceItem.code)
    items = list((await session.exec(wanted)).all())
    dice = Dice(515)
    moment = now - timedelta(days=DAYS)
    count = 0
    while (moment := _office_hours(moment + timedelta(hours=EVERY_HOURS), office)) < now:
        item, citizen = dice.pick(items), dice.pick(cast.residents)
        path = cast.paths[dice.pick(cast.addresses).area_code]
        await _play(session, office, cast, item, citizen, path, dice, moment, now)
        count += 1
        progress(count)


def _office_hours(moment: datetime, office: Office) -> datetime:
    """The same day at 10 at the latest, or the next working morning; weekends are skipped."""
    local = office.local(moment)
    if local.hour >= 17:
        local = datetime.combine(local.date() + timedelta(days=1), time(9, 20), office.zone)
    elif local.hour < 9:
        local = datetime.combine(local.date(), time(9, 40), office.zone)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local


def _steps(cast: Cast, item: ServiceItem, citizen: Citizen, path: tuple[str, ...], dice: Dice) -> list[Step]:
    window = cast.one(Role.DISPATCHER, path[2] if item.level == "community" else path[1])
    steps: list[Step] = []
    if item.materials and dice.below(4) == 0:
        missing = [item.materials.split(";")[0].rstrip("*")]
        steps += [
            Step(2, window, "ask_materials", {"missing": missing}),
            Step(20, citizen.player, "bring_materials", {"brought": missing}),
            Step(2, window, "materials_complete", {}),
        ]
    steps.append(Step(3, window, "start_review", {}))
    span = max(2, item.limit_working_days * 24 * 2 // 3)
    if dice.below(14) == 0:
        refused = {
            "reason": "不符合申请条件：家庭收入高于标准" if item.code.startswith("MZ") else "材料与登记信息不一致",
            "appeal": APPEAL,
        }
        return [*steps, Step(span, window, "refuse", refused), Step(24, window, "close", {})]
    steps.append(Step(1 + dice.below(span), window, "approve", {}))
    made = {"deliverable": "home" if item.deliverable else "counter", "place": item.place}
    steps.append(Step(4, window, "make_ready", made))
    if item.deliverable and dice.below(3) == 0:
        return [*steps, *_brought_home(cast, window, citizen, path)]
    if dice.below(6) == 0:
        return steps  # still waiting to be fetched
    return [*steps, Step(20 + dice.below(60), window, "collect", {"check": "id_card"}), Step(1, window, "close", {})]


def _brought_home(cast: Cast, window: Player, citizen: Citizen, path: tuple[str, ...]) -> list[Step]:
    worker = cast.one(Role.WORKER, path[3])
    return [
        Step(3, citizen.player, "request_delivery", {"slot": "明天下午", "address_area": path[3]}),
        Step(1, window, "assign_courier", {"courier": worker.actor.id}),
        Step(20, worker, "set_out", {"eta": "半小时内到"}),
        Step(1, worker, "hand_over_at_door", {"check": "code", "signature": "signed", "photo": "handed"}),
        Step(2, Player(SYSTEM, ""), "close", {}),
    ]


async def _play(
    session: AsyncSession,
    office: Office,
    cast: Cast,
    item: ServiceItem,
    citizen: Citizen,
    path: tuple[str, ...],
    dice: Dice,
    moment: datetime,
    now: datetime,
) -> None:
    number = await next_number(session, office.district_code, office.local(moment).date())
    opening = {
        "item": item.code,
        "applicant": citizen.player.actor.id,
        "area_path": path,
        "unit": item.unit,
        "level": item.level,
        "may_deliver": item.deliverable,
    }
    created = moment
    events = file_application(number, citizen.player.actor, opening, moment)
    names = [citizen.player.name]
    for step in _steps(cast, item, citizen, path, dice):
        moment = _office_hours(moment + timedelta(hours=step.hours), office)
        if moment > now:
            break
        events += apply(replay(events), step.who.actor, step.name, step.facts, moment)
        names.append(step.who.name)
    application = _row(office, item, citizen, path, number, created)
    session.add(application)
    await session.flush()
    await _write(session, office, application, events, names)


async def _write(
    session: AsyncSession, office: Office, application: Application, events: list[Event], names: list[str]
) -> None:
    for row, name in zip(await append(session, application, events, ""), names, strict=True):
        row.actor_name = name
    project(application, replay(events), events)
    await recompute_due(session, office, application, events)


def _row(
    office: Office, item: ServiceItem, citizen: Citizen, path: tuple[str, ...], number: str, created: datetime
) -> Application:
    assert item.id is not None
    return Application(
        district_code=office.district_code,
        number=number,
        item_id=item.id,
        item_name=item.name,
        state="received",
        source="wechat",
        resident_id=citizen.id,
        area_code=path[-1],
        area_path="".join(f"{code}/" for code in path),
        level=item.level,
        unit=item.unit,
        limit_working_days=item.limit_working_days,
        place=item.place,
        created_at=created,
        updated_at=created,
        is_demo=True,
    )
