"""From a file to rows with line numbers: encodings (UTF-8, GBK, Excel's UTF-16), quotes, headings.

Only form is judged here; what a cell means is the business of the kind's own parser.
"""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from backend.imports.problems import Fault, Problem, UnreadableFile

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column, stripped; `line` is where it begins."""

    line: int
    cells: dict[str, str]


def detect_encoding(path: Path) -> str:
    """`utf-8-sig`, `utf-16` or `gb18030`. Raises UnreadableFile when the bytes are neither."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise UnreadableFile("the file is not text in UTF-8 or GBK", fault=Fault.NOT_TEXT)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                if "\x00" in decoder.decode(chunk):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def heading_of(path: Path, encoding: str) -> list[str]:
    """The column names of the first line, lower case, for telling the kinds apart."""
    with path.open(encoding=encoding, newline="") as file:
        line = file.readline(10_000)
    return [cell.strip().lower() for cell in next(csv.reader([line], delimiter=_delimiter(line)), [])]


def _delimiter(heading: str) -> str:
    """Excel writes tabs as "Unicode text" and semicolons in some settings."""
    return max(",\t;", key=heading.count) if heading else ","


def read_table(
    path: Path, encoding: str, columns: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[Row | Problem]:
    """Rows of a CSV file, and a problem for each row whose form is broken. Missing columns end the reading."""
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline(10_000)
        heading = [cell.strip().lower() for cell in next(csv.reader([first], delimiter=_delimiter(first)), [])]
        missing = [column for column in columns if column not in heading]
        if missing:
            yield Problem(1, Fault.COLUMN_MISSING, {"columns": ", ".join(missing)})
            return
        extra = [cell for cell in heading if cell and cell not in (*columns, *optional)]
        if extra:
            yield Problem(1, Fault.COLUMN_EXTRA, {"columns": ", ".join(extra)})
        yield from _rows(file, _delimiter(first), heading)


def _rows(file: TextIO, delimiter: str, heading: list[str]) -> Iterator[Row | Problem]:
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 2  # the heading was read before the reader began to count
        try:
            cells = next(reader, None)
        except csv.Error as broken:
            yield Problem(line, Fault.ROW_BROKEN, {"detail": str(broken)})
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heading):
            yield Problem(line, Fault.CELL_COUNT, {"wanted": str(len(heading)), "found": str(len(cells))})
            continue
        yield Row(line, {name: cell.strip() for name, cell in zip(heading, cells, strict=True)})
