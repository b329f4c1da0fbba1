"""What may enter from a vendor: size, depth, encoding and form are checked before anything reads the content."""

import json
import re
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from bot.channels.limits import WEBHOOK_BODY_BYTES, XML_DEPTH
from bot.channels.refusals import BodyTooLarge, MalformedBody

_DECLARED_ENCODING = re.compile(r"""^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_LONE = re.compile("[\ud800-\udfff]")


class _Shape:
    """A parser target that keeps nothing: it measures depth and refuses repeated top-level fields."""

    def __init__(self) -> None:
        self.depth = 0
        self.fields: set[str] = set()

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > XML_DEPTH:
            raise BodyTooLarge(f"XML nested deeper than {XML_DEPTH}")
        if self.depth == 2:
            if tag in self.fields:
                raise MalformedBody("a field comes twice")
            self.fields.add(tag)

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def data(self, _text: str) -> None:
        return

    def close(self) -> None:
        return


def decode_body(body: bytes, limit: int = WEBHOOK_BODY_BYTES) -> str:
    """The body as text. BodyTooLarge above `limit` bytes; MalformedBody unless it is UTF-8."""
    if len(body) > limit:
        raise BodyTooLarge(f"more than {limit} bytes")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedBody("not UTF-8") from error


def check_xml(text: str) -> str:
    """The same text if it is plain XML: no DOCTYPE, no entities, UTF-8, shallow, no repeated field."""
    declared = _DECLARED_ENCODING.match(text)
    if declared and declared.group(1).lower() not in ("utf-8", "utf8"):
        raise MalformedBody("an encoding other than UTF-8")
    parser = DefusedXMLParser(target=_Shape(), forbid_dtd=True)
    try:
        parser.feed(text)
        parser.close()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise MalformedBody("not plain XML") from error
    return text


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedBody("a key comes twice")
    return found


def _no_constants(name: str) -> None:
    raise MalformedBody(f"{name} is not JSON")


def read_json_object(body: bytes, limit: int = WEBHOOK_BODY_BYTES) -> dict[str, Any]:
    """A JSON object, strictly: no repeated keys, no NaN or Infinity, not nested beyond reason."""
    text = decode_body(body, limit)
    try:
        value = json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constants)
    except RecursionError as error:
        raise BodyTooLarge("JSON nested too deep") from error
    except ValueError as error:
        raise MalformedBody("not JSON") from error
    if not isinstance(value, dict):
        raise MalformedBody("not a JSON object")
    return value


def clean_text(text: str) -> str:
    """Text that any database stores: NUL removed, lone surrogates replaced by U+FFFD."""
    return text if text.isascii() and "\x00" not in text else _LONE.sub("\ufffd", text.replace("\x00", ""))
