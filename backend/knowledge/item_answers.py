"""Sentences about an item, made from the catalogue's own columns at the moment of asking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend.domain.working_time import WorkingCalendar
from backend.items.desk_days import next_visit
from backend.items.facts import ItemFacts
from backend.items.slots import day_label
from backend.knowledge.aspects import Aspect
from backend.texts import Texts


@dataclass(frozen=True, slots=True)
class Speech:
    """In which language, and on which local day, a fact is said."""

    texts: Texts
    language: str
    calendar: WorkingCalendar
    today: date

    def say(self, key: str, **facts: str | int) -> str:
        """A sentence of `knowledge.yml`."""
        return self.texts.say(f"knowledge.{key}", self.language, seed="", **facts)

    def day(self, day: date) -> str:
        """A date as people say it."""
        return day_label(day, self.texts, self.language)

    def join(self, names: Sequence[str]) -> str:
        """A list as people say it."""
        return self.texts.say("items.part.comma", self.language).join(names)


FREE = ("0", "0元", "免费", "不收费", "无")


def item_question(item: ItemFacts, aspect: Aspect, speech: Speech) -> str:
    """The question an answer belongs to, for lists of several."""
    return speech.say(f"question.{'cancelled' if item.cancelled else aspect.value}", name=item.name)


def item_answer(item: ItemFacts, aspects: Sequence[Aspect], speech: Speech) -> str:
    """What the catalogue says of these aspects. An abolished item has one answer: nobody needs it any more."""
    if item.cancelled:
        return speech.say("item.cancelled", name=item.name, reason=item.cancelled_reason)
    return "\n".join(dict.fromkeys(_SAY[aspect](item, speech) for aspect in aspects))


def _materials(item: ItemFacts, speech: Speech) -> str:
    if not item.materials:
        return speech.say("item.no_materials", name=item.name)
    by_photo = [paper.name for paper in item.materials if paper.by_photo]
    photo = speech.say("item.photo", papers=speech.join(by_photo)) if by_photo else ""
    papers = speech.join([paper.name for paper in item.materials])
    return speech.say("item.materials", name=item.name, materials=papers, photo=photo)


def _limit(item: ItemFacts, speech: Speech) -> str:
    if item.limit_working_days == 0:
        return speech.say("item.limit_now", name=item.name)
    return speech.say("item.limit", name=item.name, days=item.limit_working_days)


def _fee(item: ItemFacts, speech: Speech) -> str:
    if not item.fee:  # not written down is not the same as free
        return speech.say("item.fee_unknown", name=item.name, unit=item.unit)
    return speech.say("item.no_fee" if item.fee in FREE else "item.fee", name=item.name, fee=item.fee)


def _phone(item: ItemFacts, speech: Speech) -> str:
    key = "item.phone" if item.phone else "item.no_phone"
    return speech.say(key, name=item.name, phone=item.phone, unit=item.unit)


def _place(item: ItemFacts, speech: Speech) -> str:
    if not item.place:
        return speech.say("item.no_place", name=item.name, unit=item.unit)
    hours = speech.say("item.hours", hours=item.hours) if item.hours else ""
    return speech.say("item.place", name=item.name, place=item.place, hours=hours, desk=_desk_part(item, speech))


def _desk_part(item: ItemFacts, speech: Speech) -> str:
    visit = next_visit(item.desk_days, speech.calendar, speech.today)
    if visit is None:
        return ""
    return speech.say(
        "item.desk", unit=visit.unit or item.unit, day=speech.day(visit.day), place=visit.place or item.place
    )


def _desk(item: ItemFacts, speech: Speech) -> str:
    return _desk_part(item, speech) or _place(item, speech)


def _deliver(item: ItemFacts, speech: Speech) -> str:
    return speech.say(f"item.{'' if item.deliverable else 'no_'}deliver", name=item.name, place=item.place)


def _overview(item: ItemFacts, speech: Speech) -> str:
    said = (_materials, _limit, _fee, _place) if item.fee else (_materials, _limit, _place)
    return "\n".join(say(item, speech) for say in said)


_SAY = {
    Aspect.MATERIALS: _materials,
    Aspect.LIMIT: _limit,
    Aspect.FEE: _fee,
    Aspect.PHONE: _phone,
    Aspect.DESK: _desk,
    Aspect.HOURS: _place,
    Aspect.PLACE: _place,
    Aspect.DELIVER: _deliver,
    Aspect.OVERVIEW: _overview,
}
