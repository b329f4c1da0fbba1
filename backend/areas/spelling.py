"""One spelling for addresses before they are compared, and the sound of a name for those who mistype it.

Folding is the same for the district's own address list and for what a resident writes, so both meet in one form:
half-width, upper case, no spaces or punctuation, simplified characters, Chinese numerals before 号/栋/单元… as digits.
"""

import os
import re
import unicodedata
from functools import lru_cache

from nlu.han import TRADITIONAL_TO_SIMPLIFIED

# Phrase readings cost 45 MB of memory and a name is compared character by character anyway.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import lazy_pinyin  # after the setting above, which it reads when imported

_SIMPLIFIED = str.maketrans(TRADITIONAL_TO_SIMPLIFIED)
_DROP = re.compile(r"[^\w\-#]|_")
_DASHES = re.compile(r"[\-‐‑‒–—―−~～至](?=\d|[一二三四五六七八九十])")
_LOOSE_DASH = re.compile(r"(?<![\dA-Z])-|-(?![\dA-Z])")
_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百]+(?=号|栋|幢|座|单元|楼|层|室|区|期|弄|巷|组|门|网格|#|-)")
_SPOKEN_ROOM = re.compile(r"(?<=[楼元栋幢层座号])[零〇一二三四五六七八九]{3,4}")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SOUND_PAIRS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_LANE_CHILD = re.compile(r"(巷|弄)子")


def chinese_number(text: str) -> int:
    """The value of a numeral up to 999 ("二十三" → 23, "一百零五" → 105, "五〇一" → 501)."""
    if not any(c in "十百" for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def fold(text: str) -> str:
    """The comparable form of an address or of a sentence holding one."""
    text = unicodedata.normalize("NFKC", text).upper().translate(_SIMPLIFIED)
    text = _DASHES.sub("-", text)
    text = _DROP.sub("", text)
    text = _NUMERAL.sub(lambda m: str(chinese_number(m[0])), text)
    text = _SPOKEN_ROOM.sub(lambda m: str(chinese_number(m[0])), text)
    return _LANE_CHILD.sub(r"\1", _LOOSE_DASH.sub("", text))


@lru_cache(maxsize=20_000)
def sound(char: str) -> str:
    """One character's toneless reading with the differences southern and northern ears do not hear removed."""
    reading = lazy_pinyin(char)[0] if len(char) == 1 else char
    for long, short in _SOUND_PAIRS:
        if reading.startswith(long):
            reading = short + reading[2:]
    if reading.startswith("n"):
        reading = "l" + reading[1:]
    return reading[:-1] if reading.endswith("ng") else reading


def sounds(name: str) -> tuple[str, ...]:
    """The readings of a folded name, one per character."""
    return tuple(map(sound, name))
