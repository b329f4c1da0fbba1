"""Several problems in one message: where one ends and the next begins, so that each gets its own draft.

Residents number them, or mark the next by 另外, 还有, 顺便, 第二. Only then is a text cut: two sentences about one
matter stay together, and the counter may still ask.
"""
# ruff: noqa: E501 - one alternative of the pattern is one line

import re

from nlu.normalise import Cleaned

_MARK = re.compile(
    r"(?:(?<=[,。;!?\n ])|(?<=^))(?:另外|还有(?:个|一个|一件|就是|件)?(?:问题|事|事情)?|再(?:一个|就是|有)|此外|顺便(?:问|说|反映|再|讲)?|其次|第[二三四五]|对了|同时(?:反映|还)|还想(?:反映|问|说))"
    r"|(?:(?<=[,。;!?\n ])|(?<=^))[1-9一二三四五][、.)](?!\d)|[①②③④⑤]"
)
_SHORTEST = 4
_WORD = re.compile(r"[一-鿿]")


def split_problems(cleaned: Cleaned) -> tuple[tuple[int, int], ...]:
    """Spans (of the original) of the separate problems; empty when the message holds one. Linear."""
    text = cleaned.text
    cuts = [match.start() for match in _MARK.finditer(text)]
    if not cuts:
        return ()
    starts = [0, *(cut for cut in cuts if cut > 0)]
    pieces: list[tuple[int, int]] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        piece = text[start:end].strip(" ,。;!?\n")
        if len(_WORD.findall(piece)) >= _SHORTEST:
            begin = text.index(piece, start)
            pieces.append((begin, begin + len(piece)))
    if len(pieces) < 2:
        return ()
    return tuple(cleaned.span(start, end) for start, end in pieces)
