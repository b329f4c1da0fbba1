"""Finding cases by words: every two neighbouring characters are a token, so that Chinese needs no dictionary.

`CaseSearch` keeps what can be found of a case; the tokens lie in an inverted index beside it (SQLite: FTS5 without
content, newest first by row id; PostgreSQL: a tsvector). Both are written by the transaction that changes the case.
The area and whether the case is live are tokens too: a street's search never walks another street's matches.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, cast, column, func, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.cases.models import CASE_WORDS, Case, CaseSearch

LONGEST = 2_000  # characters of a description that can be found
FOUND = table(CASE_WORDS, column("rowid"), column(CASE_WORDS))
_ADD = text("INSERT INTO case_words(rowid, words) VALUES (:id, :words)")
_TAKE = text("INSERT INTO case_words(case_words, rowid, words) VALUES ('delete', :id, :words)")


def plain(said: str) -> str:
    """Letters, digits and characters only, in one width and one case: "3 号楼，灯" and "３号楼灯" are the same."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", said).casefold() if sign.isalnum())


def tokens(words: str, tags: str) -> str:
    """What the inverted index holds: each pair once, the last character alone, and the tags."""
    pairs = dict.fromkeys(words[place : place + 2] for place in range(len(words)))
    return " ".join([*pairs, *tags.split()])


def said_of(case: Case) -> tuple[str, str]:
    """What of a case can be found, and its tags."""
    body = case.description[:LONGEST]
    title = "" if body.startswith(case.title.rstrip("…")) else case.title
    return plain(f"{case.number} {title} {body} {case.place}"), tags_of(case.area_path, live=case.closed_at is None)


def tags_of(area_path: str, *, live: bool) -> str:
    """The areas below the district, and whether it is live; no sign of a tag can stand in words."""
    areas = [f"@{code}" for code in area_path.strip("/").split("/")[1:]]
    return " ".join([*areas, "#live" if live else "#ended"])


async def keep_searchable(session: AsyncSession, case: Case) -> None:
    """Brings the index to the case as it stands, in the caller's transaction; nothing is written when nothing moved."""
    assert case.id is not None
    words, tags = said_of(case)
    kept = await session.get(CaseSearch, case.id)
    if kept is not None and (kept.words, kept.tags) == (words, tags):
        return
    sqlite = session.get_bind().dialect.name == "sqlite"
    if sqlite and kept is not None:
        await session.execute(_TAKE, {"id": case.id, "words": tokens(kept.words, kept.tags)})
    if sqlite:
        await session.execute(_ADD, {"id": case.id, "words": tokens(words, tags)})
    if kept is None:
        kept = CaseSearch(district_code=case.district_code, case_id=case.id, words=words, tags=tags)
    kept.words, kept.tags = words, tags
    if not sqlite:
        pairs = cast(bindparam(None, tokens(words, tags).split(), type_=ARRAY(Text)), ARRAY(Text))
        kept.lexemes = func.array_to_tsvector(pairs)
    session.add(kept)
    await session.flush()


async def make_searchable(session: AsyncSession, cases: Iterable[Case]) -> None:
    """For bulk loads, which write past the rules."""
    for case in cases:
        await keep_searchable(session, case)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search: its parts are all to be found; `tags` narrow it within the index."""

    parts: tuple[str, ...]
    tags: tuple[str, ...] = ()

    @classmethod
    def read(cls, said: str, tags: Sequence[str] = ()) -> "Wanted":
        """Words apart by spaces; signs nobody can search for are left out."""
        return cls(tuple(dict.fromkeys(part for word in said.split() if (part := plain(word)))), tuple(tags))

    def _pairs(self) -> list[str]:
        pairs = [part[place : place + 2] for part in self.parts for place in range(max(1, len(part) - 1))]
        return list(dict.fromkeys(pairs))

    def fts5(self) -> str:
        """As SQLite's MATCH wants it; one character alone is the beginning of a pair."""
        return " AND ".join([*(f'"{pair}"{" *" if len(pair) == 1 else ""}' for pair in self._pairs()), *self._quoted()])

    def tsquery(self) -> str:
        """As PostgreSQL wants it."""
        pairs = [f"'{pair}'{':*' if len(pair) == 1 else ''}" for pair in self._pairs()]
        return " & ".join([*pairs, *(f"'{tag}'" for tag in self.tags)])

    def _quoted(self) -> list[str]:
        return [f'"{tag}"' for tag in self.tags]

    def exactly(self) -> list[ColumnElement[bool]]:
        """Pairs may meet by chance: each part must stand there as it was written."""
        return [col(CaseSearch.words).contains(part, autoescape=True) for part in self.parts if len(part) > 2]


def join_found(statement: Any, wanted: Wanted, *, sqlite: bool) -> tuple[Any, Any]:
    """The statement over cases narrowed to what was found, and the column whose falling order is newest first."""
    statement = statement.join(CaseSearch, col(CaseSearch.case_id) == col(Case.id)).where(*wanted.exactly())
    if not sqlite:
        matches = col(CaseSearch.lexemes).op("@@")(cast(wanted.tsquery(), TSQUERY))
        return statement.where(matches), col(Case.id)
    statement = statement.join(FOUND, FOUND.c.rowid == col(Case.id))
    return statement.where(FOUND.c[CASE_WORDS].op("MATCH")(wanted.fts5())), FOUND.c.rowid
