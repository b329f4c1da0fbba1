"""Three months of invented problems up to the moment of loading, each carried through the rules, telling nobody.

What would happen after that moment has not happened: the latest cases are still open, wherever they have got to.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import Any

import yaml
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Address
from backend.cases.clocks import recompute_clocks
from backend.cases.history import append, project
from backend.cases.models import Case, CaseReporter
from backend.db.counters import next_number
from backend.demo.case_flows import CLOCKWORK, Scene, Step, script
from backend.demo.cast import Cast, Citizen, Dice, Player
from backend.domain.case_view import CaseView, Event
from backend.domain.history import begin, evolve
from backend.domain.lifecycle import apply, file_case
from backend.domain.words import ENDS, Level
from backend.imports.parsing import Progress
from backend.office import Office

DAYS = 92
A_DAY = (4, 5, 6, 5, 5, 3, 3)  # problems on Monday … Sunday
SOURCES = ("wechat", "wechat", "wechat", "web", "phone", "telegram", "phone")
OPENS, SHUTS = time(8, 30), time(20, 0)  # people act in these hours, but for urgent problems
REJECT_EVERY = 45
# So that the desk is not empty when a visitor looks: the newest problems have got anywhere, and of the somewhat older
# ones some were taken up and then forgotten, so that clocks have run out.
FRESH, STUCK_WITHIN = timedelta(days=3), timedelta(days=12)
JUST_NOW = timedelta(minutes=15)  # nothing is so new that nobody has it yet


def filing_times(now: datetime, office: Office, dice: Dice) -> Iterator[datetime]:
    """Moments between 07:00 and 22:00 of each day, oldest first, none after `now`."""
    today = office.local(now).date()
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        minutes = sorted(7 * 60 + dice.below(15 * 60) for _ in range(A_DAY[day.weekday()]))
        for minute in minutes:
            moment = datetime.combine(day, time(minute // 60, minute % 60), office.zone)
            if moment < now - JUST_NOW:
                yield moment


async def load_cases(session: AsyncSession, office: Office, cast: Cast, now: datetime, progress: Progress) -> None:
    """Files and carries on some four hundred problems in the caller's transaction."""
    words = yaml.safe_load(files(__package__).joinpath("stories.yml").read_text(encoding="utf-8"))
    dice = Dice(20261)
    for count, moment in enumerate(filing_times(now, office, Dice(1)), start=1):
        address, citizen = dice.pick(cast.addresses), dice.pick(cast.residents)
        path = cast.paths[address.area_code]
        if count % REJECT_EVERY == 0:
            await _rejected(session, office, cast, words, dice, path, citizen, moment)
            continue
        story = dice.pick(words["problems"])
        scene = Scene(cast, dice, path, citizen, story["unit"], words, dice.pick(story["results"]))
        text = dice.pick(story["texts"]).format(place=address.address)
        opening = _opening(story, text, path, citizen, dice)
        steps = _still_open(scene, script(scene, story["kind"]), now - moment)
        await _play(session, office, scene, opening, address, steps, moment, now)
        progress(count)


def _still_open(scene: Scene, steps: list[Step], age: timedelta) -> list[Step]:
    """The part of the script that has been played; a case nobody was given waits in its community's queue."""
    if age < FRESH:
        steps = steps[: scene.dice.below(len(steps))]
    elif age < STUCK_WITHIN and scene.dice.below(5) == 0:
        steps = steps[:2]
    if steps:
        return steps
    waiting = {"queue": f"community:{scene.path[2]}", "reason": "网格当班人员均不在岗"}
    return [Step(2, CLOCKWORK, "queue", waiting)]


def _opening(story: dict[str, Any], text: str, path: tuple[str, ...], citizen: Citizen, dice: Dice) -> dict[str, Any]:
    return {
        "kind": story["kind"],
        "category": story["category"],
        "urgency": story.get("urgency", "normal"),
        "source": dice.pick(SOURCES),
        "area_path": path,
        "level": Level.GRID,
        "reporters": (citizen.player.actor.id,),
        "text": text,
    }


async def _play(
    session: AsyncSession,
    office: Office,
    scene: Scene,
    opening: dict[str, Any],
    address: Address | None,
    steps: list[Step],
    moment: datetime,
    now: datetime,
) -> None:
    """Lets the rules make every move that has happened by `now`, then writes the case as it stands."""
    number = await next_number(session, office.district_code, office.local(moment).date())
    events = file_case(number, scene.citizen.player.actor, opening, moment)
    players: list[Player] = [scene.citizen.player]
    view = begin(events[0])
    for step in steps:
        moment = _when(moment + timedelta(minutes=step.minutes), opening["urgency"] != "normal", office)
        if moment > now:
            break
        for event in apply(view, step.who.actor, step.move, step.facts, moment):
            view = evolve(view, event)
            events.append(event)
            players.append(step.who)
    await _write(session, office, scene, opening["text"], address, view, events, players)


def _when(moment: datetime, is_urgent: bool, office: Office) -> datetime:
    """Moved to the next morning when nobody is at work."""
    local = office.local(moment)
    if is_urgent or OPENS <= local.time() < SHUTS:
        return moment
    day = local.date() + timedelta(days=local.time() >= SHUTS)
    return datetime.combine(day, OPENS, office.zone) + timedelta(minutes=local.minute)


async def _write(
    session: AsyncSession,
    office: Office,
    scene: Scene,
    text: str,
    address: Address | None,
    view: CaseView,
    events: list[Event],
    players: list[Player],
) -> None:
    case = _row(office, scene, text, address, view, events[0].at)
    session.add(case)
    await session.flush()
    for row, player in zip(await append(session, case, events, ""), players, strict=True):
        row.actor_name = player.name
    await project(session, case, view, events)
    if case.closed_at is not None:
        case.closed_at = next(event.at for event in reversed(events) if event.to_state in ENDS)
    assert case.id is not None
    session.add(
        CaseReporter(
            district_code=office.district_code,
            case_id=case.id,
            resident_id=scene.citizen.id,
            joined_at=events[0].at,
        )
    )
    await recompute_clocks(session, office, case, view)


def _row(
    office: Office, scene: Scene, text: str, address: Address | None, view: CaseView, created_at: datetime
) -> Case:
    return Case(
        district_code=office.district_code,
        number=view.id,
        kind=view.kind.value,
        source=view.source.value,
        state=view.state.value,
        title=text[:30],
        description=text,
        description_sealed=office.vault.seal(scene.citizen.wrapped_key, text),
        place=address.address if address else "",
        lat=address.lat if address else None,
        lon=address.lon if address else None,
        grid_code=scene.path[-1],
        area_code=scene.path[-1],
        area_path="".join(f"{code}/" for code in scene.path),
        level=view.level.value,
        resident_id=scene.citizen.id,
        created_at=created_at,
        updated_at=created_at,
        is_demo=True,
    )


async def _rejected(
    session: AsyncSession,
    office: Office,
    cast: Cast,
    words: dict[str, Any],
    dice: Dice,
    path: tuple[str, ...],
    citizen: Citizen,
    moment: datetime,
) -> None:
    """A matter that is before a court: declined, with where to go instead."""
    told = dice.pick(words["reject"])
    scene = Scene(cast, dice, path, citizen, "", words, "")
    facts = {"reason": "已进入诉讼、仲裁程序", "where_to_go": told["where"]}
    opening = _opening({"kind": "help", "category": "justice.court"}, told["text"], path, citizen, dice)
    steps = [Step(45, scene.operator, "reject", facts)]
    await _play(session, office, scene, opening, None, steps, moment, moment + timedelta(days=1))
