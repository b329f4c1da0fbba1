"""Borders that cannot be right: broken rings, grids on top of each other, children outside their parent.

Real borders are often unclear, so a narrow overlap is a warning (pins there are asked about); a wide one is a fault.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np
from shapely import STRtree, distance, prepare
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from backend.areas.geometry import FlatMap, read_polygon
from backend.imports.problems import Fault, Problem
from backend.imports.records import AddressRecord, AreaRecord, Record

WIDE = 0.5  # share of the smaller area from which an overlap is a mistake, not a blurred border
VISIBLE = 0.005  # drawing tools leave slivers; below this share nobody needs to know
LEANING = 0.05
FAR_METRES = 200.0  # a listed point is a gate or a roof, not the parcel; borders run along streets

Found = Mapping[str, tuple[int, AreaRecord]]


def explain_invalid(shape: BaseGeometry) -> str:
    """Why a ring is broken and where, e.g. "Self-intersection[120.1 30.2]"."""
    return str(explain_validity(shape))


def shapes_of(polygons: Mapping[str, object]) -> dict[str, BaseGeometry]:
    """Shapes of the GeoJSON geometries the system holds, by area code."""
    read = {code: read_polygon(json.dumps(polygon)) for code, polygon in polygons.items() if polygon}
    return {code: shape for code, shape in read.items() if shape is not None}


def check_borders(found: Found, drawn: Mapping[str, BaseGeometry]) -> list[Problem]:
    """Overlaps with areas of the same level in the file, and areas that leave their parent."""
    return [*_overlaps(found, drawn), *_leaving(found, drawn)]


def far_points(records: Sequence[Record], lines: Sequence[int], drawn: Mapping[str, BaseGeometry]) -> list[Problem]:
    """Addresses whose point lies more than 200 m outside the border of their own area."""
    by_area: dict[str, list[tuple[int, AddressRecord]]] = {}
    for line, record in zip(lines, records, strict=True):
        if isinstance(record, AddressRecord) and record.lat is not None and record.area_code in drawn:
            by_area.setdefault(record.area_code, []).append((line, record))
    problems = []
    for code, found in by_area.items():
        flat = FlatMap(drawn[code].centroid.y)
        lats = np.array([record.lat for _, record in found], dtype=float)
        lons = np.array([record.lon for _, record in found], dtype=float)
        border = flat.shape(drawn[code])
        prepare(border)
        away = distance(flat.points(lats, lons), border)
        for index in np.flatnonzero(away > FAR_METRES).tolist():
            line, record = found[index]
            facts = {"value": record.address, "area": code, "metres": f"{away[index]:.0f}"}
            problems.append(Problem(line, Fault.POINT_FAR, facts))
    return problems


def _overlaps(found: Found, drawn: Mapping[str, BaseGeometry]) -> list[Problem]:
    codes = [code for code in found if code in drawn]
    shapes = [drawn[code] for code in codes]
    problems = []
    for left, right in STRtree(shapes).query(shapes, predicate="intersects").T.tolist() if shapes else []:
        if left >= right or found[codes[left]][1].level != found[codes[right]][1].level:
            continue
        share = shapes[left].intersection(shapes[right]).area / min(shapes[left].area, shapes[right].area)
        if share >= VISIBLE:
            fault = Fault.POLYGON_OVERLAP if share >= WIDE else Fault.POLYGON_TOUCHES
            facts = {"code": codes[right], "other": codes[left], "percent": f"{share * 100:.1f}"}
            problems.append(Problem(found[codes[right]][0], fault, facts))
    return problems


def _leaving(found: Found, drawn: Mapping[str, BaseGeometry]) -> list[Problem]:
    problems = []
    for code, (line, record) in found.items():
        parent = drawn.get(record.parent_code or "")
        if code not in drawn or parent is None:
            continue
        share = drawn[code].difference(parent).area / drawn[code].area
        facts = {"code": code, "parent": record.parent_code or ""}
        if share > 1 - VISIBLE:
            problems.append(Problem(line, Fault.POLYGON_OUTSIDE, facts))
        elif share >= LEANING:
            problems.append(Problem(line, Fault.POLYGON_LEANS_OUT, {**facts, "percent": f"{share * 100:.0f}"}))
    return problems
