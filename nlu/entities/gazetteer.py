"""The district's own place names, found in running text by one automaton pass."""

from collections.abc import Iterable
from dataclasses import dataclass

import ahocorasick

from nlu.normalise import clean

SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A known name in the cleaned text, `text[start:end]`."""

    start: int
    end: int
    name: str


class Gazetteer:
    """Names of roads, estates, landmarks and areas; shorter than two characters are left out."""

    def __init__(self, names: Iterable[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        for name in names:
            plain = clean(name).text.strip().lower()
            if len(plain) >= SHORTEST:
                self._automaton.add_word(plain, plain)
        self._empty = len(self._automaton) == 0
        if not self._empty:
            self._automaton.make_automaton()

    def find(self, text: str) -> list[Place]:
        """Longest names first come first served, no overlaps, in order of the text. Linear."""
        if self._empty:
            return []
        found: list[Place] = []
        for last, name in self._automaton.iter_long(text.lower()):
            found.append(Place(last - len(name) + 1, last + 1, name))
        return found
