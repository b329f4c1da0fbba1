"""Names and ladder of the areas: which areas a text mentions, and what lies under what."""

from collections.abc import Iterable

from backend.areas.geometry import LEVELS, AreaRow
from backend.areas.spelling import fold

LONGEST = 16


class AreaNames:
    """District → street → community → grid, by code and by folded name."""

    def __init__(self, areas: Iterable[AreaRow]) -> None:
        self._rows = {area.code: area for area in areas}
        self._by_name: dict[str, list[str]] = {}
        for area in self._rows.values():
            self._by_name.setdefault(fold(area.name), []).append(area.code)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, code: str) -> AreaRow | None:
        """The area of a code."""
        return self._rows.get(code)

    def ancestors(self, code: str) -> set[str]:
        """The area itself and everything above it."""
        above: set[str] = set()
        at: str | None = code
        while at and at not in above:
            above.add(at)
            area = self._rows.get(at)
            at = area.parent_code if area else None
        return above

    def mentioned(self, text: str) -> list[str]:
        """Codes of the deepest areas whose full name stands in the folded text; the district itself tells nothing."""
        found: list[str] = []
        for start in range(len(text)):
            for end in range(min(len(text), start + LONGEST), start + 2, -1):
                found += self._by_name.get(text[start:end], [])
        depths = {code: LEVELS.index(self._rows[code].level) for code in found}
        deepest = max(depths.values(), default=0)
        return [] if deepest == 0 else sorted(code for code in depths if depths[code] == deepest)
