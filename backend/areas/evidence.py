"""From one listed name in a text to areas: how deep the list follows what was said, and how sure that makes us."""

import re
from dataclasses import replace

from backend.areas.address_line import AddressLine, parse_building, parse_house
from backend.areas.chains import Chain, chains_of, key_hash, softer_keys
from backend.areas.index import Hit, PlaceIndex
from backend.areas.namebook import NameHit
from backend.areas.placement import Reason

# Confidence by how far the list confirms what was said (settled by hand; the dialogue reads the place back anyway).
EXACT, RANGE, CONTAINED, ESTATE, BUILDING_UNKNOWN, ROAD, NEIGHBOURS, ONE_NEIGHBOUR, NUMBER_UNKNOWN = (
    0.98, 0.96, 0.92, 0.88, 0.7, 0.85, 0.76, 0.55, 0.4,
)  # fmt: skip
GENERIC_WORD = re.compile(r"^(?:住宅小区|家属院|小区|大院)(?=[\dA-Z])")  # 幸福[小区]3号楼 where 幸福 is listed


class Evidence:
    """Areas proposed by one name: shares of `confidence`, and the reasons; `depth` levels were confirmed."""

    __slots__ = ("confidence", "depth", "hits", "reasons")

    def __init__(self, hits: list[Hit], confidence: float, depth: int, *reasons: Reason) -> None:
        self.hits, self.confidence, self.depth, self.reasons = hits, confidence, depth, reasons

    def areas(self) -> set[int]:
        """The area numbers proposed."""
        return {hit.area for hit in self.hits}

    def narrowed(self, areas: set[int], reason: Reason) -> "Evidence":
        """The same, with only the given areas left."""
        kept = [hit for hit in self.hits if hit.area in areas]
        return Evidence(kept, self.confidence, self.depth, *self.reasons, reason)


def read_tail(name: str, tail: str, *, is_road: bool) -> AddressLine:
    """What was said right behind a listed name."""
    line = AddressLine(road=name) if is_road else AddressLine(estate=name)
    tail = GENERIC_WORD.sub("", tail)
    if is_road:
        line, tail = parse_house(tail, line)
        if not line.number and tail[:1].isdigit():
            line, tail = _bare_number(line, tail)
    line, _ = parse_building(tail, line)
    return line


def _bare_number(line: AddressLine, tail: str) -> tuple[AddressLine, str]:
    """解放路88 without 号, when no building word follows."""
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    after = tail[len(digits) :]
    if after[:1] in ("栋", "幢", "座", "#", "楼", "单") or after[:2] in ("号楼", "号栋", "号幢"):
        return line, tail
    return replace(line, number=digits), after


def weigh(index: PlaceIndex, hit: NameHit, line: AddressLine) -> Evidence | None:
    """The deepest evidence for one name with its house, building and door; None when the name has no addresses."""
    chain = (chains_of(line) or [Chain(hit.name, ())])[0]
    for key, dropped in softer_keys(chain):
        hits = index.under(key_hash(key))
        depth = len(chain.levels) - dropped
        if hits and (depth or not chain.levels):
            return _confirmed(hits, chain, dropped, depth, line)
        ranged = _in_ranges(index, chain, key, depth)
        if ranged:
            reason = Reason.NUMBER_RANGE if chain.levels[0].startswith("N") else Reason.BUILDING_RANGE
            return Evidence(ranged, RANGE, depth + 1, reason)
        if hits:
            return _name_only(index, hits, chain)
    return None


def _in_ranges(index: PlaceIndex, chain: Chain, key: str, depth: int) -> list[Hit]:
    """Listed ranges under `key` that cover the next level said."""
    if depth >= len(chain.levels):
        return []
    said = chain.levels[depth]
    number = said[1:].partition("-")[0]
    if said[0] not in "NB" or not number.isdigit():
        return []
    return index.in_range(key_hash(key), int(number))


def _confirmed(hits: list[Hit], chain: Chain, dropped: int, depth: int, line: AddressLine) -> Evidence:
    listed = [hit for hit in hits if hit.row >= 0]
    if listed and not dropped and (chain.levels or len(listed) == len(hits)):
        reasons = (Reason.EXACT, Reason.SHARED) if len(listed) > 1 else (Reason.EXACT,)
        return Evidence(listed, EXACT, depth, *reasons)
    if chain.levels:
        return Evidence(hits, CONTAINED, depth, Reason.CONTAINED)
    if line.road:
        return Evidence(hits, ROAD, depth, Reason.ROAD_ONLY)
    return Evidence(hits, ESTATE, depth, Reason.ESTATE_ONLY)


def _name_only(index: PlaceIndex, hits: list[Hit], chain: Chain) -> Evidence:
    """The name is listed, the house or building said behind it is not."""
    said = chain.levels[0]
    if not said.startswith("N"):
        return Evidence(hits, BUILDING_UNKNOWN if len(hits) > 1 else 0.8, 0, Reason.BUILDING_UNKNOWN)
    number = said[1:].partition("-")[0]
    sides = index.beside(key_hash(chain.name), int(number)) if number.isdigit() else []
    if sides:
        beside = [Hit(area, -1, sides.count(area)) for area in sorted(set(sides), key=sides.index)]
        sure = NEIGHBOURS if len(sides) == 2 else ONE_NEIGHBOUR
        return Evidence(beside, sure, 0, Reason.NEIGHBOURS)
    return Evidence(hits, NUMBER_UNKNOWN if len(hits) > 1 else 0.76, 0, Reason.NUMBER_UNKNOWN)
