"""The way back: records as the five files a district would import, for samples, transfers and round-trip tests."""

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from backend.imports.records import AreaRecord, Kind, Record
from backend.imports.tables import COLUMNS, OPTIONAL

RENAMED = {"alias": "aliases"}  # the addresses file says `alias`, the record holds several


def file_name(kind: Kind) -> str:
    """areas.geojson, addresses.csv, …"""
    return f"{kind.value}.geojson" if kind is Kind.AREAS else f"{kind.value}.csv"


def write_file(kind: Kind, records: Sequence[Record]) -> str:
    """The text of one file, UTF-8; for Excel write it with a byte-order mark (`utf-8-sig`)."""
    if kind is Kind.AREAS:
        return _geojson(record for record in records if isinstance(record, AreaRecord))
    columns = (*COLUMNS[kind], *OPTIONAL.get(kind, ()))
    out = StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(columns)
    for record in records:
        table.writerow([_cell(getattr(record, RENAMED.get(column, column))) for column in columns])
    return out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _geojson(records: Iterable[AreaRecord]) -> str:
    """One feature a line, so that a fault can be named by its line."""
    lines = [json.dumps(_feature(record), ensure_ascii=False) for record in records]
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"


def _feature(record: AreaRecord) -> dict[str, Any]:
    properties = {"code": record.code, "name": record.name, "level": record.level, "parent_code": record.parent_code}
    if record.households:
        properties["households"] = str(record.households)
    return {"type": "Feature", "properties": properties, "geometry": record.polygon}
