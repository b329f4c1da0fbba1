"""One cleaning for training and serving: what a text looks like before guard, entities and engines read it.

Full-width and compatibility forms become plain ones, traditional characters become simplified, control and
invisible characters go, white space is single. Every cleaned character knows the place it came from, so that
entity spans are exact in the text the resident wrote.
"""

import re
import unicodedata
from dataclasses import dataclass

from nlu.han import TRADITIONAL_TO_SIMPLIFIED

MAX_CHARS = 21_000
"""Longer texts are cut: the channels refuse bodies above 64 KiB, which is about this many Chinese characters."""

_TABLE: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **{ord(old): new for old, new in TRADITIONAL_TO_SIMPLIFIED.items()},
    0x3000: " ",
    0x09: " ",
    0x0A: "\n",
    0x0D: "\n",
    0xA0: " ",
    0x2026: "。",
    ord("｡"): "。",
    ord("､"): "、",
}
_NEEDS_CARE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202f\u205f-\u206f"
    r"\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff]|\s\s"
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text; `offsets[i]` is where its character `i` stands in the original (None: same places)."""

    text: str
    original: str
    offsets: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span for the cleaned span `start:end` (`end` exclusive, not empty)."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def clean(text: str) -> Cleaned:
    """The one cleaning. Accepts anything a channel can deliver; never raises; linear in the text's length."""
    cut = text[:MAX_CHARS]
    quick = cut.translate(_TABLE)
    if _NEEDS_CARE.search(quick) is None and unicodedata.is_normalized("NFKC", quick):
        return Cleaned(quick, text)
    return _careful(cut, text)


def _careful(cut: str, original: str) -> Cleaned:
    """The slow road: character by character, remembering where each came from."""
    out: list[str] = []
    places: list[int] = []
    for place, char in enumerate(cut):
        for piece in _pieces(char):
            if piece.isspace():
                if out and out[-1].isspace():
                    continue
                piece = "\n" if piece in "\n\r\u2028\u2029" else " "
            out.append(piece)
            places.append(place)
    return Cleaned("".join(out), original, tuple(places))


def _pieces(char: str) -> str:
    """What one original character becomes: nothing, itself, or its compatibility form."""
    plain = char.translate(_TABLE)
    if plain.isspace():
        return plain
    if unicodedata.category(plain) in {"Cc", "Cf", "Cs", "Co", "Cn"} or "\ufe00" <= plain <= "\ufe0f":
        return ""
    return unicodedata.normalize("NFKC", plain).translate(_TABLE)
