"""The shelf: the catalogue and the articles with their indexes in memory, built anew when their tables changed.

Beside the map (`Atlas`) the only long-lived thing that is replaced while running; readers take a shelf once per turn.
A table changed when its number of rows, the sum of its ids or its newest change time did.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.items.facts import ItemFacts
from backend.items.finding import ItemIndex
from backend.items.models import ServiceItem
from backend.items.reading import facts_of_item
from backend.items.wording import wording
from backend.knowledge.article_index import ArticleIndex, ArticleRow
from backend.knowledge.models import Article

Stamp = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Items by code (all states), the index of their names, and the index of articles, as they were at one moment."""

    items: dict[str, ItemFacts]
    item_index: ItemIndex
    articles: ArticleIndex


class Library:
    """Holds the newest shelf of one district."""

    def __init__(self) -> None:
        self._shelf = Shelf({}, ItemIndex((), wording()), ArticleIndex((), wording()))
        self._item_stamp: Stamp = (0, None, None)
        self._article_stamp: Stamp = (0, None, None)

    async def shelf(self, session: AsyncSession) -> Shelf:
        """The shelf as the tables stand now; two small queries when nothing changed."""
        shelf, items, articles = self._shelf, await _stamp(session, ServiceItem), await _stamp(session, Article)
        if items != self._item_stamp:
            rows = (await session.exec(select(ServiceItem).order_by(ServiceItem.code))).all()
            names = ItemIndex([(row.code, row.name, row.aliases, row.state) for row in rows], wording())
            shelf = Shelf({row.code: facts_of_item(row) for row in rows}, names, shelf.articles)
        if articles != self._article_stamp:
            listed = await _active_articles(session)
            index = await asyncio.to_thread(ArticleIndex, listed, wording())  # seconds for tens of thousands
            shelf = Shelf(shelf.items, shelf.item_index, index)
        self._shelf, self._item_stamp, self._article_stamp = shelf, items, articles
        return shelf


async def _active_articles(session: AsyncSession) -> list[ArticleRow]:
    found = await session.execute(
        select_columns(
            col(Article.id),
            col(Article.question),
            col(Article.variants),
            col(Article.answer),
            col(Article.area_code),
            col(Article.valid_from),
            col(Article.valid_until),
        )
        .where(col(Article.is_active))
        .order_by(col(Article.id))
    )
    return [ArticleRow(*row) for row in found.all()]


async def _stamp(session: AsyncSession, table: type[ServiceItem] | type[Article]) -> Stamp:
    query = select_columns(func.count(), func.sum(col(table.id)), func.max(col(table.updated_at))).select_from(table)
    return tuple((await session.execute(query)).one())
