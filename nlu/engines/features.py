"""Which traces of a text the linear model sees; the same code serves training and serving.

Character n-grams of one to four and n-grams of *sounds* (toneless pinyin of two and three characters, so that 路登
still looks like 路灯), each as a 64-bit number computed on whole arrays: no Python loop per n-gram, no dictionary
of strings in memory. A vocabulary is the sorted array of the numbers worth knowing.
"""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Keys = NDArray[np.uint64]

EDGE = 0x20
"""Stands for everything that separates: white space, punctuation, both ends of the text."""

CHAR_ORDERS = (1, 2, 3, 4)
SOUND_ORDERS = (2, 3)
NOT_WORDS = np.array([ord(char) for char in "不没冇唔"], dtype=np.uint32)
"""能不能, 拆没拆, 得唔得: a question whatever the verb."""

LENGTH_STEPS = np.array([3, 5, 8, 13, 21, 34, 60])
"""A text longer than the last is a letter, up to the first a single word: what is meant depends on it."""

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)


def _fold_table() -> Codes:
    """How each code point is seen: letters small, digits alike, everything that is no word an EDGE."""
    table = np.full(0x10000, EDGE, dtype=np.uint32)
    for code in range(0x10000):
        char = chr(code)
        if char.isdecimal():
            table[code] = ord("0")
        elif char.isalpha():
            low = char.lower()
            table[code] = ord(low) if len(low) == 1 and ord(low) < 0x10000 else code
    for kept in "?!":  # a question and an outcry are traces too
        table[ord(kept)] = ord(kept)
    return table


_FOLD = _fold_table()


def fold(text: str, max_chars: int) -> Codes:
    """The text as folded code points with an EDGE at both ends; a long text keeps its head and its tail."""
    if len(text) > max_chars:
        tail = max_chars // 4
        text = text[: max_chars - tail] + " " + text[-tail:]
    raw = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    codes = np.empty(len(raw) + 2, dtype=np.uint32)
    codes[0] = codes[-1] = EDGE
    codes[1:-1] = _FOLD[np.minimum(raw, 0xFFFF)]
    return codes


def gram_keys(codes: Codes, sounds: NDArray[np.uint16]) -> list[Keys]:
    """Key arrays: each order of `CHAR_ORDERS`, then of `SOUND_ORDERS` (entry `i` starts at code `i`), then the marks.

    `sounds` maps code points below 65,536 to a number per syllable (0: no syllable, the n-gram is kept as 0).
    """
    wide = codes.astype(np.uint64)
    arrays = _rolling(wide, CHAR_ORDERS, 0)
    heard = _rolling(sounds[codes].astype(np.uint64), SOUND_ORDERS, 16)
    return [*arrays, *heard, _marks(codes)]


def _marks(codes: Codes) -> Keys:
    """What no n-gram tells: a question of the kind 能不能, and how long the text is."""
    asked = (codes[:-2] == codes[2:]) & (codes[:-2] != EDGE) & np.isin(codes[1:-1], NOT_WORDS)
    length = 10 + int(np.searchsorted(LENGTH_STEPS, len(codes) - 2))
    return _mixed(np.array([length] + [1] * int(asked.any()), dtype=np.uint64), 40)


def _mixed(values: Keys, salt: int) -> Keys:
    """Spreads keys of one order so that near values land far apart, and orders never meet."""
    key = (values + np.uint64(salt)) * _MIX
    return (key ^ (key >> _SHIFT)) * _BASE


def _rolling(values: Keys, orders: tuple[int, ...], salt: int) -> list[Keys]:
    """Polynomial hashes of every window of each wanted length, mixed so that near values land far apart."""
    out: list[Keys] = []
    running = values
    for order in range(1, orders[-1] + 1):
        if order > 1:
            if len(values) < order:
                out += [np.empty(0, dtype=np.uint64)] * sum(wanted >= order for wanted in orders)
                break
            running = running[:-1] * _BASE + values[order - 1 :]
        if order in orders:
            out.append(_mixed(running, order + salt))
    return out


def order_names() -> tuple[str, ...]:
    """A name for each array of `gram_keys`, for people who ask why."""
    return tuple(f"char{n}" for n in CHAR_ORDERS) + tuple(f"sound{n}" for n in SOUND_ORDERS) + ("mark1",)
