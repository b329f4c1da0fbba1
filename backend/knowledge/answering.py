"""Answers to a question: the catalogue's own facts when it names an item, the staff's articles otherwise.

| found                                                  | given without asking ("sure")        |
|--------------------------------------------------------|--------------------------------------|
| an item by name, and what is asked of it               | yes, unless an article says it better |
| opening hours or the phone of a place                  | when the place is named              |
| an article that says nearly the same                   | yes, when the next is clearly behind |
| anything else                                          | no: up to three to choose from       |

What has expired or belongs to another area is never shown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.areas.working_days import calendar_of
from backend.domain.working_time import WorkingCalendar
from backend.items.facts import ItemFacts
from backend.items.phrases import Hit
from backend.items.wording import wording
from backend.knowledge.aspects import Aspect, aspects_of
from backend.knowledge.item_answers import Speech, item_answer, item_question
from backend.knowledge.library import Shelf
from backend.knowledge.office_hours import hours_answer
from backend.office import Office

MOST = 3
SURE_FROM = 0.6  # agreement of question and article
SURE_OF_QUERY = 0.65  # … and little of the question may be foreign to it: "游泳馆几点开门" is not about the library
SURE_LEAD = 0.1  # … and this far ahead of the next
WHOLE_PHRASE = 0.95  # the question holds a whole phrase of the article …
WHOLE_FROM, WHOLE_LEAD = 0.45, 3.0  # … says little else, and no other article comes near
SHOWN_FROM = 0.1  # below, an article only shares chance words
ITEM_SHOWN_FROM = 0.55  # an item named less clearly than this is not worth a line
OVER_ITEM = 0.88  # an article this close to the question goes before the catalogue's fact


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with the question it belongs to. `score` 0..1; `sure`: it may be given without asking back."""

    article_id: int | None
    question: str
    answer: str
    score: float
    sure: bool
    source: Literal["article", "item", "hours"]
    item_code: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question with everything needed to answer it."""

    text: str
    plain: str
    aspects: tuple[Aspect, ...]
    areas: tuple[str, ...]
    day: date
    speech: Speech


async def answers_for(
    session: AsyncSession, office: Office, text: str, area_code: str, now: datetime, *, language: str = "zh_CN"
) -> list[Answer]:
    """At most three answers, best first; none when nothing is near. `area_code` "": only what holds everywhere."""
    shelf = await office.library.shelf(session)
    calendar = await calendar_of(session, office.district_code, office.zone)
    area = office.atlas.area(area_code) if area_code else None
    plain = wording().plain(text)
    today = office.local(now).date()
    asked = _Asked(
        text,
        plain,
        aspects_of(plain),
        area.path if area is not None else (),
        today,
        Speech(office.texts, language, calendar, today),
    )
    facts = _from_items(shelf, asked) or _from_hours(shelf, asked, calendar)
    return _merged(facts, _from_articles(shelf, asked))


async def about_item(
    session: AsyncSession, office: Office, code: str, text: str, now: datetime, *, language: str = "zh_CN"
) -> str:
    """What the catalogue says of this item where `text` asks for something exact (papers, time, money, place …) and
    names no other item; "" otherwise."""
    shelf = await office.library.shelf(session)
    item = shelf.items.get(code)
    exact = [one for one in aspects_of(wording().plain(text)) if one is not Aspect.OVERVIEW]
    named = shelf.item_index.find(text, 1)
    if item is None or not exact or (named and named[0].sure and named[0].code != code):
        return ""
    calendar = await calendar_of(session, office.district_code, office.zone)
    return item_answer(item, exact, Speech(office.texts, language, calendar, office.local(now).date()))


def _from_articles(shelf: Shelf, asked: _Asked) -> list[Answer]:
    found = shelf.articles.search(asked.text, asked.day, asked.areas, MOST)
    hits = [hit for hit in found if hit.agreement >= SHOWN_FROM]
    answers = []
    for place, hit in enumerate(hits):
        article = shelf.articles.articles[hit.key]
        following = max((one.agreement for one in hits[1:]), default=0.0)
        sure = place == 0 and _says_the_same(hit, following)
        answers.append(Answer(article.id, article.question, article.answer, round(hit.agreement, 3), sure, "article"))
    return answers


def _says_the_same(hit: Hit[int], following: float) -> bool:
    """Whether the best article may be given without asking; `following`: the agreement of the next one."""
    if hit.of_phrase >= WHOLE_PHRASE and hit.agreement >= max(WHOLE_FROM, WHOLE_LEAD * following):
        return True
    lead = hit.agreement - following
    return hit.agreement >= SURE_FROM and hit.of_query >= SURE_OF_QUERY and lead >= SURE_LEAD


def _from_items(shelf: Shelf, asked: _Asked) -> list[Answer]:
    """What the catalogue says of the items the question names."""
    answers = []
    for found in shelf.item_index.find(asked.text, 2):
        item = shelf.items[found.code]
        worth = found.sure or (bool(asked.aspects) and found.score >= ITEM_SHOWN_FROM)
        if not worth or not _is_here(item, asked.areas):
            continue
        aspects = asked.aspects or (Aspect.OVERVIEW,)
        said = item_answer(item, aspects, asked.speech)
        score = found.score if asked.aspects or item.cancelled else found.score * 0.8
        question = item_question(item, aspects[0], asked.speech)
        sure = found.sure and (bool(asked.aspects) or item.cancelled)
        answers.append(Answer(None, question, said, round(score, 3), sure, "item", item.code))
        if found.sure:
            break
    return answers


def _is_here(item: ItemFacts, areas: Collection[str]) -> bool:
    return (item.offered or item.cancelled) and (not item.area_code or item.area_code in areas)


def _from_hours(shelf: Shelf, asked: _Asked, calendar: WorkingCalendar) -> list[Answer]:
    if not {Aspect.HOURS, Aspect.PHONE} & set(asked.aspects):
        return []
    here = [item for item in shelf.items.values() if item.offered and _is_here(item, asked.areas)]
    found = hours_answer(here, asked.plain, asked.aspects, asked.speech)
    if found is None:
        return []
    return [Answer(None, found.question, found.answer, found.score, found.sure, "hours")]


def _merged(facts: list[Answer], articles: list[Answer]) -> list[Answer]:
    """The catalogue first when it is sure and no article says nearly the same; at most one sure answer."""
    if articles and articles[0].score >= OVER_ITEM:
        ordered = [articles[0], *facts, *articles[1:]]
    elif facts and (facts[0].sure or not articles or facts[0].score >= articles[0].score):
        ordered = [*facts, *articles]
    else:
        ordered = [*articles[:1], *facts, *articles[1:]]
    return [one if place == 0 else _unsure(one) for place, one in enumerate(ordered[:MOST])]


def _unsure(answer: Answer) -> Answer:
    return Answer(
        answer.article_id, answer.question, answer.answer, answer.score, False, answer.source, answer.item_code
    )
