"""The district's address list as sorted arrays: a few dozen bytes an address, opened from disk by memory mapping.

Every address is entered under each prefix of its chains (name, house, building, unit, room), as one row
(hash of the key, area, address or −1, count). A look-up is two binary searches. Ranges such as 1-99 odd and the house
numbers along a road are two more tables of the same kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.areas.coordinates import metres_between

NUMBER_BITS = 20  # a house number below 1,048,576 beside 44 bits of the road's hash
NUMBER_MASK = (1 << NUMBER_BITS) - 1
CELL_BITS = 20
CELLS_PER_DEGREE = 1000  # about 110 m by 90 m
NEAR_METRES = 90.0  # a pin further from every listed address says nothing
MOST_IN_CELLS = 300
NEIGHBOUR_GAP = 20  # house numbers further away than this say nothing about the grid

ODD, EVEN, ALL = 1, 2, 3
PARITY_BITS = {"odd": ODD, "even": EVEN, "": ALL}
Ints = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """An area under a key; `row` is the address's row when the key is that address itself, else −1."""

    area: int
    row: int
    count: int


@dataclass(frozen=True, slots=True)
class PlaceIndex:
    """The arrays. All are parallel within their group and sorted by the group's hash."""

    key_hash: Ints
    key_area: Ints
    key_row: Ints
    key_count: Ints
    span_hash: Ints
    span_low: Ints
    span_high: Ints
    span_parity: Ints
    span_area: Ints
    span_row: Ints
    street_key: Ints
    street_area: Ints
    row_id: Ints
    row_lat: Ints
    row_lon: Ints
    row_area: Ints
    cell_key: Ints
    cell_row: Ints

    def under(self, key: int) -> list[Hit]:
        """All areas that have addresses under the key, largest share first."""
        low, high = _bounds(self.key_hash, key)
        hits = [Hit(int(self.key_area[i]), int(self.key_row[i]), int(self.key_count[i])) for i in range(low, high)]
        return hits if len(hits) < 2 else sorted(hits, key=lambda hit: -hit.count)

    def in_range(self, key: int, number: int) -> list[Hit]:
        """Areas whose listed range under the key covers the number."""
        low, high = _bounds(self.span_hash, key)
        side = ODD if number % 2 else EVEN
        return [
            Hit(int(self.span_area[i]), int(self.span_row[i]), 1)
            for i in range(low, high)
            if self.span_low[i] <= number <= self.span_high[i] and int(self.span_parity[i]) & side
        ]

    def beside(self, key: int, number: int) -> list[int]:
        """Areas of the nearest listed numbers below and above on the same side of the road (else on any side)."""
        if not 0 < number <= NUMBER_MASK:
            return []
        base = key & ~NUMBER_MASK
        place = int(self.street_key.searchsorted(np.uint64(base | number)))
        same = [self._nearest(base, number, place, step, same_side=True) for step in (-1, 1)]
        if None in same:
            same = [self._nearest(base, number, place, step, same_side=False) for step in (-1, 1)]
        return [area for area in same if area is not None]

    def _nearest(self, base: int, number: int, place: int, step: int, *, same_side: bool) -> int | None:
        at = place - 1 if step < 0 else place
        while 0 <= at < len(self.street_key):
            key = int(self.street_key[at])
            found = key & NUMBER_MASK
            if key & ~NUMBER_MASK != base or abs(found - number) > NEIGHBOUR_GAP:
                return None
            if not same_side or found % 2 == number % 2:
                return int(self.street_area[at])
            at += step
        return None

    def address_id(self, row: int) -> int | None:
        """The database id of a row of the list."""
        return int(self.row_id[row]) if row >= 0 else None

    def point(self, row: int) -> tuple[float, float] | None:
        """(lat, lon) of a row, WGS-84, when the list gives one."""
        if row < 0 or np.isnan(self.row_lat[row]):
            return None
        return float(self.row_lat[row]), float(self.row_lon[row])

    def near(self, lat: float, lon: float) -> list[tuple[float, int]]:
        """(metres, area) of the listed addresses within `NEAR_METRES` of a WGS-84 point, nearest first."""
        found = []
        middle = cell_of(lat, lon)
        for north in (-1, 0, 1):
            start = middle + (north << CELL_BITS)
            low = int(self.cell_key.searchsorted(np.uint64(start - 1), "left"))
            high = int(self.cell_key.searchsorted(np.uint64(start + 1), "right"))
            for row in self.cell_row[low : min(high, low + MOST_IN_CELLS)].tolist():
                metres = metres_between(lat, lon, float(self.row_lat[row]), float(self.row_lon[row]))
                if metres <= NEAR_METRES:
                    found.append((metres, int(self.row_area[row])))
        return sorted(found)

    def arrays(self) -> Iterator[tuple[str, Ints]]:
        """Name and array, in a fixed order."""
        for name in self.__slots__:
            yield name, getattr(self, name)

    def save(self, folder: Path) -> None:
        """Writes one `.npy` file for each array."""
        for name, array in self.arrays():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "PlaceIndex":
        """Maps the saved arrays; pages are read when first touched."""
        loaded = {n: np.load(folder / f"{n}.npy", mmap_mode="r", allow_pickle=False) for n in cls.__slots__}
        return cls(**loaded)


def cell_of(lat: float, lon: float) -> int:
    """The number of the small map square a point lies in; squares of one row are consecutive."""
    return int((lat + 90) * CELLS_PER_DEGREE) << CELL_BITS | int((lon + 180) * CELLS_PER_DEGREE)


def _bounds(hashes: Ints, key: int) -> tuple[int, int]:
    wanted = np.uint64(key)
    low = int(hashes.searchsorted(wanted, "left"))
    if low == len(hashes) or hashes[low] != wanted:
        return low, low
    return low, int(hashes.searchsorted(wanted, "right"))
