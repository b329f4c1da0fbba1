"""Where is it? From words, a pin or both to an area; unclear → buttons, unknown → one more try, then honesty.

An area is never guessed in silence: it is read back by name, and what stays unknown goes to a queue with an alarm.
"""

from typing import Any

from backend.areas.placement import MOST_CANDIDATES, Placement, Reason
from bot.dialogue import words
from bot.dialogue.drafting import UNPLACED, place_words
from bot.dialogue.hearing import Heard
from bot.dialogue.state import Draft, Waiting
from bot.dialogue.turn import Talk
from bot.messages import Pin

_WHOLE = frozenset({Reason.AREA_NAMED})  # a whole street or community: true, but it may be said more exactly
PLACE_LENGTH = 60


def locate(talk: Talk, text: str, pin: Pin | None) -> Placement:
    """The desk's answer for these words and this pin."""
    return talk.desk.locate(text, pin)


def place_in(talk: Talk, heard: Heard) -> tuple[str, Placement] | None:
    """The place a message names or pins, in its own words, with the desk's answer; None when it names none."""
    pin = heard.pin
    named = place_words(heard.text, heard.meaning.entities)
    if named:
        placement = locate(talk, named, pin)
        if not placement.candidates and len(heard.text) <= PLACE_LENGTH:
            whole = locate(talk, heard.text, pin)
            return named, whole if whole.candidates else placement
        return named, placement
    if pin is not None:
        return pin.label or heard.text[:PLACE_LENGTH], locate(talk, heard.text, pin)
    return _listed_name_in(talk, heard.text) if heard.text else None


def _listed_name_in(talk: Talk, text: str) -> tuple[str, Placement] | None:
    placement = locate(talk, text, None)
    return (_shortest_naming(talk, text, placement), placement) if placement.candidates else None


def _shortest_naming(talk: Talk, text: str, placement: Placement) -> str:
    """A sentence that holds a listed name the entities did not see: the clause that still gives the same area."""
    for clause in sorted(_clauses(text), key=len):
        found = locate(talk, clause, None)
        if found.candidates and found.candidates[0].area_code == placement.candidates[0].area_code:
            return clause[:PLACE_LENGTH]
    return text[:PLACE_LENGTH]


def _clauses(text: str) -> list[str]:
    for stop in "，。,;；！!？?\n":
        text = text.replace(stop, " ")
    return [clause for clause in text.split(" ") if clause.strip()]


def together(talk: Talk, before: str, said: str, placement: Placement) -> tuple[str, Placement]:
    """A place said in two breaths ("3号楼", "幸福里的"): both joined, where that is surer than the last alone."""
    if not before or before == said or placement.sure is not None:
        return said, placement
    for joined in (f"{said.rstrip('的')}{before}", f"{before}{said}"):
        both = locate(talk, joined, None)
        if both.sure is not None:
            return joined, both
    return said, placement


def put_place(talk: Talk, draft: Draft, said: str, placement: Placement) -> None:
    """Writes a place into the draft, and into the drafts of the same message that have none."""
    said, placement = together(talk, draft.place, said, placement)
    _write(talk, draft, said, placement)
    for other in talk.state.drafts:
        if other.batch and other.batch == draft.batch and not (other.place or other.area_code):
            _write(talk, other, said, placement)


def _write(talk: Talk, draft: Draft, said: str, placement: Placement) -> None:
    draft.place = words.PLACE_SAY.sub("", said.strip())[:200] or draft.place
    draft.lat, draft.lon = placement.lat, placement.lon
    draft.candidates, draft.area_code, draft.place_settled = [], "", False
    sure, found = placement.sure, placement.candidates
    if sure is not None or len(found) == 1:
        best = sure or found[0]
        draft.area_code = best.area_code
        area = talk.desk.office.atlas.area(best.area_code)
        draft.place_settled = area is not None and area.level == "grid"
    elif 1 < len(found) <= MOST_CANDIDATES:
        draft.candidates = [one.area_code for one in found]


async def ask_place(talk: Talk, draft: Draft) -> bool:
    """The place step: True when a question was asked. Afterwards the place is settled, known or not."""
    if draft.place_settled or draft.kind in UNPLACED:
        return False
    if draft.candidates:
        return _ask_grid(talk, draft)
    waiting = Waiting("place", draft.id)
    key = "question.place" if not draft.place else "question.place_unknown"
    if draft.area_code:
        key = "question.place_wide"
    area = talk.desk.area_name(draft.area_code) if draft.area_code else ""
    facts: dict[str, Any] = {"place": draft.place, "area": area, "what": draft.title}
    if talk.ask(waiting, key, draft=draft, **facts):
        return True
    draft.place_settled = True
    return False


def _ask_grid(talk: Talk, draft: Draft) -> bool:
    choices = [(f"g:{draft.id}:{code}", talk.desk.area_name(code)) for code in draft.candidates]
    choices.append(talk.button("grid_unsure", f"g:{draft.id}:-"))
    if talk.ask(Waiting("grid", draft.id), "question.grid", choices, draft=draft, place=draft.place):
        return True
    draft.place_settled = True  # the boundary queue decides: the candidates go along
    return False


def grid_chosen(talk: Talk, draft: Draft, code: str) -> None:
    """The resident pressed one of the areas, or "not sure": then the candidates stay for the boundary queue."""
    draft.place_settled = True
    if code in draft.candidates:
        draft.area_code, draft.candidates = code, []


def area_to_file(talk: Talk, draft: Draft) -> str:
    """The deepest area known for sure: chosen, shared by the candidates, the resident's own, or the district."""
    if draft.area_code:
        return draft.area_code
    if draft.candidates:
        return shared_area(talk, draft.candidates)
    return talk.visitor.home_area_code or talk.desk.office.district_code


def shared_area(talk: Talk, codes: list[str]) -> str:
    """The deepest area that holds all of them."""
    atlas = talk.desk.office.atlas
    paths = [facts.path for facts in (atlas.area(code) for code in codes) if facts is not None]
    shared = talk.desk.office.district_code
    for step in zip(*paths, strict=False):
        if len(set(step)) > 1:
            break
        shared = step[0]
    return shared
