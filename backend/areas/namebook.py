"""All names of estates, roads and landmarks, found exactly, by short form, by sound, or with one slip of the pen.

The fuzzy side works on names (tens of thousands), never on addresses. Every name is entered under its sound and under
its sound with any one syllable left out; two names one slip apart then share an entry (a deletion neighbourhood).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz.distance import OSA

from backend.areas.chains import key_hash, short_names
from backend.areas.index import Ints
from backend.areas.placement import Reason
from backend.areas.spelling import sounds

LONGEST_NAME = 20
SHORTEST_FOR_A_SLIP = 3  # two-letter names are too close to each other
SHORTEST_FOR_A_SWAP = 4  # 朝阳路 and 向阳路 are two roads; 阳光花苑 and 阳光华苑 are one
_FIXED = frozenset("东西南北中上下前后左右新老大小0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
EXACT_QUALITY, SHORT_QUALITY, WEAK_QUALITY, SOUND_QUALITY, SLIP_QUALITY = 1.0, 0.97, 0.8, 0.85, 0.65
MOST_SIMILAR = 3
MOST_UNDER_ONE_SOUND = 40


@dataclass(frozen=True, slots=True)
class NameHit:
    """A listed name found at `text[start:end]`; quality 1 is the very spelling."""

    name: str
    start: int
    end: int
    quality: float
    reason: Reason | None = None


def _sound_keys(syllables: tuple[str, ...]) -> list[int]:
    """Hashes of the whole sound and of the sound with one syllable left out."""
    keys = [key_hash(".".join(syllables))]
    if len(syllables) >= SHORTEST_FOR_A_SLIP:
        keys += [key_hash(".".join(syllables[:i] + syllables[i + 1 :])) for i in range(len(syllables))]
    return keys


class NameBook:
    """Immutable once made. `build` from names, or `open` what `save` wrote."""

    def __init__(self, names: list[str], sound_hash: Ints, sound_name: Ints) -> None:
        self._names = names
        self._sound_hash, self._sound_name = sound_hash, sound_name
        self._exact = {name: index for index, name in enumerate(names)}
        self._short: dict[str, list[str]] = {}
        self._weak: dict[str, list[str]] = {}
        for name in names:
            strong, weak = short_names(name)
            if strong and strong not in self._exact:
                self._short.setdefault(strong, []).append(name)
            if weak and weak not in self._exact:
                self._weak.setdefault(weak, []).append(name)
        self._lengths = sorted({len(n) for n in names if len(n) <= LONGEST_NAME}, reverse=True)

    @classmethod
    def build(cls, names: Iterable[str]) -> "NameBook":
        """Names in folded form, each once."""
        listed = sorted(set(names))
        hashes: list[int] = []
        owners: list[int] = []
        for index, name in enumerate(listed):
            if len(name) > LONGEST_NAME:
                continue
            forms = {name, short_names(name)[0]} - {""}
            for key in {key for form in forms for key in _sound_keys(sounds(form))}:
                hashes.append(key)
                owners.append(index)
        packed = np.array(hashes, dtype=np.uint64)
        order = np.argsort(packed, kind="stable")
        return cls(listed, packed[order], np.array(owners, dtype=np.int32)[order])

    def save(self, folder: Path) -> None:
        """Writes the names and their sounds."""
        (folder / "names.txt").write_text("\n".join(self._names), encoding="utf-8")
        np.save(folder / "sound_hash.npy", self._sound_hash, allow_pickle=False)
        np.save(folder / "sound_name.npy", self._sound_name, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "NameBook":
        """Reads what `save` wrote; the arrays stay on disk until used."""
        text = (folder / "names.txt").read_text(encoding="utf-8")
        hashes = np.load(folder / "sound_hash.npy", mmap_mode="r", allow_pickle=False)
        return cls(text.split("\n") if text else [], hashes, np.load(folder / "sound_name.npy", mmap_mode="r"))

    def __len__(self) -> int:
        return len(self._names)

    def names(self) -> tuple[str, ...]:
        """All names, for the entity finder's dictionary."""
        return tuple(self._names)

    def spelled_in(self, text: str) -> list[NameHit]:
        """Listed names written in the text, leftmost longest, not overlapping."""
        hits: list[NameHit] = []
        at = 0
        while at < len(text):
            for length in self._lengths:
                piece = text[at : at + length]
                if len(piece) == length and piece in self._exact and not _is_inside_a_word(text, at, at + length):
                    hits.append(NameHit(piece, at, at + length, EXACT_QUALITY))
                    at += length
                    break
            else:
                at += 1
        return hits

    def written_in(self, text: str) -> list[NameHit]:
        """Listed names in the text, in full or in short form; of two that overlap the longer one is meant."""
        spelled = self.spelled_in(text)
        short = self._shortened_in(text, spelled)
        kept = [hit for hit in spelled if not any(s.start < hit.end and hit.start < s.end for s in short)]
        return kept + short

    def _shortened_in(self, text: str, spelled: list[NameHit]) -> list[NameHit]:
        """Names without 小区, or without 花园 where a house follows, where no name as long is written in full."""
        hits: list[NameHit] = []
        for start in range(len(text)):
            for end in range(min(len(text), start + LONGEST_NAME), start + 1, -1):
                taken = any(s.start < end and start < s.end and s.end - s.start >= end - start for s in spelled)
                if not taken and not any(start < hit.end for hit in hits):
                    hits += self._short_at(text, start, end)
        return hits

    def _short_at(self, text: str, start: int, end: int) -> list[NameHit]:
        piece = text[start:end]
        house_follows = end < len(text) and (text[end].isdigit() or text[end] in "ABCDEFGH")
        if piece in self._short and (house_follows or end == len(text) or len(piece) > 2):
            return [NameHit(n, start, end, SHORT_QUALITY, Reason.SHORT_NAME) for n in self._short[piece]]
        if piece in self._weak and (house_follows or len(text) == len(piece)):
            return [NameHit(n, start, end, WEAK_QUALITY, Reason.SHORT_NAME) for n in self._weak[piece]]
        return []

    def similar_in(self, text: str, windows: list[tuple[int, int]]) -> list[NameHit]:
        """Listed names that sound like a window of the text or are one slip away: the best ones, at most three."""
        heard = sounds(text)
        keys: list[int] = []
        sources: list[int] = []
        for source, (start, end) in enumerate(windows):
            fresh = _sound_keys(heard[start:end])
            keys += fresh
            sources += [source] * len(fresh)
        wanted = np.array(keys, dtype=np.uint64)
        lows = self._sound_hash.searchsorted(wanted, "left")
        highs = self._sound_hash.searchsorted(wanted, "right")
        pairs = {
            (sources[i], int(self._sound_name[at]))
            for i in np.flatnonzero(highs > lows).tolist()
            for at in range(int(lows[i]), min(int(highs[i]), int(lows[i]) + MOST_UNDER_ONE_SOUND))
        }
        hits = []
        for source, owner in pairs:
            start, end = windows[source]
            hit = self._judge(self._names[owner], text[start:end], heard[start:end], start)
            if hit:
                hits.append(hit)
        hits.sort(key=lambda hit: (-hit.quality, hit.start - hit.end, hit.name))
        return _one_each([hit for hit in hits if hit.quality == hits[0].quality])[:MOST_SIMILAR]

    def _judge(self, name: str, piece: str, heard: tuple[str, ...], start: int) -> NameHit | None:
        best: NameHit | None = None
        for form in {name, short_names(name)[0]} - {""}:
            quality = _likeness(form, piece, heard)
            if quality and (best is None or quality > best.quality):
                reason = Reason.SAME_SOUND if quality >= SOUND_QUALITY else Reason.SIMILAR_SPELLING
                best = NameHit(name, start, start + len(piece), quality, reason)
        return best


def _one_each(hits: list[NameHit]) -> list[NameHit]:
    """The first hit of every name."""
    first: dict[str, NameHit] = {}
    for hit in hits:
        first.setdefault(hit.name, hit)
    return list(first.values())


def _likeness(form: str, piece: str, heard: tuple[str, ...]) -> float:
    """How well the piece stands for the form: 0 when it must not."""
    spoken = sounds(form)
    distance = OSA.distance(spoken, heard, score_cutoff=1)
    if distance == 0:
        return SOUND_QUALITY
    core = len(short_names(form)[0] or form)
    if distance > 1 or core < SHORTEST_FOR_A_SLIP or len(piece) < 2:
        return 0.0
    listed, said = _fixed_of(form), _fixed_of(piece)
    if listed != said and not (said < listed and len(piece) < len(form)):
        return 0.0
    if len(form) == len(piece) and core < SHORTEST_FOR_A_SWAP:
        return 0.0
    return SLIP_QUALITY


def _fixed_of(name: str) -> frozenset[str]:
    """Directions, sizes, digits and letters tell places apart; they may be left out, never corrected."""
    return _FIXED.intersection(name)


def _is_inside_a_word(text: str, start: int, end: int) -> bool:
    """东街 inside 东街道办 is a street's office, not the road."""
    return text[end - 1] == "街" and text[end : end + 1] == "道"
