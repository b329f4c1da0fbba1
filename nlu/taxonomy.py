"""Which matters exist and what follows from each: read once from taxonomy.yml into frozen facts, refused if unsound.

A district may override limits and units in its own settings; this file is what holds when nothing else is said.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

import yaml

from nlu.contract import Urgency
from nlu.errors import LinliError

SHIPPED = Path(__file__).with_name("taxonomy.yml")
CLASSES = (
    *("urban", "rural", "justice", "education", "labour", "civil", "party", "economy", "health"),
    *("commerce", "environment", "transport", "discipline", "land", "technology"),
)
Unit = Literal["working_hours", "working_days", "hours", "days"]
Level = Literal["grid", "community", "street", "district"]
Evidence = Literal["photo", "reply", "none"]


class TaxonomyRefused(LinliError):
    """The taxonomy contradicts itself; the message names the leaf and the field."""

    code = "taxonomy_refused"
    status = 500


class UnknownCategory(LinliError):
    """There is no such category."""

    code = "unknown_category"
    status = 404


@dataclass(frozen=True, slots=True)
class Limit:
    """How long: `amount` of `unit`; working units follow the district's calendar."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Leaf:
    """One matter. `questions` are keys of the texts files (`ask.<key>`), `evidence` is what closing needs."""

    code: str
    name: str
    aliases: tuple[str, ...]
    examples: tuple[str, ...]
    urgency: Urgency
    limit: Limit
    usual_unit: str
    highest_level: Level
    may_settle_in_grid: bool
    questions: tuple[str, ...]
    evidence: Evidence

    @property
    def class_code(self) -> str:
        """The class the leaf belongs to: `urban` of `urban.lighting`."""
        return self.code.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All leaves by code, and the classes with their official first-level names."""

    classes: MappingProxyType[str, str]
    leaves: MappingProxyType[str, Leaf]
    questions: frozenset[str]

    def leaf(self, code: str) -> Leaf:
        """The leaf with this code; raises `UnknownCategory`."""
        found = self.leaves.get(code)
        if found is None:
            raise UnknownCategory(f"no category {code!r}", category=code)
        return found

    def name_of(self, code: str) -> str:
        """The Chinese name of a leaf or class; an unknown code stands for itself (an old model may know it)."""
        found = self.leaves.get(code)
        return found.name if found else self.classes.get(code, code)

    def leaves_of(self, class_code: str) -> tuple[Leaf, ...]:
        """The leaves of one class, in the order of the file."""
        return tuple(leaf for leaf in self.leaves.values() if leaf.class_code == class_code)


@lru_cache(maxsize=4)
def load_taxonomy(path: Path = SHIPPED) -> Taxonomy:
    """Reads and checks a taxonomy file; raises `TaxonomyRefused` naming what is wrong."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - the safe loader, in C where built
        classes = {str(code): str(name) for code, name in raw["classes"].items()}
        questions = frozenset(map(str, raw["questions"]))
        entries = raw["leaves"].items()
    except (OSError, yaml.YAMLError, KeyError, AttributeError, TypeError) as broken:
        raise TaxonomyRefused(f"{path.name}: {broken}") from broken
    if tuple(classes) != CLASSES:
        raise TaxonomyRefused(f"{path.name}: the classes must be {', '.join(CLASSES)}")
    leaves = {str(code): _leaf(str(code), entry, questions) for code, entry in entries}
    return Taxonomy(MappingProxyType(classes), MappingProxyType(leaves), questions)


def _leaf(code: str, entry: dict[str, Any], questions: frozenset[str]) -> Leaf:
    def refuse(field: str) -> TaxonomyRefused:
        return TaxonomyRefused(f"{code}: {field}", category=code, field=field)

    if code.partition(".")[0] not in CLASSES:
        raise refuse("class")
    try:
        amount, _, unit = str(entry["limit"]).partition(" ")
        leaf = Leaf(
            code=code,
            name=str(entry["name"]),
            aliases=tuple(map(str, entry["aliases"])),
            examples=tuple(map(str, entry["examples"])),
            urgency=Urgency(entry["urgency"]),
            limit=Limit(int(amount), unit),  # type: ignore[arg-type]  # checked two lines below
            usual_unit=str(entry["unit"]),
            highest_level=entry["highest"],
            may_settle_in_grid=entry["in_grid"],
            questions=tuple(map(str, entry["ask"])),
            evidence=entry["close"],
        )
    except (KeyError, ValueError, TypeError) as broken:
        raise refuse(str(broken)) from broken
    checks = {
        "name": bool(leaf.name),
        "aliases": bool(leaf.aliases),
        "examples": 2 <= len(leaf.examples) <= 3,
        "limit": leaf.limit.amount > 0 and leaf.limit.unit in get_args(Unit),
        "highest": leaf.highest_level in get_args(Level),
        "in_grid": isinstance(leaf.may_settle_in_grid, bool),
        "ask": questions.issuperset(leaf.questions),
        "close": leaf.evidence in get_args(Evidence),
    }
    for field, sound in checks.items():
        if not sound:
            raise refuse(field)
    return leaf


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
