"""Areas and addresses of the invented district: a tiling of 6 × 4 grids with one winding border along 槐树巷."""

from collections.abc import Iterator
from typing import Any

from shapely import union_all
from shapely.geometry import Polygon, mapping

from backend.areas.chains import short_names
from backend.demo import plan
from backend.imports.records import AddressRecord, AreaRecord

WEST, NORTH = 118.9000, 30.6180
WIDE, HIGH = 0.0050, 0.0045  # one grid, about 480 m by 500 m
HOUSEHOLDS = (312, 355, 402, 438, 367, 489)
# The winding border of the second column of the first row: shares of the grid's height, metres-like east offsets.
WINDING = ((0.15, 0.0003), (0.35, -0.0004), (0.5, 0.0002), (0.7, -0.0003), (0.85, 0.0004))
Place = tuple[int, int]  # column 0–5 from the west, row 0–3 from the north


def grid_places() -> Iterator[tuple[plan.Street, plan.Community, int, Place]]:
    """Every grid with its number within the community (0–3) and its place in the tiling."""
    for block, street in enumerate(plan.STREETS):
        for across, community in enumerate(street.communities):
            for number in range(4):
                yield street, community, number, (across * 2 + number % 2, block * 2 + number // 2)


def grid_code(community: plan.Community, number: int) -> str:
    """99010100101 … 99010100104."""
    return f"{community.code}{number + 1:02d}"


def _border(column: int, row: int) -> list[tuple[float, float]]:
    """Points of the border on the west side of `column`, from north to south."""
    east, north = WEST + column * WIDE, NORTH - row * HIGH
    points = [(east, north), (east, north - HIGH)]
    if (column, row) == (2, 0):
        points[1:1] = [(east + shift, north - share * HIGH) for share, shift in WINDING]
    return [(round(x, 6), round(y, 6)) for x, y in points]


def grid_shape(place: Place) -> Polygon:
    """The polygon of one grid."""
    column, row = place
    return Polygon([*_border(column, row), *reversed(_border(column + 1, row))])


def _geojson(shape: Any) -> dict[str, Any]:
    """Plain lists and six decimals, so that a stored polygon compares equal to a fresh one."""
    drawn = mapping(shape)
    return {"type": drawn["type"], "coordinates": _lists(drawn["coordinates"])}


def _lists(value: Any) -> Any:
    return [_lists(one) for one in value] if isinstance(value, tuple | list) else round(value, 6)


def areas() -> list[AreaRecord]:
    """District, streets, communities and grids, parents first."""
    shapes = {(c.code, n): grid_shape(place) for _, c, n, place in grid_places()}
    code, name = plan.DISTRICT
    listed = [AreaRecord(code, name, "district", None, _geojson(union_all(list(shapes.values()))))]
    for street in plan.STREETS:
        own = [shape for (of, _), shape in shapes.items() if of.startswith(street.code)]
        listed.append(AreaRecord(street.code, street.name, "street", code, _geojson(union_all(own))))
        for community in street.communities:
            own = [shapes[community.code, number] for number in range(4)]
            listed.append(
                AreaRecord(community.code, community.name, "community", street.code, _geojson(union_all(own)))
            )
            for number, title in enumerate(plan.GRID_NAMES):
                households = HOUSEHOLDS[(len(listed) + number) % len(HOUSEHOLDS)]
                own_code = grid_code(community, number)
                polygon = _geojson(shapes[community.code, number])
                listed.append(AreaRecord(own_code, title, "grid", community.code, polygon, households))
    return listed


def addresses() -> list[AddressRecord]:
    """All addresses, about 1,500."""
    listed: list[AddressRecord] = []
    for street, community, number, place in grid_places():
        spot = _Spots(grid_code(community, number), place)
        listed += _estates(community.grids[number], spot)
        listed += _roads(place, spot)
        listed += _lane(community, number, spot)
        listed += [spot.address(name, aliases) for name, aliases in community.grids[number].landmarks]
        if number == 0:
            listed += _ring_road(street, community, spot)
    return listed


class _Spots:
    """Hands out points inside one grid, row by row, away from its borders."""

    def __init__(self, code: str, place: Place) -> None:
        self._code, self._place, self._used = code, place, 0

    def address(self, address: str, aliases: str = "") -> AddressRecord:
        column, row = self._place
        across, down = self._used % 10, self._used // 10 % 8
        self._used += 1
        lon = WEST + column * WIDE + WIDE * (0.14 + 0.08 * across)
        lat = NORTH - row * HIGH - HIGH * (0.12 + 0.1 * down)
        return AddressRecord(address, aliases, self._code, round(lat, 6), round(lon, 6))


def _estates(grid: plan.Grid, spot: _Spots) -> Iterator[AddressRecord]:
    for name, first, last in grid.estates:
        short = short_names(name)[0] or name
        if first == 1 and name != "锦绣花园":  # an estate in two grids has no address of its own
            yield spot.address(name, short if short != name else "")
        for building in range(first, last + 1):
            yield spot.address(f"{name}{building}号楼", f"{short}{building}栋")


def _roads(place: Place, spot: _Spots) -> Iterator[AddressRecord]:
    column, row = place
    for number in range(plan.NUMBERS_ACROSS):
        yield spot.address(f"{plan.EAST_WEST[row]}{column * plan.NUMBERS_ACROSS + number + 1}号")
    for number in range(plan.NUMBERS_DOWN):
        yield spot.address(f"{plan.NORTH_SOUTH[column]}{row * plan.NUMBERS_DOWN + number + 1}号")


def _lane(community: plan.Community, number: int, spot: _Spots) -> Iterator[AddressRecord]:
    """A lane with six houses; of 槐树巷 each grid has its own side, and both claim the lane and its well."""
    lane = community.grids[number].lane
    if lane != "槐树巷":
        yield spot.address(lane, f"{lane}子")
        yield from (spot.address(f"{lane}{house}号") for house in range(1, 7))
        return
    start = 1 if community.code == plan.QINGQUAN.code else 2
    yield spot.address("槐树巷", "菜场后面那条巷子;槐树巷子")
    yield from (spot.address(f"槐树巷{house}号") for house in range(start, 25, 2))
    yield spot.address("槐树巷老井", "老井")


def _ring_road(street: plan.Street, community: plan.Community, spot: _Spots) -> Iterator[AddressRecord]:
    place = plan.STREETS.index(street) * 3 + street.communities.index(community)
    low, high = place * 100 + 1, place * 100 + 100
    yield spot.address(f"{plan.RING_ROAD}{low}-{high - 1}号单号")
    yield spot.address(f"{plan.RING_ROAD}{low + 1}-{high}号双号")
