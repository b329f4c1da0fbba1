"""Under which keys an address can be found: a name, then house number, building, unit and room below it.

Both the index (from the district's list) and a question (from a resident) build their keys here, so they meet.
A key is the name and its levels joined by "|", each level marked by a letter: N number, B building, U unit, R room.
"""

import hashlib
from dataclasses import dataclass

from backend.areas.address_line import AddressLine

_STRONG = ("住宅小区", "生活小区", "生活区", "住宅区", "家属院", "小区", "社区", "大院")
_WEAK = ("花园", "花苑", "家园", "公寓", "新村", "大厦", "广场", "小镇", "苑", "城", "府", "园", "庭", "村", "里")


@dataclass(frozen=True, slots=True)
class Chain:
    """One name and the levels said below it, outermost first."""

    name: str
    levels: tuple[str, ...]

    def keys(self) -> list[str]:
        """Keys from the name alone to the full depth."""
        keys = [self.name]
        for level in self.levels:
            keys.append(f"{keys[-1]}|{level}")
        return keys


def key_hash(key: str) -> int:
    """A stable 64-bit hash; among ten million keys two share one with a chance of 3 in a million."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little")


def _levels(line: AddressLine, *, with_number: bool) -> tuple[str, ...]:
    parts = (("N", line.number if with_number else ""), ("B", line.building), ("U", line.unit), ("R", line.room))
    return tuple(letter + value for letter, value in parts if value)


def chains_of(line: AddressLine) -> list[Chain]:
    """The chains of one parsed line: by its road, by its estate, or both."""
    chains = []
    if line.road and line.number:
        chains.append(Chain(line.road, _levels(line, with_number=True)))
    elif line.road and not line.estate:
        chains.append(Chain(line.road, _levels(line, with_number=False)))
    if line.estate:
        chains.append(Chain(line.estate, _levels(line, with_number=False)))
    return chains


def softer_keys(chain: Chain) -> list[tuple[str, int]]:
    """(key, levels dropped) from exact to name only; a unit or a sub-number may be missing in the list."""
    seen: dict[str, int] = {}
    levels = list(chain.levels)
    while True:
        seen.setdefault("|".join([chain.name, *levels]), len(chain.levels) - len(levels))
        if levels and levels[-1].startswith("R"):
            without_unit = [level for level in levels if not level.startswith("U")]
            seen.setdefault("|".join([chain.name, *without_unit]), len(chain.levels) - len(levels))
        if not levels:
            return list(seen.items())
        last = levels.pop()
        if last.startswith("N") and "-" in last:
            levels.append(last.partition("-")[0])


def short_names(name: str) -> tuple[str, str]:
    """(without 小区 and the like, without 花园 and the like): how people shorten it; "" when nothing is left."""
    strong = next((name[: -len(end)] for end in _STRONG if name.endswith(end)), "")
    base = strong or name
    weak = next((base[: -len(end)] for end in _WEAK if base.endswith(end)), "")
    return (strong if len(strong) >= 2 else ""), (weak if len(weak) >= 2 else "")
