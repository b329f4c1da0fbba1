"""Offices with the demonstration's catalogue and articles on the shelf, for tests of finding and answering."""

from pathlib import Path

from sqlmodel import col, select

from backend.demo import catalogue
from backend.items.models import ServiceItem
from backend.knowledge.models import Article
from backend.office import Office
from tests.office_builder import DISTRICT, MONDAY, fresh_office

ITEM_FIELDS = (
    "code", "name", "aliases", "level", "unit", "materials", "limit_working_days", "place", "hours", "deliverable",
    "state", "fee", "desk_days", "cancelled_reason",
)  # fmt: skip

ITEMS, ARTICLES = catalogue.items(), catalogue.articles()


async def office_with_catalogue(folder: Path) -> Office:
    """The tiny district with the demonstration's 40 items and 60 articles."""
    office = await fresh_office(folder)
    await stock(office)
    return office


async def stock(office: Office) -> None:
    """Puts the demonstration's catalogue and articles into an office."""
    async with office.database.write() as session:
        for item in ITEMS:
            fields = {name: getattr(item, name) for name in ITEM_FIELDS}
            session.add(ServiceItem(district_code=DISTRICT, **fields))
        for article in ARTICLES:
            session.add(
                Article(
                    district_code=DISTRICT,
                    question=article.question,
                    variants=article.variants,
                    answer=article.answer,
                    updated_at=MONDAY,
                )
            )


async def item_row(office: Office, code: str) -> ServiceItem:
    """A row of the catalogue."""
    async with office.database.read() as session:
        return (await session.exec(select(ServiceItem).where(col(ServiceItem.code) == code))).one()
