"""What placing an address or a pin answers: areas with a confidence and the reasons, never a silent guess."""

from dataclasses import dataclass
from enum import StrEnum

SURE = 0.75  # from here one candidate may be used without asking; below, the resident chooses
MOST_CANDIDATES = 8  # more than this cannot be offered as buttons


class Reason(StrEnum):
    """Why an area is proposed, or why none is; its sentence is `places.reason.<value>` in the texts files."""

    EXACT = "exact"  # the very address is in the list
    NUMBER_RANGE = "number_range"  # a listed range such as 1-99 odd covers the number
    BUILDING_RANGE = "building_range"
    CONTAINED = "contained"  # the building is listed, the unit or room is not
    NEIGHBOURS = "neighbours"  # the house numbers on both sides lie there
    ESTATE_ONLY = "estate_only"  # no building was said
    BUILDING_UNKNOWN = "building_unknown"  # a building was said that the list does not have
    ROAD_ONLY = "road_only"
    NUMBER_UNKNOWN = "number_unknown"
    CROSSING = "crossing"  # the area two named places share
    SHARED = "shared"  # the same address is listed under several areas
    SHORT_NAME = "short_name"
    SAME_SOUND = "same_sound"
    SIMILAR_SPELLING = "similar_spelling"
    AREA_NAMED = "area_named"  # only a community or street was named
    NARROWED_BY_AREA = "narrowed_by_area"
    AREA_DISAGREES = "area_disagrees"
    PIN_INSIDE = "pin_inside"
    PIN_ON_BORDER = "pin_on_border"
    PIN_NEAR_ADDRESS = "pin_near_address"
    PIN_AGREES = "pin_agrees"
    PIN_DISAGREES = "pin_disagrees"
    NOTHING_SAID = "nothing_said"
    NAME_UNKNOWN = "name_unknown"
    PIN_OUTSIDE = "pin_outside"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible area; `confidence` in 0..1; `address_id` when exactly one listed address was meant."""

    area_code: str
    confidence: float
    reasons: tuple[Reason, ...]
    address_id: int | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Candidates best first. Without candidates `reasons` says why; `said` is the address as it was understood."""

    candidates: tuple[Candidate, ...] = ()
    reasons: tuple[Reason, ...] = ()
    said: str = ""
    lat: float | None = None  # WGS-84 point of the pin, or of the one listed address meant
    lon: float | None = None

    @property
    def sure(self) -> Candidate | None:
        """The one area that may be used without asking back, if there is one."""
        if not self.candidates or self.candidates[0].confidence < SURE:
            return None
        if len(self.candidates) > 1 and self.candidates[1].confidence > self.candidates[0].confidence / 3:
            return None
        return self.candidates[0]
