"""Builds a PlaceIndex from the address list, one address at a time, in packed arrays (about 150 bytes an address)."""

from array import array

import numpy as np

from backend.areas.address_line import AddressLine, Span
from backend.areas.chains import Chain, chains_of, key_hash
from backend.areas.index import NUMBER_MASK, PARITY_BITS, Ints, PlaceIndex, cell_of

INSIDE = -1  # the key is a prefix, not an address of its own


class IndexBuilder:
    """Feed it with `add`, then take the index with `finish`."""

    def __init__(self) -> None:
        self._keys, self._areas, self._rows = array("Q"), array("i"), array("i")
        self._span_keys = array("Q")
        self._spans = array("i")  # low, high, parity, area, row for each span
        self._street, self._street_areas = array("Q"), array("i")
        self._ids, self._lats, self._lons = array("q"), array("f"), array("f")
        self._row_areas, self._cells, self._cell_rows = array("i"), array("Q"), array("i")

    def add_row(self, address_id: int, area: int, lat: float | None, lon: float | None) -> int:
        """A new address; returns its row number."""
        if lat is not None and lon is not None:
            self._cells.append(cell_of(lat, lon))
            self._cell_rows.append(len(self._ids))
        self._row_areas.append(area)
        self._ids.append(address_id)
        self._lats.append(float("nan") if lat is None else lat)
        self._lons.append(float("nan") if lon is None else lon)
        return len(self._ids) - 1

    def add_line(self, line: AddressLine, area: int, row: int) -> list[str]:
        """Enters a parsed line (the address or one alias) under all its keys; returns the names used."""
        chains = chains_of(line)
        for chain in chains:
            self._add_chain(chain, line, area, row)
        if line.road and not line.number and line.estate:
            self._enter(line.road, area, INSIDE)
            return [line.road, *(chain.name for chain in chains)]
        return [chain.name for chain in chains]

    def _enter(self, key: str, area: int, row: int) -> None:
        self._keys.append(key_hash(key))
        self._areas.append(area)
        self._rows.append(row)

    def _add_chain(self, chain: Chain, line: AddressLine, area: int, row: int) -> None:
        by_road = bool(chain.levels) and chain.levels[0].startswith("N")
        span = line.buildings or (line.numbers if by_road else None)
        keys = chain.keys()
        for key in keys[:-1]:
            self._enter(key, area, INSIDE)
        self._enter(keys[-1], area, row)
        if by_road:
            self._add_number(chain.name, line.number, area, single=line.numbers is None)
        if span is not None:
            self._add_span(keys[-2], span, area, row)

    def _add_number(self, road: str, number: str, area: int, *, single: bool) -> None:
        main, dash, _ = number.partition("-")
        if dash and single:
            self._enter(f"{road}|N{main}", area, INSIDE)
        if single and main.isdigit() and int(main) <= NUMBER_MASK:
            self._street.append(key_hash(road) & ~NUMBER_MASK | int(main))
            self._street_areas.append(area)

    def _add_span(self, key: str, span: Span, area: int, row: int) -> None:
        self._span_keys.append(key_hash(key))
        self._spans.extend((span.low, span.high, PARITY_BITS[span.parity], area, row))

    def finish(self) -> PlaceIndex:
        """Sorts everything; the builder is empty afterwards."""
        keys, areas, rows, counts = self._merged_keys()
        span_order = np.argsort(np.frombuffer(self._span_keys, dtype=np.uint64), kind="stable")
        spans = np.frombuffer(self._spans, dtype=np.int32).reshape(-1, 5)[span_order]
        street = np.frombuffer(self._street, dtype=np.uint64)
        street, first = np.unique(street, return_index=True)
        cells = np.frombuffer(self._cells, dtype=np.uint64)
        cell_order = np.argsort(cells, kind="stable")
        return PlaceIndex(
            keys, areas, rows, counts,
            np.frombuffer(self._span_keys, dtype=np.uint64)[span_order],
            spans[:, 0], spans[:, 1], spans[:, 2], spans[:, 3], spans[:, 4],
            street, np.frombuffer(self._street_areas, dtype=np.int32)[first],
            np.array(self._ids, dtype=np.int64),
            np.array(self._lats, dtype=np.float32),
            np.array(self._lons, dtype=np.float32),
            np.array(self._row_areas, dtype=np.int32),
            cells[cell_order], np.frombuffer(self._cell_rows, dtype=np.int32)[cell_order],
        )  # fmt: skip

    def _merged_keys(self) -> tuple[Ints, Ints, Ints, Ints]:
        """One row for each (key, area): the highest address row or INSIDE, and how many addresses it stands for."""
        keys = np.frombuffer(self._keys, dtype=np.uint64)
        areas = np.frombuffer(self._areas, dtype=np.int32)
        rows = np.frombuffer(self._rows, dtype=np.int32)
        order = np.lexsort((areas, keys))
        keys, areas, rows = keys[order], areas[order], rows[order]
        first = np.ones(len(keys), dtype=bool)
        first[1:] = (keys[1:] != keys[:-1]) | (areas[1:] != areas[:-1])
        starts = np.flatnonzero(first)
        if not len(starts):
            return keys, areas, rows, rows
        counts = np.diff(np.append(starts, len(keys))).astype(np.int32)
        return keys[starts], areas[starts], np.maximum.reduceat(rows, starts), counts
