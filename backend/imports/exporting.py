"""The district's lists out of the tables again, as the records an import makes: what goes out can come back in."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.models import Address, Area, Staff
from backend.imports.records import AddressRecord, AreaRecord, ItemRecord, Kind, KnowledgeRecord, Record, StaffRecord
from backend.items.models import ServiceItem
from backend.knowledge.models import Article
from backend.office import Office


async def records_of(
    session: AsyncSession, office: Office, kind: Kind, *, with_phones: bool = False
) -> Sequence[Record]:
    """All rows of one list, in a fixed order. Staff phones are masked unless `with_phones`; an import refuses masked
    ones, because an empty or wrong number would take the place of the right one."""
    match kind:
        case Kind.AREAS:
            return await _areas(session)
        case Kind.ADDRESSES:
            return await _addresses(session)
        case Kind.STAFF:
            return await _staff(session, office, with_phones)
        case Kind.ITEMS:
            return await _items(session)
        case Kind.KNOWLEDGE:
            return await _articles(session)


async def _areas(session: AsyncSession) -> list[Record]:
    rows = await session.exec(select(Area).where(col(Area.retired_at).is_(None)).order_by(col(Area.path)))
    return [
        AreaRecord(row.code, row.name, row.level, row.parent_code, row.polygon, row.households) for row in rows.all()
    ]


async def _addresses(session: AsyncSession) -> list[Record]:
    rows = await session.exec(select(Address).order_by(col(Address.id)))
    return [AddressRecord(row.address, row.aliases, row.area_code, row.lat, row.lon) for row in rows.all()]


async def _staff(session: AsyncSession, office: Office, with_phones: bool) -> list[Record]:
    rows = await session.exec(select(Staff).where(col(Staff.is_active)).order_by(col(Staff.id)))
    return [
        StaffRecord(
            row.name,
            row.role,
            row.area_code,
            row.duty,
            _phone(office, row, with_phones),
            row.channel or "",
            row.channel_id or "",
            row.unit or "",
        )
        for row in rows.all()
    ]


def _phone(office: Office, row: Staff, whole: bool) -> str:
    phone = office.vault.open_office(row.phone_sealed, "phone")
    return phone.reveal() if whole else str(phone)


_ITEM_COLUMNS = (
    *("code", "name", "aliases", "level", "unit", "materials", "limit_working_days", "place", "hours"),
    *("deliverable", "state", "fee", "desk_days", "cancelled_reason", "phone", "appeal", "window_a", "window_b"),
)


async def _items(session: AsyncSession) -> list[Record]:
    rows = await session.exec(select(ServiceItem).order_by(col(ServiceItem.code)))
    return [ItemRecord(**{name: getattr(row, name) for name in _ITEM_COLUMNS}) for row in rows.all()]


async def _articles(session: AsyncSession) -> list[Record]:
    rows = await session.exec(select(Article).order_by(col(Article.id)))
    return [KnowledgeRecord(row.question, row.variants, row.answer, row.valid_until) for row in rows.all()]
