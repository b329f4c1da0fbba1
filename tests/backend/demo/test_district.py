"""The invented district is a district that could be imported, and one that shows the hard cases."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.areas.gazetteer import AddressRow, Gazetteer
from backend.areas.geometry import AreaRow
from backend.demo import catalogue, land, people
from backend.demo.loading import lists
from backend.imports.features import parse_areas
from backend.imports.files import file_name, write_file
from backend.imports.records import Kind
from backend.imports.run import parse_table
from backend.items.facts import OFFERED

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SPLIT_OR_SHARED = {"槐树巷", "槐树巷老井"}


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    rows = [AddressRow(i, r.address, r.aliases, r.area_code, r.lat, r.lon) for i, r in enumerate(land.addresses())]
    areas = [AreaRow(r.code, r.name, r.level, r.parent_code, r.polygon) for r in land.areas()]
    return Gazetteer.build(rows, areas)


def test_it_has_the_size_it_promises() -> None:
    levels = Counter(area.level for area in land.areas())
    assert levels == {"district": 1, "street": 2, "community": 6, "grid": 24}
    assert 1450 <= len(land.addresses()) <= 1650
    assert len(catalogue.items()) == 40
    assert len(catalogue.articles()) == 60
    assert all(article.variants for article in catalogue.articles())


def test_its_lists_pass_the_import_without_a_note(tmp_path: Path) -> None:
    known: dict[str, str] = {area.code: area.level for area in land.areas()}
    for kind, records in lists():
        path = tmp_path / file_name(kind)
        path.write_text(write_file(kind, records), encoding="utf-8-sig", newline="")
        if kind is Kind.AREAS:
            parsed = parse_areas(path, "utf-8-sig", {}, {})
        else:
            parsed = parse_table(path, "utf-8-sig", kind, known, NOW)
        assert parsed.problems == []
        assert sorted(parsed.records, key=repr) == sorted(records, key=repr)


def test_every_address_finds_its_own_grid(gazetteer: Gazetteer) -> None:
    for record in land.addresses():
        placement = gazetteer.resolve(record.address)
        codes = [candidate.area_code for candidate in placement.candidates]
        assert record.area_code in codes
        assert (placement.sure is None) == (record.address in SPLIT_OR_SHARED), record.address


def test_every_address_lies_inside_its_own_polygon(gazetteer: Gazetteer) -> None:
    class Pin:
        system = "wgs84"

        def __init__(self, lat: float | None, lon: float | None) -> None:
            self.lat, self.lon = lat or 0.0, lon or 0.0

    for record in land.addresses():
        found = gazetteer.resolve("", Pin(record.lat, record.lon)).candidates
        assert found[0].area_code == record.area_code, record.address


def test_the_estate_in_two_grids_and_the_alley_claimed_by_two_are_asked_about(gazetteer: Gazetteer) -> None:
    for said in ("锦绣花园", "槐树巷", "菜场后面那条巷子"):
        placement = gazetteer.resolve(said)
        assert {c.area_code for c in placement.candidates} == {"99010100102", "99010100201"}
        assert placement.sure is None
    sure = [gazetteer.resolve(said).sure for said in ("锦绣花园6号楼", "锦绣花园7栋", "槐树巷5号", "槐树巷6号")]
    assert [c.area_code for c in sure if c] == ["99010100102", "99010100201", "99010100102", "99010100201"]


def test_every_grid_has_an_a_person_a_b_person_and_a_responsible_person() -> None:
    by_grid: dict[str, list[tuple[str, str]]] = {}
    for person in people.staff():
        by_grid.setdefault(person.area_code, []).append((person.role, person.duty))
    for area in land.areas():
        if area.level == "grid":
            assert by_grid[area.code] == [("worker", "A"), ("worker", "B"), ("responsible", "A")]
    names = [person.name for person in people.staff()]
    assert len(set(names)) == len(names)


def test_cancelled_items_say_why_and_some_desks_rotate() -> None:
    items = catalogue.items()
    cancelled = [item for item in items if item.state == "cancelled"]
    assert len(cancelled) == 5
    assert all(item.cancelled_reason for item in cancelled)
    assert sum(bool(item.desk_days) for item in items) >= 4
    assert all(item.materials and item.place for item in items if item.state in OFFERED)
