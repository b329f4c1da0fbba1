"""One day of a city's cases, each carried through the rules, as rows ready to be stored; runs in its own process."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from backend.areas.working_days import public_day
from backend.cases.clocks import clock_values, limits_of
from backend.cases.history import event_values, present_values
from backend.db.database import Database
from backend.demo.case_flows import Scene, script
from backend.demo.cast import Cast, Dice
from backend.domain.cards import next_warning_at
from backend.domain.case_view import CaseView, Event
from backend.domain.deadlines import clocks, current
from backend.domain.history import begin, evolve
from backend.domain.lifecycle import apply, file_case
from backend.domain.words import Level
from backend.domain.working_time import WorkingCalendar
from backend.office import Office
from backend.reports.judging import flag_values
from backend.reports.keeping import Sums, add_counts, keys_of
from backend.reports.models import COUNTS
from bot.settings import Settings
from bot.simulation.town import Town
from bot.simulation.world import scratch_office

SOURCES = ("wechat", "wechat", "wechat", "web", "phone", "telegram", "phone")
FORGOTTEN_EVERY = 60  # one in so many is taken up and then left lying
OPEN_MINUTES = (7 * 60, 22 * 60)  # people report from seven to ten
SPAN = OPEN_MINUTES[1] - OPEN_MINUTES[0]
OPENS, SHUTS = time(8, 30), time(20, 0)


@dataclass(slots=True)
class Rows:
    """What a day adds to each table, and to the sums."""

    cases: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    reporters: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)
    sums: Sums = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Day:
    """A piece of the day that begins at `opens` (local midnight): so many cases, with ids from `first_id` and numbers
    after the first `before`, filed in a window (first minute of the day, how many minutes)."""

    opens: datetime
    cases: int
    first_id: int
    before: int
    window: tuple[int, int]
    end: datetime  # nothing has happened after this moment


def stories() -> dict[str, Any]:
    """The words of the demonstration."""
    text = files("backend.demo").joinpath("stories.yml").read_text(encoding="utf-8")
    words: dict[str, Any] = yaml.safe_load(text)
    return words


class Tape:
    """A process's own copy of the city: built once, then plays days."""

    def __init__(self, town: Town, residents: int, zone_settings: Settings, folder: str) -> None:
        self.words = stories()
        self.cast: Cast = town.cast(residents)
        self.paths = town.grids
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'unused.db'}")
        self.office: Office = scratch_office(database, town.district, zone_settings, Path(folder))
        self.calendar = WorkingCalendar(zone=self.office.zone, public=public_day)

    def play(self, day: Day) -> Rows:
        """Every case of a day."""
        rows = Rows()
        dice = Dice(day.first_id * 7919 + 1)
        first, span = day.window
        minutes = sorted(first + dice.below(span) for _ in range(day.cases))
        for place, minute in enumerate(minutes):
            self._case(rows, dice, day, place, day.opens + timedelta(minutes=minute))
        return rows

    def _case(self, rows: Rows, dice: Dice, day: Day, place: int, moment: datetime) -> None:
        story, path = dice.pick(self.words["problems"]), dice.pick(self.paths)
        citizen = dice.pick(self.cast.residents)
        scene = Scene(self.cast, dice, path, citizen, story["unit"], self.words, dice.pick(story["results"]))
        where = f"第{1 + dice.below(40)}号楼"
        text = dice.pick(story["texts"]).format(place=where)
        facts = {
            "kind": story["kind"],
            "category": story["category"],
            "urgency": story.get("urgency", "normal"),
            "source": dice.pick(SOURCES),
            "area_path": path,
            "level": Level.GRID,
            "reporters": (citizen.player.actor.id,),
        }
        number = f"{day.opens:%Y%m%d}-{day.before + place + 1:05d}"
        view, events, names = self._carry_on(number, scene, facts, moment, day.end)
        self._store(rows, day.first_id + place, number, text, where, citizen.id, view, events, names, day.end)

    def _carry_on(
        self, number: str, scene: Scene, facts: dict[str, Any], moment: datetime, end: datetime
    ) -> tuple[CaseView, list[Event], list[str]]:
        """The rules make every move of the script that falls before the end."""
        events = file_case(number, scene.citizen.player.actor, facts, moment)
        names, view = [""], begin(events[0])
        steps = script(scene, facts["kind"])
        if scene.dice.below(FORGOTTEN_EVERY) == 0:
            steps = steps[:2]
        for step in steps:
            moment = self._at_work(moment + timedelta(minutes=step.minutes), facts["urgency"] != "normal")
            if moment > end:
                break
            for event in apply(view, step.who.actor, step.move, step.facts, moment):
                view = evolve(view, event)
                events.append(event)
                names.append(step.who.name)
        return view, events, names

    def _at_work(self, moment: datetime, is_urgent: bool) -> datetime:
        local = self.office.local(moment)
        if is_urgent or OPENS <= local.time() < SHUTS:
            return moment
        day = local.date() + timedelta(days=local.time() >= SHUTS)
        return datetime.combine(day, OPENS, self.office.zone) + timedelta(minutes=local.minute)

    def _store(
        self,
        rows: Rows,
        case_id: int,
        number: str,
        text: str,
        where: str,
        resident_id: int,
        view: CaseView,
        events: list[Event],
        names: list[str],
        end: datetime,
    ) -> None:
        base = {"district_code": self.office.district_code, "case_id": case_id}
        limits = limits_of(self.office, view)
        every = clocks(events, limits, self.calendar, events[-1].at)
        found = current(every)
        running = [clock.due_at for clock in found.values() if clock.running and not view.ended]
        rows.cases.append({
            "id": case_id, "district_code": self.office.district_code, "number": number,
            "source": view.source.value, "category_sure": True, "title": text[:30], "description": text,
            "place": where, "grid_code": view.area_path[-1], "resident_id": resident_id, "anonymous": False,
            "identity_hidden": True, "flags": {}, "created_at": events[0].at, "version": len(events),
            "is_demo": True, "due_at": min(running, default=None), **present_values(view, events[-1].at),
        })  # fmt: skip
        for seq, (event, name) in enumerate(zip(events, names, strict=True), start=1):
            rows.events.append(base | event_values(event, seq, name))
        rows.reporters.append(base | {"resident_id": resident_id, "joined_at": events[0].at})
        for name, clock in found.items():
            next_at = None if view.ended else next_warning_at(clock, ())
            rows.clocks.append(base | {"name": name.value} | clock_values(clock, next_at))
        if any(clock.paused for clock in every):  # a pause that goes on moves what is due with the time
            every = clocks(events, limits, self.calendar, end)
        flags = flag_values(self.office, self.calendar, case_id, view, events, every, end)
        counts = [flags[name] for name in COUNTS]
        for key in keys_of(flags["day"], flags["area_path"], flags["category"], flags["staff"], flags["level"]):
            add_counts(rows.sums, key, counts)
        rows.flags.append(flags)
