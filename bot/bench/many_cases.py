"""A district of any number of cases, written straight into SQLite; the same number gives the same district.

Not played by the rules (that is `linli simulate --city`): only what lists, filters, search and the dashboard read.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from backend.cases.search import plain, tags_of, tokens
from backend.domain.words import Kind, Level
from backend.people.vault import Vault
from backend.reports.keeping import Sums, add_up, rollup_values
from backend.reports.models import CaseFlags, Rollup
from bot.simulation.town import Town

PORTION = 20_000
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAYS = 730  # two years of cases
OPEN_OF_1000 = 30
PER_REPORTER = 20
RESIDENTS = 500_000
ENDS = (("closed", 94), ("withdrawn", 2), ("rejected", 2), ("merged", 1), ("transferred_out", 1))
LIVES = (("accepted", 50), ("dispatched", 20), ("received", 15), ("done", 10), ("waiting", 5))
ZONE = ZoneInfo("Asia/Shanghai")
Row = dict[str, Any]


def _of(shares: tuple[tuple[str, int], ...], number: int) -> str:
    for name, share in shares:
        number -= share
        if number < 0:
            return name
    return shares[-1][0]


def _mixed(number: int) -> int:
    """A number spread over 64 bits: neighbours have nothing in common (multiplication by an odd constant, folded)."""
    number = (number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    number ^= number >> 29
    return (number * 0xBF58476D1CE4E5B9 >> 16) & 0xFFFFFFFFFFFF


def phone_of(resident: int) -> str:
    """The phone of an invented resident."""
    return f"139{resident:08d}"


class ManyCases:
    """Writes `count` cases into the SQLite file at `path`, whose tables exist."""

    def __init__(self, path: Path, district: str, count: int, vault: Vault) -> None:
        self.path, self.district, self.count, self.vault = path, district, count, vault
        self.town = Town(district, RESIDENTS, ())
        self.paths = ["".join(f"{code}/" for code in path) for path in self.town.grids]
        words = yaml.safe_load(files("backend.demo").joinpath("stories.yml").read_text(encoding="utf-8"))
        self.stories = words["problems"]
        self.sums: Sums = {}

    def write(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Everything, in transactions of 20,000 cases; syncs are left to the end."""
        base = sqlite3.connect(self.path)
        base.execute("PRAGMA synchronous=OFF")
        base.execute("PRAGMA cache_size=-400000")
        with base:
            _insert(base, "area", list(self.town.areas()))
            _insert(base, "resident", [self._resident(one) for one in range(1, self._residents + 1)])
        for first in range(1, self.count + 1, PORTION):
            with base:
                self._portion(base, range(first, min(first + PORTION, self.count + 1)))
            progress(min(first + PORTION - 1, self.count))
        with base:
            rollups = (rollup_values(self.district, key, counts) for key, counts in self.sums.items())
            _insert(base, Rollup.__tablename__, [{**one, "day": one["day"].isoformat()} for one in rollups])
        base.execute("INSERT INTO case_words(case_words) VALUES ('optimize')")
        base.commit()
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        base.close()

    @property
    def _residents(self) -> int:
        return self.count // PER_REPORTER + 1

    def _resident(self, number: int) -> Row:
        return {
            "id": number, "district_code": self.district, "phone_index": self.vault.blind_index(phone_of(number)),
            "language": "zh_CN", "large_text": False, "may_contact": True, "created_at": _stored(NOW),
        }  # fmt: skip

    def _portion(self, base: sqlite3.Connection, numbers: range) -> None:
        cases = [self._case(number) for number in numbers]
        _insert(base, "case", cases)
        _insert(base, "case_event", [self._filed(one) for one in cases])
        _insert(base, "case_reporter", [
            {"district_code": self.district, "case_id": one["id"], "resident_id": one["resident_id"],
             "joined_at": one["created_at"]} for one in cases
        ])  # fmt: skip
        found = [(one["id"], _words(one), tags_of(one["area_path"], live=one["closed_at"] is None)) for one in cases]
        base.executemany(
            "INSERT INTO case_search(district_code, case_id, words, tags) VALUES (?, ?, ?, ?)",
            ((self.district, *one) for one in found),
        )
        base.executemany(
            "INSERT INTO case_words(rowid, words) VALUES (?, ?)",
            ((case_id, tokens(words, tags)) for case_id, words, tags in found),
        )
        for one in cases:
            add_up(self.sums, _flags(one), 1)

    def _case(self, number: int) -> Row:
        chance = _mixed(number)
        story, path = self.stories[chance % len(self.stories)], self.paths[chance // 101 % len(self.paths)]
        building = f"第{1 + chance // 7 % 40}号楼"
        text = story["texts"][chance // 13 % len(story["texts"])].format(place=building)
        filed = NOW - timedelta(days=DAYS) * (1 - number / (self.count + 1))
        recent = number > self.count * 0.9
        is_open = (chance // 17 % 1000) < (OPEN_OF_1000 * 8 if recent else OPEN_OF_1000 // 4)
        state = _of(LIVES if is_open else ENDS, chance // 23 % 100)
        level = (Level.GRID, Level.GRID, Level.GRID, Level.COMMUNITY)[chance // 29 % 4]
        codes = path.strip("/").split("/")
        return {
            "id": number, "district_code": self.district, "number": f"{filed.astimezone(ZONE):%Y%m%d}-{number:07d}",
            "kind": list(Kind)[chance // 31 % len(Kind)].value, "source": "wechat", "state": state,
            "urgency": _of((("normal", 95), ("urgent", 4), ("emergency", 1)), chance // 37 % 100),
            "category_code": story["category"], "category_sure": chance // 41 % 20 > 0, "title": text[:30],
            "description": text, "place": f"{codes[2][-2:]}社区{building}", "lat": 30 + chance % 9000 / 1e5,
            "lon": 120 + chance // 43 % 9000 / 1e5, "grid_code": codes[-1], "area_code": codes[-1],
            "area_path": path, "level": level.value,
            "queue": f"community:{codes[2]}" if state == "received" and chance // 47 % 2 else "",
            "assignee": f"staff:{1 + chance // 53 % 900}" if state in ("accepted", "dispatched", "waiting") else None,
            "resident_id": 1 + chance // 59 % self._residents, "anonymous": False, "identity_hidden": True,
            "redo_count": 0, "transfer_count": 0, "flags": "{}", "created_at": _stored(filed),
            "updated_at": _stored(filed + timedelta(hours=30)),
            "due_at": _stored(NOW + timedelta(hours=chance // 61 % 480 - 120)) if is_open else None,
            "closed_at": None if is_open else _stored(filed + timedelta(hours=30)), "version": 1, "is_demo": True,
        }  # fmt: skip

    def _filed(self, one: Row) -> Row:
        return {
            "district_code": self.district, "case_id": one["id"], "seq": 1, "at": one["created_at"], "move": "file",
            "to_state": "received", "actor_role": "resident", "actor": f"resident:{one['resident_id']}",
            "actor_name": "", "reason": "", "facts": json.dumps({"kind": one["kind"], "level": "grid"}),
            "is_public": True,
        }  # fmt: skip


def _words(one: Row) -> str:
    return plain(f"{one['number']}{one['description']}{one['place']}")


def _flags(one: Row) -> CaseFlags:
    ended = int(one["closed_at"] is not None)
    filed = datetime.fromisoformat(one["created_at"]).replace(tzinfo=UTC).astimezone(ZONE)
    return CaseFlags(
        district_code=one["district_code"], case_id=one["id"], day=filed.date(), area_path=one["area_path"],
        category=one["category_code"], staff=one["assignee"] or "", level=one["level"], cases=1, ended=ended,
    )  # fmt: skip


def _stored(moment: datetime) -> str:
    """As SQLAlchemy stores a time in SQLite: UTC without a zone."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _insert(base: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    for portion in _portions(rows):
        names = ", ".join(f'"{name}"' for name in portion[0])
        marks = ", ".join("?" * len(portion[0]))
        base.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608  # our own names of tables and columns
            (tuple(row.values()) for row in portion),
        )


def _portions(rows: list[Row]) -> Iterator[list[Row]]:
    for first in range(0, len(rows), PORTION):
        yield rows[first : first + PORTION]
