"""Which area a pin lies in. Within 15 m of a border both sides are named: pins are no more exact than that.

Polygons and pins are laid on a flat plane in metres around the district, which is exact enough for one district.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, radians
from typing import Any

import numpy as np
from shapely import STRtree, from_geojson, get_coordinates, points, set_coordinates
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from backend.areas.coordinates import METRES_PER_DEGREE_LAT, METRES_PER_DEGREE_LON
from backend.areas.placement import Candidate, Reason

BORDER_METRES = 15.0
INSIDE_CONFIDENCE, BORDER_INSIDE, BORDER_OUTSIDE = 0.95, 0.6, 0.4
LEVELS = ("district", "street", "community", "grid")


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area as the database or the import has it; `polygon` is a GeoJSON geometry, WGS-84."""

    code: str
    name: str
    level: str
    parent_code: str | None
    polygon: Mapping[str, Any] | None = None


def read_polygon(geojson: str) -> BaseGeometry | None:
    """A Polygon or MultiPolygon from GeoJSON text; None when it is neither or cannot be read."""
    try:
        shape = from_geojson(geojson)
    except ShapelyError:
        return None
    return shape if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") else None


class FlatMap:
    """Degrees to metres around one latitude."""

    def __init__(self, latitude: float) -> None:
        self._east = METRES_PER_DEGREE_LON * cos(radians(latitude))

    def shape(self, degrees: BaseGeometry) -> BaseGeometry:
        """The same shape in metres."""
        scaled = get_coordinates(degrees) * np.array([self._east, METRES_PER_DEGREE_LAT])
        return set_coordinates(degrees, scaled)

    def point(self, lat: float, lon: float) -> BaseGeometry:
        """A WGS-84 point in metres."""
        return points(lon * self._east, lat * METRES_PER_DEGREE_LAT)

    def points(self, lats: Any, lons: Any) -> Any:
        """Many WGS-84 points (arrays) in metres, as an array of shapes."""
        return points(lons * self._east, lats * METRES_PER_DEGREE_LAT)


class AreaMap:
    """Polygons of all levels; a pin is placed at the deepest level that has polygons there."""

    def __init__(self, shapes: Iterable[tuple[str, str, BaseGeometry]]) -> None:
        listed = list(shapes)
        lats = [shape.centroid.y for _, _, shape in listed]
        self._flat = FlatMap(sum(lats) / len(lats) if lats else 0.0)
        self._codes = [code for code, _, _ in listed]
        self._depths = [LEVELS.index(level) for _, level, _ in listed]
        self._shapes = [self._flat.shape(shape) for _, _, shape in listed]
        self._tree = STRtree(self._shapes)

    def at(self, lat: float, lon: float) -> list[Candidate]:
        """Areas of a WGS-84 point: one inside; two or more near a border; none outside."""
        point = self._flat.point(lat, lon)
        near = [int(i) for i in self._tree.query(point, predicate="dwithin", distance=BORDER_METRES)]
        if not near:
            return []
        deepest = max(self._depths[i] for i in near)
        near = [i for i in near if self._depths[i] == deepest]
        inside = [i for i in near if self._shapes[i].intersects(point)]
        if len(near) == 1 and inside:
            return [Candidate(self._codes[near[0]], INSIDE_CONFIDENCE, (Reason.PIN_INSIDE,))]
        share = BORDER_INSIDE / max(len(inside), 1)
        found = [
            Candidate(self._codes[i], share if i in inside else BORDER_OUTSIDE, (Reason.PIN_ON_BORDER,)) for i in near
        ]
        return sorted(found, key=lambda candidate: (-candidate.confidence, candidate.area_code))
