"""What each of the four CSV lists may hold: columns, allowed values, and how one row becomes a record."""

from collections.abc import Callable, Mapping
from datetime import date

from backend.areas.address_line import parse_folded
from backend.areas.chains import chains_of
from backend.areas.geometry import LEVELS
from backend.areas.spelling import fold
from backend.imports import cells
from backend.imports.cells import RowRefused
from backend.imports.problems import Fault
from backend.imports.reading import Row
from backend.imports.records import AddressRecord, ItemRecord, Kind, KnowledgeRecord, Record, StaffRecord
from backend.notices.letters import Channel

ROLES = ("worker", "responsible", "operator", "dispatcher", "verifier", "leader", "department")
ITEM_STATES = ("draft", "review", "admitted", "adjusted", "cancelled")
COLUMNS: dict[Kind, tuple[str, ...]] = {
    Kind.ADDRESSES: ("address", "alias", "area_code", "lat", "lon"),
    Kind.STAFF: ("name", "role", "area_code", "duty", "phone", "channel", "channel_id"),
    Kind.ITEMS: ("code", "name", "aliases", "level", "unit", "materials", "limit_working_days", "place", "hours",
                 "deliverable", "state"),
    Kind.KNOWLEDGE: ("question", "variants", "answer", "valid_until"),
}  # fmt: skip
OPTIONAL: dict[Kind, tuple[str, ...]] = {
    Kind.STAFF: ("unit",),
    Kind.ITEMS: ("fee", "desk_days", "cancelled_reason", "phone", "appeal", "window_a", "window_b"),
}

Known = Mapping[str, str]  # area code -> level, of the areas in the system
Reader = Callable[[Row], tuple[Record, str]]
Note = tuple[Fault, dict[str, str]] | None


def _area(row: Row, known: Known) -> str:
    code = cells.text(row.cells, "area_code", 40, needed=True)
    if code not in known:
        raise RowRefused(Fault.AREA_UNKNOWN, value=code)
    return code


def read_address(row: Row, known: Known) -> tuple[AddressRecord, str]:
    """The same address may stand under two areas (a shared alley), but not twice under one."""
    address = cells.text(row.cells, "address", 120, needed=True)
    area = _area(row, known)
    record = AddressRecord(address, cells.names(row.cells, "alias", 400), area, *cells.point(row.cells))
    return record, f"{address}\t{area}"


def note_address(record: Record) -> Note:
    """An address without any name cannot be said by a resident."""
    if isinstance(record, AddressRecord) and not chains_of(parse_folded(fold(record.address))):
        return Fault.NAMELESS_ADDRESS, {"value": record.address}
    return None


def read_staff(row: Row, known: Known) -> tuple[StaffRecord, str]:
    """One person serving two areas stands in two rows."""
    channel = cells.one_of(row.cells, "channel", tuple(Channel), default="")
    channel_id = cells.text(row.cells, "channel_id", 128)
    if bool(channel) != bool(channel_id) and channel not in (Channel.PHONE, Channel.SMS):
        raise RowRefused(Fault.CHANNEL_WITHOUT_ID)
    record = StaffRecord(
        cells.text(row.cells, "name", 60, needed=True),
        cells.one_of(row.cells, "role", ROLES),
        _area(row, known),
        cells.one_of(row.cells, "duty", ("A", "B"), default="A"),
        cells.phone(row.cells),
        str(channel),
        channel_id,
        cells.text(row.cells, "unit", 60),
    )
    return record, f"{record.name}\t{record.role}\t{record.area_code}"


def read_item(row: Row) -> tuple[ItemRecord, str]:
    """Codes are the catalogue's own."""
    record = ItemRecord(
        code=cells.code(row.cells, "code", 30),
        name=cells.text(row.cells, "name", 80, needed=True),
        aliases=cells.names(row.cells, "aliases", 400),
        level=cells.one_of(row.cells, "level", LEVELS),
        unit=cells.text(row.cells, "unit", 60, needed=True),
        materials=cells.sentences(row.cells, "materials", 600),
        limit_working_days=cells.whole_number(row.cells, "limit_working_days", 0, 365),
        place=cells.text(row.cells, "place", 120),
        hours=cells.text(row.cells, "hours", 120),
        deliverable=cells.yes_or_no(row.cells, "deliverable"),
        state=cells.one_of(row.cells, "state", ITEM_STATES),
        fee=cells.text(row.cells, "fee", 60),
        desk_days=cells.text(row.cells, "desk_days", 120),
        cancelled_reason=cells.text(row.cells, "cancelled_reason", 200),
        phone=cells.text(row.cells, "phone", 40),
        appeal=cells.text(row.cells, "appeal", 200),
        window_a=cells.text(row.cells, "window_a", 60),
        window_b=cells.text(row.cells, "window_b", 60),
    )
    return record, record.code


def read_article(row: Row) -> tuple[KnowledgeRecord, str]:
    """The question is the article's identity."""
    record = KnowledgeRecord(
        cells.text(row.cells, "question", 200, needed=True),
        cells.sentences(row.cells, "variants", 2000),
        cells.text(row.cells, "answer", 4000, needed=True),
        cells.day(row.cells, "valid_until"),
    )
    return record, record.question


def note_article(record: Record, today: date) -> Note:
    """An answer that is already past its day is stored but never shown."""
    if isinstance(record, KnowledgeRecord) and record.valid_until and record.valid_until < today:
        return Fault.ALREADY_EXPIRED, {"value": record.valid_until.isoformat()}
    return None
