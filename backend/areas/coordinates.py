"""Map systems: phones in mainland China report GCJ-02 points, our polygons are WGS-84.

The forward transform is the published polynomial; its inverse has no closed form, so it is found by iteration.
All angles are degrees; distances are metres.
"""

from math import cos, hypot, pi, radians, sin, sqrt
from typing import Protocol

# The ellipsoid the transform was defined on (Krasovsky 1940), not WGS-84's own.
_AXIS = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
METRES_PER_DEGREE_LAT = 110_574.0
METRES_PER_DEGREE_LON = 111_320.0  # at the equator; times cos(latitude) elsewhere


class PointOnMap(Protocol):
    """Anything with a position and the system it is written in (`gcj02` or `wgs84`)."""

    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...
    @property
    def system(self) -> str: ...


def in_china(lat: float, lon: float) -> bool:
    """The rough box in which maps are shifted; outside it GCJ-02 equals WGS-84."""
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347


def _waves(x: float) -> float:
    """The short-wave part that both shifts share."""
    return (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0


def _shift_metres(x: float, y: float) -> tuple[float, float]:
    """North and east shift before scaling, for x = lon − 105 and y = lat − 35."""
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + _waves(x)
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + _waves(x)
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    return north, east


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """A WGS-84 point as a mainland map shows it; unchanged outside China."""
    if not in_china(lat, lon):
        return lat, lon
    north, east = _shift_metres(lon - 105.0, lat - 35.0)
    curve = 1.0 - _ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2
    per_lat = radians(1.0) * _AXIS * (1.0 - _ECCENTRICITY_SQUARED) / (curve * sqrt(curve))
    per_lon = radians(1.0) * _AXIS / sqrt(curve) * cos(radians(lat))
    return lat + north / per_lat, lon + east / per_lon


def gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """The WGS-84 point whose shifted image is the given one, to about a millimetre; unchanged outside China."""
    if not in_china(lat, lon):
        return lat, lon
    guess_lat, guess_lon = lat, lon
    for _ in range(12):  # converges in three or four rounds; the bound is against oscillation at the box's edge
        shown_lat, shown_lon = wgs84_to_gcj02(guess_lat, guess_lon)
        guess_lat, guess_lon = guess_lat + lat - shown_lat, guess_lon + lon - shown_lon
        if abs(lat - shown_lat) < 1e-8 and abs(lon - shown_lon) < 1e-8:
            break
    return guess_lat, guess_lon


def to_wgs84(point: PointOnMap) -> tuple[float, float]:
    """(lat, lon) of any point in WGS-84."""
    return gcj02_to_wgs84(point.lat, point.lon) if point.system == "gcj02" else (point.lat, point.lon)


def metres_between(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Flat-earth distance; within a district it is exact to better than one part in a thousand."""
    east = (lon2 - lon1) * METRES_PER_DEGREE_LON * cos(radians((lat1 + lat2) / 2))
    return hypot(east, (lat2 - lat1) * METRES_PER_DEGREE_LAT)
