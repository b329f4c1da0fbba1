"""Every sentence people read, one folder per language, one file per room: `zh_CN/notices.yml`, `en/notices.yml` …

A key is `file.section.name`. A sentence may have several wordings (a YAML list): which one is said depends only on
`seed`, so that a replay says the same again. A key that one language lacks is an error at start, not at the counter.
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, ClassVar
from zlib import crc32

import yaml

from nlu.errors import LinliError

LANGUAGES = ("zh_CN", "en")
Wordings = tuple[str, ...]


class TextMissing(LinliError):
    """A sentence is missing in one of the languages; add it to the file that the key names."""

    code: ClassVar[str] = "text_missing"
    status: ClassVar[int] = 500


class Texts:
    """All sentences in all languages; immutable after loading."""

    def __init__(self, tables: Mapping[str, Mapping[str, Wordings]]) -> None:
        self._tables = tables

    @classmethod
    def load(cls) -> "Texts":
        """Reads the packaged files. Raises `TextMissing` when the languages do not hold the same keys."""
        tables = {language: _read_language(language) for language in LANGUAGES}
        for language in LANGUAGES[1:]:
            odd = sorted(set(tables[LANGUAGES[0]]) ^ set(tables[language]))
            if odd:
                raise TextMissing(f"keys that only one of zh_CN and {language} has: {', '.join(odd[:20])}")
        return cls(tables)

    def say(self, key: str, language: str = "zh_CN", *, seed: str = "", **facts: object) -> str:
        """The sentence `key` in `language` (unknown languages read Chinese), with `facts` filled in."""
        table = self._tables.get(language, self._tables[LANGUAGES[0]])
        wordings = table.get(key)
        if wordings is None:
            raise TextMissing(f"no sentence {key!r}")
        chosen = wordings[crc32(seed.encode()) % len(wordings)]
        return chosen.format_map(facts) if facts else chosen

    def wordings(self, key: str, language: str = "zh_CN") -> Wordings:
        """Every wording of a sentence."""
        return self._tables[language].get(key, ())

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self._tables[LANGUAGES[0]]

    def keys(self, prefix: str = "") -> list[str]:
        """All keys below a prefix, sorted."""
        return sorted(key for key in self._tables[LANGUAGES[0]] if key.startswith(prefix))


def _read_language(language: str) -> dict[str, Wordings]:
    table: dict[str, Wordings] = {}
    for entry in sorted(files(__name__).joinpath(language).iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".yml"):
            _flatten(yaml.safe_load(entry.read_text(encoding="utf-8")) or {}, entry.name[:-4], table)
    return table


def _flatten(node: Any, prefix: str, table: dict[str, Wordings]) -> None:
    if isinstance(node, Mapping):
        for name, below in node.items():
            _flatten(below, f"{prefix}.{name}", table)
    elif isinstance(node, list):
        table[prefix] = tuple(str(one).rstrip("\n") for one in node)
    else:
        table[prefix] = (str(node).rstrip("\n"),)
