"""What can be wrong with a row of an import file; its sentence is `imports.fault.<value>` in the texts."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from backend.texts import Texts
from nlu.errors import LinliError


class UnreadableFile(LinliError):
    """The file cannot be read as a table or as GeoJSON at all."""

    code: ClassVar[str] = "import_unreadable"
    status: ClassVar[int] = 422


class UnknownKind(LinliError):
    """It is not clear which list this file holds; say it with --as areas|addresses|staff|items|knowledge."""

    code: ClassVar[str] = "import_kind_unknown"
    status: ClassVar[int] = 422


class NoDistrictForList(LinliError):
    """Items and answers belong to a district: import areas.geojson first, or set LINLI_DISTRICT."""

    code: ClassVar[str] = "import_no_district"
    status: ClassVar[int] = 409


class Fault(StrEnum):
    """Why a row is refused, or (a warning) deserves a look."""

    NOT_JSON = "not_json"
    NOT_FEATURES = "not_features"
    NOT_TEXT = "not_text"
    COLUMN_MISSING = "column_missing"
    COLUMN_EXTRA = "column_extra"  # warning
    CELL_COUNT = "cell_count"
    ROW_BROKEN = "row_broken"
    EMPTY_FILE = "empty_file"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_ALLOWED = "not_allowed"
    BAD_CODE = "bad_code"
    CONTROL_CHARACTER = "control_character"
    DUPLICATE = "duplicate"
    PARENT_UNKNOWN = "parent_unknown"
    PARENT_LEVEL = "parent_level"
    POLYGON_UNREADABLE = "polygon_unreadable"
    POLYGON_INVALID = "polygon_invalid"
    POLYGON_OVERLAP = "polygon_overlap"
    POLYGON_TOUCHES = "polygon_touches"  # warning: a narrow overlap, pins there will be asked about
    POLYGON_OUTSIDE = "polygon_outside"
    POLYGON_LEANS_OUT = "polygon_leans_out"  # warning
    SWAPPED = "swapped"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_NUMBER = "not_a_number"
    HALF_A_POINT = "half_a_point"
    AREA_UNKNOWN = "area_unknown"
    POINT_FAR = "point_far"  # warning: the point is not where its area is drawn
    NAMELESS_ADDRESS = "nameless_address"  # warning: nobody will find it
    BAD_PHONE = "bad_phone"
    CHANNEL_WITHOUT_ID = "channel_without_id"
    NOT_A_DATE = "not_a_date"
    ALREADY_EXPIRED = "already_expired"  # warning


WARNINGS = frozenset(
    {
        Fault.COLUMN_EXTRA,
        Fault.POLYGON_TOUCHES,
        Fault.POLYGON_LEANS_OUT,
        Fault.NAMELESS_ADDRESS,
        Fault.POINT_FAR,
        Fault.ALREADY_EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in one line (1 = the file's first line); `facts` fill its sentence."""

    line: int
    fault: Fault
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def is_warning(self) -> bool:
        """Warnings are shown but do not stop the import."""
        return self.fault in WARNINGS

    def say(self, texts: Texts, language: str = "zh_CN") -> str:
        """Line and reason as a sentence in `zh_CN` or `en`."""
        reason = texts.say(f"imports.fault.{self.fault.value}", language, **self.facts)
        return texts.say(
            "imports.warning" if self.is_warning else "imports.problem", language, line=self.line, reason=reason
        )
