"""areas.geojson: the ladder and the borders."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.imports.features import parse_areas
from backend.imports.parsing import Parsed
from backend.imports.problems import Fault
from backend.imports.records import AreaRecord


def ring(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def feature(code: str, level: str, parent: str | None, geometry: object = None, **more: object) -> dict[str, Any]:
    properties = {"code": code, "name": f"名{code}", "level": level, "parent_code": parent, **more}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


GOOD = [
    feature("1", "district", None, ring(120, 30, 121, 31)),
    feature("11", "street", "1"),
    feature("111", "community", "11"),
    feature("1111", "grid", "111", ring(120.0, 30.0, 120.1, 30.1)),
    feature("1112", "grid", "111", ring(120.1, 30.0, 120.2, 30.1)),
]


def parse(folder: Path, features: list[dict[str, Any]], known: dict[str, str] | None = None) -> Parsed:
    """One feature a line: the first stands in line 2."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    path = folder / "areas.geojson"
    path.write_text('{"type":"FeatureCollection","name":"x","features":[\n' + lines + "\n]}", encoding="utf-8")
    return parse_areas(path, "utf-8-sig", known or {}, {})


def faults(parsed: Parsed) -> list[tuple[int, Fault]]:
    return [(problem.line, problem.fault) for problem in parsed.problems]


def test_a_good_ladder_is_read_parents_first(tmp_path: Path) -> None:
    parsed = parse(tmp_path, list(reversed(GOOD)))
    assert parsed.problems == []
    assert [record.code for record in parsed.records if isinstance(record, AreaRecord)][:3] == ["1", "11", "111"]


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (feature("", "grid", "111"), Fault.EMPTY),
        (feature("1113", "village", "111"), Fault.NOT_ALLOWED),
        (feature("1111", "grid", "111"), Fault.DUPLICATE),
        (feature("1113", "grid", "999"), Fault.PARENT_UNKNOWN),
        (feature("1113", "grid", "11"), Fault.PARENT_LEVEL),
        (feature("1113", "grid", None), Fault.EMPTY),
        (feature("2", "district", "1"), Fault.PARENT_LEVEL),
        (feature("1113", "grid", "111", {"type": "Point", "coordinates": [120, 30]}), Fault.POLYGON_UNREADABLE),
        (feature("1113", "grid", "111", {"type": "Polygon", "coordinates": "x"}), Fault.POLYGON_UNREADABLE),
        (feature("1113", "grid", "111", ring(30.5, 120.5, 30.6, 120.6)), Fault.SWAPPED),
        (feature("1113", "grid", "111", ring(500, 30, 501, 31)), Fault.OUT_OF_RANGE),
        (feature("1113", "grid", "111", ring(120.0, 30.0, 120.1, 30.08)), Fault.POLYGON_OVERLAP),
        (feature("1113", "grid", "111", ring(120.0, 30.095, 120.1, 30.2)), Fault.POLYGON_TOUCHES),
    ],
)
def test_a_bad_feature_is_named_with_its_line(tmp_path: Path, bad: dict[str, Any], fault: Fault) -> None:
    assert faults(parse(tmp_path, [*GOOD, bad])) == [(7, fault)]


def test_a_ring_that_crosses_itself_is_named_with_the_place(tmp_path: Path) -> None:
    bow = {
        "type": "Polygon",
        "coordinates": [[[120.3, 30.3], [120.4, 30.4], [120.4, 30.3], [120.3, 30.4], [120.3, 30.3]]],
    }
    parsed = parse(tmp_path, [*GOOD, feature("1113", "grid", "111", bow)])
    assert faults(parsed) == [(7, Fault.POLYGON_INVALID)]
    assert "120.35 30.35" in parsed.problems[0].facts["detail"]


def test_a_child_outside_its_parent_is_refused_and_one_that_leans_out_is_noted(tmp_path: Path) -> None:
    outside = feature("12", "street", "1", ring(122, 30, 123, 31))
    leaning = feature("13", "street", "1", ring(120.8, 30.5, 121.2, 30.6))
    assert faults(parse(tmp_path, [*GOOD, outside, leaning])) == [
        (7, Fault.POLYGON_OUTSIDE),
        (8, Fault.POLYGON_LEANS_OUT),
    ]


def test_parents_may_already_be_in_the_system(tmp_path: Path) -> None:
    assert parse(tmp_path, [feature("1113", "grid", "111")], {"111": "community"}).problems == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"type":"FeatureCollection",\n"features":[}', Fault.NOT_JSON),
        ("[]", Fault.NOT_FEATURES),
        ('{"features":{}}', Fault.NOT_FEATURES),
        ('{"a":{"features":[1]},"features":[]}', Fault.NOT_FEATURES),
        ('{"a":{"features":[1]},"features":[7]}', Fault.EMPTY),
    ],
)
def test_a_file_that_is_not_geojson_says_so(tmp_path: Path, text: str, fault: Fault) -> None:
    path = tmp_path / "areas.geojson"
    path.write_text(text, encoding="utf-8")
    assert [problem.fault for problem in parse_areas(path, "utf-8", {}, {}).problems] == [fault]
