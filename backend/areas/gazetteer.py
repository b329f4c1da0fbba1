"""Where is that? An address in a resident's words, or a pin, becomes areas with confidence and reasons.

Nothing is guessed in silence: an unknown place gives no candidate and says why; an unclear one gives several, and
`Placement.sure` is empty, so that the dialogue asks with buttons.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from shapely.geometry import shape

from backend.areas.address_line import MOST_CHARACTERS, is_road, name_ends, parse_folded
from backend.areas.area_names import AreaNames
from backend.areas.chains import key_hash
from backend.areas.combining import Weighed, agreed, collapsed, named_candidates, with_pin
from backend.areas.coordinates import PointOnMap, to_wgs84
from backend.areas.evidence import read_tail, weigh
from backend.areas.geometry import AreaMap, AreaRow
from backend.areas.index import PlaceIndex
from backend.areas.index_builder import IndexBuilder
from backend.areas.namebook import NameBook, NameHit
from backend.areas.placement import Candidate, Placement, Reason
from backend.areas.spelling import fold

ALIAS_SEPARATORS = str.maketrans("；|、,，\n", ";;;;;;")
LONGEST_WINDOW, MOST_NAME_ENDS = 10, 6
_PARTS = (("region", ""), ("road", ""), ("number", "号"), ("estate", ""), ("building", "号楼"), ("unit", "单元"),
          ("floor", "层"), ("room", "室"))  # fmt: skip


class AddressRow(NamedTuple):
    """One address of the district's list; `aliases` separated by `;`."""

    id: int
    address: str
    aliases: str
    area_code: str
    lat: float | None = None
    lon: float | None = None


def split_aliases(aliases: str) -> list[str]:
    """The single aliases of a column that separates them by ; ； | 、 or a comma."""
    return [alias.strip() for alias in aliases.translate(ALIAS_SEPARATORS).split(";") if alias.strip()]


def text_of_parts(parts: Mapping[str, str]) -> str:
    """An address line from the parts understanding found (road, number, estate, building, unit, floor, room)."""
    said = [(parts.get(part, ""), ending) for part, ending in _PARTS]
    return "".join(f"{value}{'' if value.endswith(ending) else ending}" for value, ending in said if value)


class Gazetteer:
    """The district's places. Immutable: build a new one when the list changes."""

    def __init__(self, index: PlaceIndex, book: NameBook, codes: list[str], areas: Iterable[AreaRow]) -> None:
        self.areas = AreaNames(listed := list(areas))
        self.names = book
        self._index, self._codes = index, codes
        drawn = [(area.code, area.level, shape(area.polygon)) for area in listed if area.polygon]
        self._map = AreaMap(drawn) if drawn else None

    @classmethod
    def build(cls, addresses: Iterable[AddressRow], areas: Iterable[AreaRow]) -> "Gazetteer":
        """Reads the whole list once (about 40 µs an address); folds every spelling."""
        making = GazetteerMaker()
        making.add(addresses)
        return making.finish(areas)

    def save(self, folder: Path, stamp: str) -> None:
        """Writes the built form; `stamp` names the state of the list it was built from.

        Other processes may have the earlier form mapped: each form has files of its own, and only then does the
        small `meta.json` point at them. Earlier files are unlinked; who has them mapped keeps them.
        """
        own = f"built-{key_hash(stamp):016x}"
        place = folder / own
        place.mkdir(parents=True, exist_ok=True)
        self._index.save(place)
        self.names.save(place)
        fresh = folder / "meta.json.new"
        fresh.write_text(json.dumps({"stamp": stamp, "codes": self._codes, "files": own}), encoding="utf-8")
        fresh.replace(folder / "meta.json")
        for earlier in folder.glob("built-*"):
            if earlier.name != own:
                shutil.rmtree(earlier, ignore_errors=True)

    @classmethod
    def open(cls, folder: Path, areas: Iterable[AreaRow], stamp: str) -> "Gazetteer | None":
        """What `save` wrote under the same stamp; None when there is nothing, or it is of another state or broken."""
        try:
            facts = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            if facts["stamp"] != stamp:
                return None
            place = folder / facts["files"]
            return cls(PlaceIndex.open(place), NameBook.open(place), facts["codes"], areas)
        except (OSError, ValueError, KeyError):
            return None

    def resolve(self, said: str | Mapping[str, str], pin: PointOnMap | None = None) -> Placement:
        """Areas for an address (a line, a sentence holding one, or its parts) and/or a pin (`gcj02` or `wgs84`)."""
        text = fold((said if isinstance(said, str) else text_of_parts(said))[: MOST_CHARACTERS * 2])
        placed = self._place_text(text[:MOST_CHARACTERS]) if text else Placement(reasons=(Reason.NOTHING_SAID,))
        if pin is None:
            return placed
        lat, lon = to_wgs84(pin)
        return with_pin(placed, self._place_pin(lat, lon), self.areas, (lat, lon))

    def _place_pin(self, lat: float, lon: float) -> list[Candidate]:
        found = self._map.at(lat, lon) if self._map else []
        if found or self._map:
            return found
        near = self._index.near(lat, lon)[:5]
        areas = sorted({area for _, area in near}, key=[area for _, area in near].index)
        return [Candidate(self._codes[a], 0.7 / len(areas), (Reason.PIN_NEAR_ADDRESS,)) for a in areas]

    def _place_text(self, text: str) -> Placement:
        mentioned = self.areas.mentioned(text)
        weighed = self._weighed(text)
        if not weighed:
            return named_candidates(mentioned, text)
        placement = agreed(weighed, self._codes, self._index, text)
        return collapsed(placement, mentioned, self.areas)

    def _weighed(self, text: str) -> list[Weighed]:
        """Evidence of every listed name the text holds; similar names only when none is written as listed."""
        return self._evidence(self.names.written_in(text), text) or self._evidence(self._similar(text), text)

    def _evidence(self, hits: list[NameHit], text: str) -> list[Weighed]:
        weighed = []
        for hit in hits:
            line = read_tail(hit.name, text[hit.end :], is_road=is_road(hit.name))
            evidence = weigh(self._index, hit, line)
            if evidence:
                weighed.append(Weighed(hit, evidence))
        return weighed

    def _similar(self, text: str) -> list[NameHit]:
        windows = [
            (start, end)
            for end in name_ends(text)[:MOST_NAME_ENDS]
            for start in range(max(0, end - LONGEST_WINDOW), end - 1)
        ]
        return self.names.similar_in(text, windows) if windows else []


class GazetteerMaker:
    """Takes the address list in portions, so that a long list need not be held in memory or block the process."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._builder, self._names = IndexBuilder(), set[str]()

    def add(self, addresses: Iterable[AddressRow]) -> None:
        """Another portion."""
        for row in addresses:
            area = self._numbers.setdefault(row.area_code, len(self._numbers))
            place = self._builder.add_row(row.id, area, row.lat, row.lon)
            for written in (row.address, *split_aliases(row.aliases)):
                self._names.update(self._builder.add_line(parse_folded(fold(written)), area, place))

    def finish(self, areas: Iterable[AreaRow]) -> Gazetteer:
        """Sorts and closes; the maker is spent afterwards."""
        return Gazetteer(self._builder.finish(), NameBook.build(self._names), list(self._numbers), areas)
