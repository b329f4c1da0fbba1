"""`linli import`: one file, read and judged whole, then written in one transaction, or not at all."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Area
from backend.db.database import Database
from backend.imports import plans, tables
from backend.imports.features import parse_areas
from backend.imports.parsing import Parsed, Progress, parse_rows
from backend.imports.plans import Places
from backend.imports.polygons import far_points, shapes_of
from backend.imports.problems import Problem, UnknownKind
from backend.imports.reading import detect_encoding, heading_of, read_table
from backend.imports.records import AddressRecord, AreaRecord, ItemRecord, Kind, KnowledgeRecord, Record, StaffRecord
from backend.imports.writing import Plan, write_plan
from backend.people.vault import Vault
from backend.texts import Texts

Stage = Callable[[str, int], None]  # ("read" | "write", rows done)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found and done. `is_written` is False after a check and when any problem is not a warning."""

    kind: Kind
    rows: int
    problems: tuple[Problem, ...]
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    is_written: bool = False
    encoding: str = "utf-8-sig"

    @property
    def is_good(self) -> bool:
        """Whether nothing but warnings was found."""
        return all(problem.is_warning for problem in self.problems)

    def summary(self, texts: Texts, language: str = "zh_CN") -> str:
        """One sentence for the end of the run."""
        faults = sum(not problem.is_warning for problem in self.problems)
        key = "refused" if faults else "written" if self.is_written else "checked"
        return texts.say(
            f"imports.{key}", language, rows=self.rows, problems=faults, inserted=self.inserted,
            updated=self.updated, unchanged=self.unchanged,
        )  # fmt: skip


def kind_of(path: Path, encoding: str) -> Kind:
    """By name (`staff.csv`), else by the headings. Raises UnknownKind."""
    if path.suffix.lower() in (".geojson", ".json"):
        return Kind.AREAS
    for kind in Kind:
        if path.stem.lower() == kind.value:
            return kind
    heading = set(heading_of(path, encoding))
    fitting = [kind for kind, columns in tables.COLUMNS.items() if heading.issuperset(columns)]
    if len(fitting) != 1:
        raise UnknownKind(file=path.name)
    return fitting[0]


async def import_file(
    database: Database,
    vault: Vault,
    path: Path,
    *,
    district: str,
    now: datetime,
    kind: Kind | None = None,
    is_check: bool = False,
    stage: Stage = lambda _name, _rows: None,
) -> Report:
    """Imports one file. `district`: for items and knowledge when the system holds no or several districts.

    Raises UnreadableFile, UnknownKind and NoDistrictForList; every other fault is a problem in the report.
    """
    encoding = await asyncio.to_thread(detect_encoding, path)
    chosen = kind if kind is not None else await asyncio.to_thread(kind_of, path, encoding)
    async with database.read() as session:
        parsed = await _parsed(session, path, encoding, chosen, now, partial(stage, "read"))
    report = Report(chosen, parsed.rows, tuple(parsed.problems), encoding=encoding)
    if not parsed.is_good:
        return report
    async with database.read() if is_check else database.write() as session:
        plan = await plan_records(session, chosen, parsed.records, vault, district, now)
        if not is_check:
            await write_plan(session, plan, partial(stage, "write"))
    return replace(
        report,
        inserted=len(plan.inserts),
        updated=len(plan.updates),
        unchanged=plan.unchanged,
        is_written=not is_check,
    )


async def _parsed(
    session: AsyncSession, path: Path, encoding: str, kind: Kind, now: datetime, progress: Progress
) -> Parsed:
    places = await Places.read(session)
    drawn = (await session.exec(select(Area.code, Area.polygon).where(col(Area.polygon).is_not(None)))).all()
    if kind is Kind.AREAS:
        return await asyncio.to_thread(parse_areas, path, encoding, places.levels, shapes_of(dict(drawn)))
    parsed = await asyncio.to_thread(parse_table, path, encoding, kind, places.levels, now, progress)
    if kind is Kind.ADDRESSES:
        far = await asyncio.to_thread(far_points, parsed.records, parsed.lines, shapes_of(dict(drawn)))
        parsed.problems = sorted(parsed.problems + far, key=lambda problem: problem.line)
    return parsed


def parse_table(
    path: Path, encoding: str, kind: Kind, known: tables.Known, now: datetime, progress: Progress = lambda _: None
) -> Parsed:
    """One CSV file as records and problems; `known` are the area codes that rows may name."""
    rows = read_table(path, encoding, tables.COLUMNS[kind], tables.OPTIONAL.get(kind, ()))
    if kind is Kind.ADDRESSES:
        return parse_rows(rows, partial(tables.read_address, known=known), tables.note_address, progress)
    if kind is Kind.STAFF:
        return parse_rows(rows, partial(tables.read_staff, known=known), progress=progress)
    if kind is Kind.ITEMS:
        return parse_rows(rows, tables.read_item, progress=progress)
    return parse_rows(rows, tables.read_article, partial(tables.note_article, today=now.date()), progress)


async def plan_records(
    session: AsyncSession,
    kind: Kind,
    records: Sequence[Record],
    vault: Vault,
    district: str,
    now: datetime,
    *,
    is_demo: bool = False,
) -> Plan:
    """What storing the records would change; the demo district goes through here as well."""
    places = await Places.read(session)
    match kind:
        case Kind.AREAS:
            areas = [r for r in records if isinstance(r, AreaRecord)]
            return await plans.plan_areas(session, areas, places, is_demo)
        case Kind.ADDRESSES:
            addresses = [r for r in records if isinstance(r, AddressRecord)]
            return await plans.plan_addresses(session, addresses, places)
        case Kind.STAFF:
            staff = [r for r in records if isinstance(r, StaffRecord)]
            return await plans.plan_staff(session, staff, places, vault, is_demo)
        case Kind.ITEMS:
            items = [r for r in records if isinstance(r, ItemRecord)]
            return await plans.plan_items(session, items, places.only_district(district), is_demo)
        case Kind.KNOWLEDGE:
            articles = [r for r in records if isinstance(r, KnowledgeRecord)]
            return await plans.plan_knowledge(session, articles, places.only_district(district), now, is_demo)
