"""A report as a spreadsheet that is safe to open and says whose copy it is.

Text that a spreadsheet would read as a formula is made plain text; signs that no cell may hold are dropped; the
watermark stands in the first row and on every printed page.
"""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST_CELL = 32_000  # Excel's own limit is 32,767
WIDEST = 48
Cell = str | int | float | None


def safe(value: Cell) -> Cell:
    """A value no spreadsheet takes for a formula; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_CELL]
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def workbook(title: str, heading: Sequence[str], rows: Iterable[Sequence[Cell]], watermark: str) -> bytes:
    """An xlsx file with one sheet. `watermark` says who took it out and when."""
    book = Workbook()
    sheet = book.active
    sheet.title = ILLEGAL_CHARACTERS_RE.sub("", title).translate(str.maketrans("[]:*?/\\", "       "))[:31] or "1"
    sheet.append([safe(watermark)])
    sheet.append([safe(name) for name in heading])
    widths = [len(name) * 2 for name in heading]
    for row in rows:
        cells = [safe(value) for value in row]
        sheet.append(cells)
        widths = [max(w, len(str(c or "")) + 2) for w, c in zip(widths, cells, strict=True)]
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(WIDEST, max(8, width))
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    sheet["A1"].font = Font(italic=True, color="808080")
    sheet.freeze_panes = "A3"
    sheet.oddFooter.center.text = str(safe(watermark)).replace("&", "&&")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
