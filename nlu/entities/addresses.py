"""Addresses in running text: pieces (named road, numbered house, estate, landmark …) joined into whole spans.

A piece is found by what ends it (路, 小区, 3号楼) and grows to the left until a word that cannot belong to a name.
Neighbouring pieces join; "behind", "opposite" and "that alley" close the span. A lone generic word (学校, 小区, 5楼)
is no address unless something tells which one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlu.contract import EntityType
from nlu.entities.address_words import (
    ACTION,
    ADMIN,
    ESTATES,
    GENERIC,
    GENERIC_TAILS,
    HOME,
    LANDMARKS,
    NUMBERED,
    POSTAL_TAIL,
    PROBLEM,
    RELATION,
    ROADS,
    STOP,
    SUFFIX,
)
from nlu.entities.gazetteer import Place
from nlu.entities.spans import Span

LONGEST_NAME = 10
LONGEST_POSTAL = 80
_SENTENCE = re.compile(r"[,。!?;:\n]")
_NAME_RUN = re.compile(r"[一-鿿A-Za-z0-9·]*\Z")
_JOIN = re.compile(r"[ ,、_\-—()·]{0,2}")
_BEFORE_BARE = frozenset(
    {"road", "building", "unit", "floor", "estate", "number", "phase", "place", "room", "landmark"}
)
_NUMBERED_ROADS = frozenset({"国道", "省道", "县道", "高速"})
_NUMBERED_KINDS = frozenset({"building", "unit", "floor", "room", "number", "phase"})
_BEFORE_HOUSEHOLD = frozenset("我你他她它咱俺们有那这几一两哪某每")
_CROSSING = frozenset("和与跟到至")
_FROM = frozenset("从由自")
_INSIDE = re.compile("平台|大厅|走廊|过道|露台|天井|楼梯间|拐角")
_ORDINAL = re.compile(r"的?第[一二三四五六七八九十\d]{1,2}[个座栋排条]")
_ENDINGS = {word[-1] for words in (ROADS, ADMIN, ESTATES, LANDMARKS) for word in words.split()}
_QUICK = re.compile(rf"[{''.join(sorted(_ENDINGS))}栋幢座号#单元层楼室户]")
"""A text without any of these names no place."""


@dataclass(slots=True)
class _Piece:
    """`kind` as in `Entity.parts`; `named` says that it tells which one."""

    kind: str
    start: int
    end: int
    named: bool


def find_addresses(text: str, places: Sequence[Place] = (), others: Sequence[Span] = ()) -> Iterator[Span]:
    """Address spans of the cleaned `text` in order.

    `places` are the gazetteer's findings; `others` (times, numbers) are already claimed: no name reaches into them.
    """
    for home in HOME.finditer(text):
        yield Span(EntityType.ADDRESS, home.group(), home.start(), home.end(), {"relation": home.group()})
    if not places and _QUICK.search(text) is None:
        return
    pieces = _pieces(text, places, sorted((span.start, span.end) for span in others))
    if pieces and _is_postal(text, pieces):
        yield from _close(text, pieces, _postal_end(text))
        return
    group: list[_Piece] = []
    for piece in pieces:
        if group and not _joins(text, group[-1], piece):
            yield from _close(text, group)
            group = []
        group.append(piece)
    if group:
        yield from _close(text, group)


def _is_postal(text: str, pieces: list[_Piece]) -> bool:
    """Whether the whole message is one written-out address: it opens with an area and holds no other words."""
    if pieces[0].start != 0 or pieces[0].kind != "admin" or len(text) > LONGEST_POSTAL:
        return False
    enough = len(pieces) >= 2 or pieces[0].end >= 6
    return enough and _SENTENCE.search(text) is None and PROBLEM.search(text) is None and ACTION.search(text) is None


def _postal_end(text: str) -> int:
    """Where a postal address ends: without "call me" at the end."""
    tail = POSTAL_TAIL.search(text)
    return tail.start() if tail is not None else len(text)


def _joins(text: str, left: _Piece, right: _Piece) -> bool:
    """Whether two pieces belong to one address: nothing between them, or two roads that cross."""
    between = text[left.end : right.start]
    if left.kind == right.kind == "road" and between in _CROSSING:
        return text[max(0, left.start - 1) : left.start] not in _FROM
    if left.kind == right.kind == "building" and between in {"和", "与"}:
        return RELATION.match(text, right.end) is not None
    if between == "的":
        return right.kind in _NUMBERED_KINDS
    if _ORDINAL.fullmatch(between):
        return right.kind in {"landmark", "road", "building"}
    if right.kind != "admin" and right.start > left.end and RELATION.fullmatch(text, left.end, right.start):
        return right.kind in _NUMBERED_KINDS or not right.named  # 福利院隔壁 + 工地; 后门那栋灰楼 + 四层
    return _JOIN.fullmatch(text, left.end, right.start) is not None


def _pieces(text: str, places: Sequence[Place], claimed: list[tuple[int, int]]) -> list[_Piece]:
    """All pieces from left to right, none overlapping; each pattern runs over the text once."""
    found: list[_Piece] = []
    floor = 0
    taken = iter((*claimed, (len(text), len(text))))
    begin, end = next(taken)
    for start, match in _candidates(text, places):
        while end <= start and end < len(text):
            floor = max(floor, end)
            begin, end = next(taken)
        if start < floor or begin <= start < end:
            continue
        if isinstance(match, Place):
            found.append(_Piece("place", match.start, match.end, True))
            floor = match.end
            continue
        piece = _piece(text, match, floor, found)
        if piece is None:
            continue
        if found and _is_one_name(found[-1], piece):
            start = found.pop().start
            piece = _Piece(piece.kind, start, piece.end, True)
        found.append(piece)
        floor = piece.end
    return found


def _is_one_name(left: _Piece, right: _Piece) -> bool:
    """花园 + 大道: two endings without a name of their own make one name."""
    endings = {"road", "estate", "landmark", "admin"}
    glued = left.end == right.start and not left.named and not right.named
    return glued and left.kind in endings and right.kind in {"road", "estate"}


def _candidates(text: str, places: Sequence[Place]) -> list[tuple[int, re.Match[str] | Place]]:
    """Known places, numbered pieces and name endings by where they start; at one place in this order."""
    streams: tuple[Sequence[Place] | Iterator[re.Match[str]], ...] = (
        places,
        NUMBERED.finditer(text),
        SUFFIX.finditer(text),
    )
    ordered = [
        (item.start if isinstance(item, Place) else item.start(), rank, item)
        for rank, stream in enumerate(streams)
        for item in stream
    ]
    ordered.sort(key=lambda entry: entry[:2])
    return [(start, item) for start, _, item in ordered]


def _piece(text: str, match: re.Match[str], floor: int, before: list[_Piece]) -> _Piece | None:
    """The piece a match ends, grown to the left; None when it is only a common word."""
    kind = str(match.lastgroup)
    joined = bool(before) and _follows(text, before[-1].end, match.start())
    if match.re is NUMBERED:
        return _numbered(text, match, kind, floor, joined, before)
    start = _name_start(text, floor, match.start())
    end = match.end()
    word = text[start:end]
    if kind == "road" and match.group() == "道" and len(word) < 3:
        return None
    if kind == "road" and (word.endswith(GENERIC_TAILS) or word[:-1].isdecimal()):
        return None
    named = len(word) - len(match.group()) >= 1 and word not in GENERIC
    if kind == "road" and match.group() in _NUMBERED_ROADS and text[end : end + 1].isdecimal():
        named = True
    if kind in {"admin", "estate"} and len(match.group()) == 1:
        named = named and len(word) >= (3 if kind == "estate" else 2)
    told = kind in {"landmark", "estate"} or (kind == "road" and (joined or _is_told(text, end, word)))
    if not named and not (len(match.group()) > 1 and told):
        return None
    return _Piece(kind, start, end, named)


def _follows(text: str, end: int, start: int) -> bool:
    """Whether what starts at `start` belongs to the place that ends at `end`: at once, or after 后门那栋楼."""
    return _JOIN.fullmatch(text, end, start) is not None or RELATION.fullmatch(text, end, start) is not None


def _is_told(text: str, end: int, word: str) -> bool:
    """后街那条巷子, 步行街中段: a road of no name that the words after it tell."""
    return word not in GENERIC and RELATION.match(text, end) is not None


def _numbered(
    text: str, match: re.Match[str], kind: str, floor: int, joined: bool, before: list[_Piece]
) -> _Piece | None:
    """Numbers count after another piece; a building also alone, with the name that stands before it."""
    last = before[-1] if before else None
    if kind == "side":
        return _Piece("room", match.start(), match.end(), False) if joined else None
    if kind == "bare":
        if last is None or not joined or last.kind not in _BEFORE_BARE:
            return None
        return _Piece("number" if last.kind == "road" else "room", match.start(), match.end(), False)
    start = match.start()
    glued = joined
    if not joined:
        grown = _name_start(text, floor, start)
        glued = last is not None and grown == last.end
        named = start - grown >= 2 and kind in {"building", "unit"}
        start = grown if glued or named else start
    if kind in {"building", "unit"} or glued or (kind == "floor" and _INSIDE.match(text, match.end())):
        return _Piece(kind, start, match.end(), start < match.start())
    return None


def _name_start(text: str, floor: int, end: int) -> int:
    """How far left a name reaches from `end`: not past `floor`, a stop word, or ten characters."""
    lowest = max(floor, end - LONGEST_NAME)
    run = _NAME_RUN.search(text, lowest, end)
    start = run.start() if run is not None else end
    for stop in STOP.finditer(text, start, end):
        start = stop.end()
    if text.startswith("家", start) and start and start < end and text[start - 1] in _BEFORE_HOUSEHOLD:
        start += 1
    return start


def _close(text: str, group: list[_Piece], postal_end: int | None = None) -> Iterator[Span]:
    """A group becomes an address when it says which place, perhaps with the help of a relation after it."""
    start, end = group[0].start, group[-1].end
    relation = RELATION.match(text, end)
    if relation is not None and relation.group() != "":
        end = relation.end()
    kinds = {piece.kind for piece in group}
    sure: bool = any(piece.named and piece.kind != "admin" for piece in group) or not kinds.isdisjoint(
        {"building", "place"}
    )
    admin = [piece for piece in group if piece.kind == "admin" and piece.named]
    sure = sure or len(admin) >= 2 or any(text[p.end - 1] in "村镇屯寨区道" and p.end - p.start >= 3 for p in admin)
    sure = sure or (relation is not None and not kinds.isdisjoint({"landmark", "estate", "road"}))
    sure = sure or (kinds == {"floor"} and _INSIDE.match(text, group[-1].end) is not None)
    sure = sure or len(kinds & {"unit", "floor", "room"}) >= 2
    sure = sure or any(RELATION.fullmatch(text, left.end, right.start) for left, right in pairwise(group))
    if not sure and postal_end is None:
        return
    end = postal_end or end
    parts: dict[str, str] = {}
    for piece in group:
        key = {"bare": "room", "side": "room"}.get(piece.kind, piece.kind)
        parts[key] = text[piece.start : piece.end] if key not in parts else parts[key] + text[piece.start : piece.end]
    if relation is not None:
        parts["relation"] = relation.group()
    yield Span(EntityType.ADDRESS, text[start:end], start, end, parts)
